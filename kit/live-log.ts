import type { Sql } from './database.ts';
import type { Logger } from './logger.ts';

/** Often enough that a lost notification delays a reader by a second at most. */
const POLL_MS = 1_000;
/** What a reader may lag behind before it is served from the table. */
const RING_ROWS = 2_000;
const BATCH_ROWS = 500;

export type LogRow = { position: number };

export type LiveLog<Row extends LogRow> = {
  /**
   * All rows after `position`: from the table until caught up, then from the one stream that all readers share.
   * `return()` ends it at once, also while it waits.
   */
  follow: (position: number) => AsyncIterableIterator<Row>;
  /** Resolves when a row after `position` exists, or after `timeoutMs`. */
  waitBeyond: (position: number, timeoutMs: number) => Promise<void>;
  close: () => Promise<void>;
};

export type LiveLogOptions<Row extends LogRow> = {
  sql: Sql;
  channel: string;
  /** Rows after `position`, oldest first, at most `limit`. */
  read: (position: number, limit: number) => Promise<Row[]>;
  /** The position to go on from: the head of the log at start. */
  head: () => Promise<number>;
  logger: Logger;
};

/**
 * Tails a log for any number of readers with one query per change. The tail survives a database that goes away and comes
 * back: a failed read is tried again by the next hint or second.
 */
export async function openLiveLog<Row extends LogRow>(options: LiveLogOptions<Row>): Promise<LiveLog<Row>> {
  let ring: Row[] = [];
  let tail = await options.head();
  let waiters: (() => void)[] = [];
  let reading: Promise<void> | undefined;
  let hinted = false;
  let closed = false;
  let isFailing = false;

  const wake = (): void => {
    const woken = waiters;
    waiters = [];
    for (const resume of woken) resume();
  };
  const readTail = async (): Promise<void> => {
    do {
      hinted = false;
      const rows = await options.read(tail, BATCH_ROWS);
      isFailing = false;
      if (rows.length > 0) {
        ring = [...ring, ...rows].slice(-RING_ROWS);
        tail = rows.at(-1)?.position ?? tail;
        wake();
      }
      if (rows.length === BATCH_ROWS) hinted = true;
    } while (hinted && !closed);
  };
  const hint = (): void => {
    hinted = true;
    reading ??= readTail()
      .catch((err: unknown) => {
        if (!isFailing && !closed)
          options.logger.warn({ err, channel: options.channel }, 'reading the log failed, trying again');
        isFailing = true;
      })
      .finally(() => {
        reading = undefined;
      });
  };
  /** Rows after a position behind the tail: from the ring where it reaches back far enough, else from the table. */
  const readBehind = async (position: number): Promise<Row[]> => {
    const first = ring[0]?.position ?? tail + 1;
    if (position >= first - 1) return ring.slice(position - first + 1);
    return options.read(position, BATCH_ROWS).catch((err: unknown) => {
      options.logger.debug({ err, channel: options.channel }, 'reading the log failed, trying again');
      return [];
    });
  };

  const timer = setInterval(hint, POLL_MS);
  const listening = options.sql
    .listen(options.channel, hint, hint)
    .catch((err: unknown) =>
      options.logger.debug({ err, channel: options.channel }, 'listening failed, polling goes on'),
    );

  const follow = (start: number): AsyncIterableIterator<Row> => {
    let position = start;
    let batch: Row[] = [];
    let ended = false;
    let interrupt = (): void => {};
    const pause = (timeoutMs?: number): Promise<void> =>
      new Promise((resume) => {
        interrupt = resume;
        if (timeoutMs === undefined) waiters.push(resume);
        else setTimeout(resume, timeoutMs);
      });
    const next = async (): Promise<IteratorResult<Row>> => {
      while (!ended && !closed) {
        const row = batch.shift();
        if (row !== undefined) {
          position = row.position;
          return { value: row, done: false };
        }
        // No await between the look at the tail and the wait: a row that arrives in between would wake nobody.
        if (position >= tail) {
          await pause();
          continue;
        }
        batch = await readBehind(position);
        // Behind the tail and yet nothing read: the database is away.
        if (batch.length === 0 && !ended) await pause(POLL_MS);
      }
      return { value: undefined, done: true };
    };
    return {
      next,
      return: () => {
        ended = true;
        waiters = waiters.filter((resume) => resume !== interrupt);
        interrupt();
        return Promise.resolve({ value: undefined, done: true });
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  };
  const waitBeyond = async (position: number, timeoutMs: number): Promise<void> => {
    if (tail > position || closed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    waiters.push(resolve);
    const timeout = setTimeout(resolve, timeoutMs);
    await promise;
    clearTimeout(timeout);
    waiters = waiters.filter((waiter) => waiter !== resolve);
  };
  const close = async (): Promise<void> => {
    closed = true;
    clearInterval(timer);
    wake();
    const subscription = await listening;
    await subscription?.unlisten().catch(() => {});
    await reading;
  };
  return { follow, waitBeyond, close };
}
