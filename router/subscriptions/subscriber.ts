import { type ExecutionResult, GraphQLError } from 'graphql';
import type { Caller } from '../access/caller.ts';
import type { Feed } from './feed.ts';
import type { Outcome, Projection } from './projection.ts';

/** Told what becomes of a subscriber. */
export type SubscriberOwner = {
  /** It takes no more events; called once. */
  left: (subscriber: Subscriber, reason: EndReason) => void;
  /** What waited has been handed out but for a quarter of what may wait, or altogether. */
  drained: (subscriber: Subscriber) => void;
  /** Events that subscribers have been handed, of all together. */
  delivered: number;
};

export type EndReason =
  | 'unsubscribed'
  | 'completed'
  | 'slow'
  | 'lost'
  | 'refused'
  | 'reload'
  | 'lifetime'
  | 'access'
  | 'stopping';

/**
 * The results of one subscription as an async iterator that a client can leave at any moment: `return()` takes effect at once,
 * while an async generator would first wait for its pending `next()`, which is the next event. There are thousands of these,
 * most of them idle: one that waits holds a promise and little else.
 */
export class Subscriber implements AsyncIterableIterator<ExecutionResult, undefined> {
  /** Events up to this position it has had, or did not ask for. */
  skipUpTo = -1;
  /** Where it listens; null once it has left. */
  seat: { feed: Feed; projection: Projection } | null = null;
  readonly startedAtMs: number;
  readonly capacity: number;
  /** Whose it is; null where there are no accounts. */
  readonly caller: Caller | null;
  /** Who is counted. */
  readonly countedAs: string;
  readonly #owner: SubscriberOwner;
  #queue: Outcome[] = NOTHING;
  #waiter: PromiseWithResolvers<IteratorResult<ExecutionResult, undefined>> | null = null;
  #ended: { err: unknown } | null = null;

  /** @param capacity events that may wait; one more ends the stream, and what waits is delivered before SLOW_CONSUMER */
  constructor(
    owner: SubscriberOwner,
    capacity: number,
    startedAtMs: number,
    { caller, countedAs }: Pick<Subscriber, 'caller' | 'countedAs'>,
  ) {
    this.#owner = owner;
    this.capacity = capacity;
    this.startedAtMs = startedAtMs;
    this.caller = caller;
    this.countedAs = countedAs;
  }

  /** Events that wait. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Takes the outcome of an event, there or still to come. */
  offer(outcome: Outcome): void {
    if (this.#ended !== null) return;
    if (this.#queue.length >= this.capacity) {
      this.end('slow', slowConsumer(this.capacity));
      return;
    }
    if (this.#queue === NOTHING) this.#queue = [];
    this.#queue.push(outcome);
    if (this.#waiter !== null && this.#queue.length === 1) this.deliver();
  }

  /** No more events: what waits is still delivered, and then `err`, or the end. */
  end(reason: EndReason, err?: unknown): void {
    if (this.#ended !== null) return;
    this.#ended = { err };
    this.#owner.left(this, reason);
    this.deliver();
  }

  next(): Promise<IteratorResult<ExecutionResult, undefined>> {
    this.#waiter ??= Promise.withResolvers();
    const { promise } = this.#waiter;
    this.deliver();
    return promise;
  }

  return(): Promise<IteratorResult<ExecutionResult, undefined>> {
    this.#queue = NOTHING;
    if (this.#ended === null) this.end('unsubscribed');
    else this.#ended = DONE;
    this.deliver();
    return Promise.resolve({ done: true, value: undefined });
  }

  throw(err?: unknown): Promise<IteratorResult<ExecutionResult, undefined>> {
    void this.return();
    return Promise.reject(err);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Hands out what is next, if somebody asked for it and it is there. */
  deliver(): void {
    const waiter = this.#waiter;
    if (waiter === null) return;
    const head = this.#queue[0];
    if (head !== undefined) {
      if (head.result === null) {
        head.whenDone(this);
        return;
      }
      this.#waiter = null;
      this.#queue.shift();
      this.#owner.delivered += 1;
      waiter.resolve({ done: false, value: head.result });
      const { length } = this.#queue;
      if (length === this.capacity >> 2 || length === 0) this.#owner.drained(this);
    } else if (this.#ended !== null) {
      this.#waiter = null;
      const { err } = this.#ended;
      // An iterator that failed is over: the error is told once.
      this.#ended = DONE;
      if (err === undefined) waiter.resolve({ done: true, value: undefined });
      else waiter.reject(err);
    }
  }
}

/** The queue of all who have nothing waiting. */
const NOTHING: Outcome[] = [];
const DONE = { err: undefined };

const slowConsumer = (capacity: number): GraphQLError =>
  new GraphQLError(`More than ${capacity} events waited for this subscriber: subscribe again from the last cursor`, {
    extensions: { code: 'SLOW_CONSUMER', capacity },
  });
