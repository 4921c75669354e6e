/**
 * Events that wait for their reader, as an async iterator that can be left at any moment: `return()` is seen at once, while an async
 * generator would first wait for its pending `next()`, which is the next event.
 */
export class EventBuffer<E> implements AsyncIterableIterator<E, undefined> {
  readonly #listener: { taken: (event: E) => void; left: () => void };
  readonly #events: E[] = [];
  readonly #readers: PromiseWithResolvers<IteratorResult<E, undefined>>[] = [];
  #waits: { isReached: () => boolean; resolve: () => void }[] = [];
  #ended: { err?: unknown } | null = null;

  /** @param listener `taken` is called for each event as it is handed out, `left` when the reader goes */
  constructor(listener: { taken: (event: E) => void; left: () => void }) {
    this.#listener = listener;
  }

  get size(): number {
    return this.#events.length;
  }

  push(event: E): void {
    if (this.#ended !== null) return;
    this.#events.push(event);
    this.#deliver();
  }

  /** No more events: what waits is still handed out, then the error if there is one. */
  end(err?: unknown): void {
    this.#ended ??= err === undefined ? {} : { err };
    this.#deliver();
  }

  /** Resolves when no more than `size` events wait; also when the reader has gone. */
  drained(size: number): Promise<void> {
    return this.#until(() => this.#events.length <= size);
  }

  /** Resolves when the reader has taken all and asks for more, so that it is done with the last one, too; also when it has gone. */
  caughtUp(): Promise<void> {
    return this.#until(() => this.#events.length === 0 && (this.#readers.length > 0 || this.#ended !== null));
  }

  next(): Promise<IteratorResult<E, undefined>> {
    const reader = Promise.withResolvers<IteratorResult<E, undefined>>();
    this.#readers.push(reader);
    this.#deliver();
    return reader.promise;
  }

  return(): Promise<IteratorResult<E, undefined>> {
    this.#leave();
    return Promise.resolve({ done: true, value: undefined });
  }

  throw(err?: unknown): Promise<IteratorResult<E, undefined>> {
    this.#leave();
    return Promise.reject(err);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #leave(): void {
    this.#events.length = 0;
    this.#ended = {};
    this.#listener.left();
    this.#deliver();
  }

  #until(isReached: () => boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waits.push({ isReached, resolve });
    this.#deliver();
    return promise;
  }

  #deliver(): void {
    while (this.#readers.length > 0 && (this.#events.length > 0 || this.#ended !== null)) {
      const reader = this.#readers.shift();
      const [event] = this.#events.splice(0, 1);
      if (event !== undefined) {
        this.#listener.taken(event);
        reader?.resolve({ done: false, value: event });
      } else if (this.#ended?.err !== undefined) {
        const { err } = this.#ended;
        // An iterator that failed is over: the error is told once.
        this.#ended = {};
        reader?.reject(err);
      } else {
        reader?.resolve({ done: true, value: undefined });
      }
    }
    const reached = this.#waits.filter(({ isReached }) => isReached());
    this.#waits = this.#waits.filter((wait) => !reached.includes(wait));
    for (const { resolve } of reached) resolve();
  }
}
