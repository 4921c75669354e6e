import { GraphQLError } from 'graphql';

/** Where a source puts what happens; calls after the end are ignored. */
export type EventSink<E> = {
  event: (event: E) => void;
  /** No more events: what waits is still delivered. */
  end: (err?: unknown) => void;
};

type Entry<R> = { state: 'waiting' | 'running' } | { state: 'done'; result: R };

export type EventStreamOptions<E, R> = {
  /** Opens the source; the function it returns frees it. */
  open: (sink: EventSink<E>) => () => void;
  /** Makes the result of an event; must not throw. */
  process: (event: E, signal: AbortSignal) => Promise<R>;
  /** Events that may wait; one more frees the source, and what waits is delivered before SLOW_CONSUMER. */
  capacity: number;
  /** Events in `process` at the same time. Results keep the order of the events. */
  parallel: number;
};

/**
 * Events of a source as an async iterator that a subscriber can leave at any moment: `return()` frees the source at once, while
 * an async generator would first wait for its pending `next()`, which is the next event.
 */
export class EventStream<E, R> implements AsyncIterableIterator<R, undefined> {
  readonly #options: EventStreamOptions<E, R>;
  readonly #queue: { event: E; entry: Entry<R> }[] = [];
  readonly #aborter = new AbortController();
  readonly #close: () => void;
  #running = 0;
  #ended: { err?: unknown } | null = null;
  #waiter: PromiseWithResolvers<IteratorResult<R, undefined>> | null = null;

  constructor(options: EventStreamOptions<E, R>) {
    this.#options = options;
    let closed = false;
    let dispose: (() => void) | null = null;
    this.#close = () => {
      closed = true;
      dispose?.();
      dispose = null;
    };
    dispose = options.open({ event: (event) => this.#push(event), end: (err) => this.#end(err) });
    // A source may fail while it is being opened.
    if (closed) this.#close();
  }

  next(): Promise<IteratorResult<R, undefined>> {
    this.#waiter ??= Promise.withResolvers();
    const { promise } = this.#waiter;
    this.#deliver();
    return promise;
  }

  return(): Promise<IteratorResult<R, undefined>> {
    this.#drop();
    return Promise.resolve({ done: true, value: undefined });
  }

  throw(err?: unknown): Promise<IteratorResult<R, undefined>> {
    this.#drop();
    return Promise.reject(err);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #push(event: E): void {
    if (this.#ended !== null) return;
    if (this.#queue.length >= this.#options.capacity) {
      this.#end(slowConsumer(this.#options.capacity));
    } else {
      this.#queue.push({ event, entry: { state: 'waiting' } });
      this.#start();
    }
  }

  #start(): void {
    for (const item of this.#queue) {
      if (this.#running >= this.#options.parallel) return;
      if (item.entry.state !== 'waiting') continue;
      item.entry = { state: 'running' };
      this.#running += 1;
      void this.#options.process(item.event, this.#aborter.signal).then((result) => {
        item.entry = { state: 'done', result };
        this.#running -= 1;
        this.#deliver();
        this.#start();
      });
    }
  }

  #deliver(): void {
    const waiter = this.#waiter;
    if (waiter === null) return;
    const [head] = this.#queue;
    if (head?.entry.state === 'done') {
      this.#waiter = null;
      this.#queue.shift();
      waiter.resolve({ done: false, value: head.entry.result });
    } else if (head === undefined && this.#ended !== null) {
      this.#waiter = null;
      const { err } = this.#ended;
      // An iterator that failed is over: the error is told once.
      this.#ended = {};
      if (err === undefined) waiter.resolve({ done: true, value: undefined });
      else waiter.reject(err);
    }
  }

  #end(err?: unknown): void {
    if (this.#ended !== null) return;
    this.#ended = err === undefined ? {} : { err };
    this.#close();
    this.#deliver();
  }

  /** Ends without delivering what waits. */
  #drop(): void {
    this.#queue.length = 0;
    this.#ended = {};
    this.#close();
    this.#aborter.abort();
    this.#deliver();
  }
}

function slowConsumer(capacity: number): GraphQLError {
  return new GraphQLError(
    `More than ${capacity} events waited for this subscriber: subscribe again from the last cursor`,
    {
      extensions: { code: 'SLOW_CONSUMER', capacity },
    },
  );
}
