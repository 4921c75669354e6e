import { GraphQLError } from 'graphql';

export type Entry = { cursor: string; value: number };
/** What the server makes of an entry that it fails to tell. */
export type Told = Entry | { failed: GraphQLError };

/** A log in memory, as a service keeps one: subscribers begin after a cursor, and each entry comes to each of them once. */
export class Log {
  epoch = 'a';
  /** Entries below this position are gone. */
  oldest = 0;
  /** Errors with which the next subscriptions are refused, in order. */
  readonly refusals: GraphQLError[] = [];
  /** Errors in the place of entries, by their values: one each time that the entry is told. */
  readonly faults = new Map<number, GraphQLError[]>();
  /** The cursor of every subscription that was asked for, in order. */
  readonly asked: (string | null)[] = [];
  readonly #listeners = new Set<(end?: { err: Error | null }) => void>();
  #length = 0;

  /** Subscribers that are there. */
  get listeners(): number {
    return this.#listeners.size;
  }

  get head(): string {
    return `${this.epoch}-${this.#length}`;
  }

  /** Appends entries with the values that follow: 1, 2, 3 ... */
  append(count = 1): void {
    this.#length += count;
    for (const wake of this.#listeners) wake();
  }

  /** Ends all subscriptions once they have what there is, with an error if there is one. */
  end(err: Error | null = null): void {
    for (const wake of [...this.#listeners]) wake({ err });
  }

  subscribe(after: string | null): AsyncIterableIterator<Told, undefined> {
    this.asked.push(after);
    const refusal = this.refusals.shift();
    if (refusal !== undefined) throw refusal;
    let position = after === null ? this.#length : this.#positionOf(after);
    let end: { err: Error | null } | null = null;
    let waiter: PromiseWithResolvers<IteratorResult<Told, undefined>> | null = null;
    const wake = (ending?: { err: Error | null }): void => {
      end ??= ending ?? null;
      if (end !== null) this.#listeners.delete(wake);
      if (waiter === null || (end === null && position >= this.#length)) return;
      const { resolve, reject } = waiter;
      waiter = null;
      if (position < this.#length) {
        position += 1;
        const failed = this.faults.get(position)?.shift();
        const entry = { cursor: `${this.epoch}-${position}`, value: position };
        resolve({ done: false, value: failed === undefined ? entry : { failed } });
      } else if (end?.err) reject(end.err);
      else resolve({ done: true, value: undefined });
    };
    this.#listeners.add(wake);
    const leave = (): Promise<IteratorResult<Told, undefined>> => {
      position = this.#length;
      wake({ err: null });
      return Promise.resolve({ done: true, value: undefined });
    };
    return {
      next: () => {
        waiter = Promise.withResolvers();
        const { promise } = waiter;
        wake();
        return promise;
      },
      return: leave,
      throw: leave,
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  #positionOf(cursor: string): number {
    const [epoch, position] = cursor.split('-');
    if (epoch !== this.epoch) throw fault('CURSOR_INVALID', 'after is a cursor of another log');
    if (Number(position) < this.oldest) throw fault('CURSOR_EXPIRED', 'after is older than the log');
    return Number(position);
  }
}

export const fault = (code: string, message = 'as the test wants it'): GraphQLError =>
  new GraphQLError(message, { extensions: { code } });
