/**
 * The cursor of a stream that tells a state and no log: whoever opens it again gets all of the present, so there is but one place to
 * go on from. It is no cursor of a log.
 */
export const STATE_CURSOR = 'state';

export type StateStreamOptions<Event> = {
  /** What the reader has not been told yet, as one event; null when there is nothing. What it throws ends the stream. */
  take: () => Event | null;
  /** Called once, when the reader has left or the stream has failed. */
  left: () => void;
};

/**
 * A state as the source of a subscription: first what is, then what has become of it. A reader that is slow is told less often, and
 * the newest only: nothing is kept for it. An explicit iterator: a generator would see `return()` only after one more event.
 */
export class StateStream<Event> implements AsyncIterableIterator<Event, undefined> {
  readonly #options: StateStreamOptions<Event>;
  #waiter: PromiseWithResolvers<IteratorResult<Event, undefined>> | null = null;
  #failure: Error | null = null;
  #isOver = false;

  constructor(options: StateStreamOptions<Event>) {
    this.#options = options;
  }

  /** Something may have changed: a reader that waits is told. */
  changed(): void {
    const waiter = this.#waiter;
    if (waiter === null || this.#isOver) return;
    try {
      const event = this.#options.take();
      if (event === null) return;
      this.#waiter = null;
      waiter.resolve({ value: event, done: false });
    } catch (err) {
      this.fail(err instanceof Error ? err : new Error(String(err)));
    }
  }

  /** Ends the stream with an error. */
  fail(failure: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const waiter = this.#waiter;
    this.#waiter = null;
    if (waiter === null) this.#failure = failure;
    else waiter.reject(failure);
    this.#options.left();
  }

  /** The next event; one call waits at a time, as those who read streams do. */
  next(): Promise<IteratorResult<Event, undefined>> {
    if (this.#isOver) {
      const failure = this.#failure;
      this.#failure = null;
      return failure === null ? Promise.resolve({ value: undefined, done: true }) : Promise.reject(failure);
    }
    this.#waiter ??= Promise.withResolvers();
    const { promise } = this.#waiter;
    this.changed();
    return promise;
  }

  /** Ends the stream at once, also while it waits. */
  return(): Promise<IteratorResult<Event, undefined>> {
    const over = { value: undefined, done: true } as const;
    this.#failure = null;
    if (!this.#isOver) {
      this.#isOver = true;
      this.#waiter?.resolve(over);
      this.#waiter = null;
      this.#options.left();
    }
    return Promise.resolve(over);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
