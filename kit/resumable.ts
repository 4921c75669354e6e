import type { LogBatch, LogRow } from './log-follower.ts';

/**
 * What a resumable stream sends next: an event with its cursor, or, where `event` is null, a mark: all that the subscriber asked
 * for up to and including this cursor has been sent, and the log goes no further yet.
 */
export type Step<Event> = { cursor: string; event: Event | null };

export type LogStreamOptions<Row extends LogRow, Event> = {
  batches: AsyncIterableIterator<LogBatch<Row>>;
  cursorOf: (position: number) => string;
  /** Whether the subscriber asked for such a row. */
  matches: (row: Row) => boolean;
  eventOf: (row: Row, cursor: string) => Event;
};

/**
 * A log as the source of a subscription. As an iterator it gives the events; `steps` gives cursors and marks as well: one when
 * it first reaches the tail, and one whenever the tail moved on over rows that are no event, once per batch. A stream is read
 * one way or the other.
 */
export class LogStream<Row extends LogRow, Event> implements AsyncIterableIterator<Event> {
  readonly #options: LogStreamOptions<Row, Event>;
  #batch: LogBatch<Row> | null = null;
  /** How many rows of the batch have been looked at. */
  #seen = 0;
  #lastEvent = -1;
  #hasCaughtUp = false;

  constructor(options: LogStreamOptions<Row, Event>) {
    this.#options = options;
  }

  /** The next step that the batch in hand holds. */
  #take(): Step<Event> | null {
    const batch = this.#batch;
    if (batch === null) return null;
    const { cursorOf, matches, eventOf } = this.#options;
    while (this.#seen < batch.rows.length) {
      const row = batch.rows[this.#seen];
      this.#seen += 1;
      if (row === undefined || !matches(row)) continue;
      this.#lastEvent = row.position;
      const cursor = cursorOf(row.position);
      return { cursor, event: eventOf(row, cursor) };
    }
    this.#batch = null;
    if (!batch.isCaughtUp || (this.#hasCaughtUp && this.#lastEvent === batch.position)) return null;
    this.#hasCaughtUp = true;
    return { cursor: cursorOf(batch.position), event: null };
  }

  async #nextStep(): Promise<IteratorResult<Step<Event>>> {
    for (;;) {
      const step = this.#take();
      if (step !== null) return { value: step, done: false };
      const { value, done } = await this.#options.batches.next();
      if (done) return { value: undefined, done: true };
      this.#batch = value;
      this.#seen = 0;
    }
  }

  /** Events with their cursors, and marks; `ready` is the next one that is at hand, or null. */
  steps(): AsyncIterator<Step<Event>> & { ready: () => Step<Event> | null } {
    return { next: () => this.#nextStep(), ready: () => this.#take(), return: () => this.return() };
  }

  /** The next event that is at hand, or null. */
  ready(): Event | null {
    for (let step = this.#take(); step !== null; step = this.#take()) if (step.event !== null) return step.event;
    return null;
  }

  async next(): Promise<IteratorResult<Event>> {
    for (;;) {
      const { value, done } = await this.#nextStep();
      if (done) return { value: undefined, done: true };
      if (value.event !== null) return { value: value.event, done: false };
    }
  }

  /** Ends the stream at once, also while it waits. */
  async return(): Promise<{ value: undefined; done: true }> {
    this.#batch = null;
    await this.#options.batches.return?.();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
