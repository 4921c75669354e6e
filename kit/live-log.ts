import { GraphQLError } from 'graphql';
import { cursorExpired, type LogHead } from './cursor-log.ts';
import { followLog, type LogBatch, type LogRow, type Wait } from './log-follower.ts';
import type { WatchLog } from './log-watch.ts';
import type { Logger } from './logger.ts';

export type { LogBatch, LogRow };

/** What a reader may lag behind before it is served from the table. */
const RING_ROWS = 2_000;
const BATCH_ROWS = 500;

export type LiveLog<Row extends LogRow> = {
  /**
   * All rows after `position`: from the table until caught up, then from the one stream that all readers share. No batch but
   * the first is without rows, and that one only when there are none yet. `return()` ends it at once, also while it waits. It
   * fails with CURSOR_EXPIRED when the next row was pruned before it was read.
   */
  follow: (position: number) => AsyncIterableIterator<LogBatch<Row>>;
  /** Resolves when a row after `position` exists, or after `timeoutMs`. */
  waitBeyond: (position: number, timeoutMs: number) => Promise<void>;
  close: () => Promise<void>;
};

export type LiveLogOptions<Row extends LogRow> = {
  /** Names the log in log lines. */
  name: string;
  watch: WatchLog;
  /** Rows after `position`, oldest first, at most `limit`. */
  read: (position: number, limit: number) => Promise<Row[]>;
  /** Where the log stands: the position to go on from at start, and what was pruned. */
  head: () => Promise<Pick<LogHead, 'position' | 'floor'>>;
  logger: Logger;
};

/**
 * Tails a log for any number of readers with one query per change. The tail survives a database that goes away and comes
 * back: a failed read is tried again by the next hint.
 */
export async function openLiveLog<Row extends LogRow>(options: LiveLogOptions<Row>): Promise<LiveLog<Row>> {
  /** The last rows up to the tail, without a gap. */
  let ring: Row[] = [];
  let { position: tail } = await options.head();
  /** A set, since each of thousands of readers may leave while all wait. */
  const waiters = new Set<() => void>();
  let reading: Promise<void> | undefined;
  let hinted = false;
  let closed = false;
  let isFailing = false;

  const wake = (): void => {
    for (const resume of waiters) resume();
  };
  const openWait = (timeoutMs?: number): Wait => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const resume = (): void => {
      clearTimeout(timer);
      waiters.delete(resume);
      resolve();
    };
    const timer = timeoutMs === undefined ? undefined : setTimeout(resume, timeoutMs);
    waiters.add(resume);
    return { resume, resumed: promise };
  };
  const append = (rows: readonly Row[]): void => {
    if (rows[0]?.position !== tail + 1) ring = [];
    ring.push(...rows);
    // Twice as long before it is cut, so that a row is not copied with each one that follows.
    if (ring.length > 2 * RING_ROWS) ring = ring.slice(-RING_ROWS);
    tail = rows.at(-1)?.position ?? tail;
  };
  const readTail = async (): Promise<void> => {
    do {
      hinted = false;
      const rows = await options.read(tail, BATCH_ROWS);
      isFailing = false;
      if (rows.length > 0) {
        append(rows);
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
          options.logger.warn({ err, log: options.name }, 'reading the log failed, trying again');
        isFailing = true;
      })
      .finally(() => {
        reading = undefined;
        // It came when the last read was over, and this one had not been noticed to be.
        if (hinted && !isFailing && !closed) hint();
      });
  };
  const readTable = async (position: number): Promise<Row[]> => {
    const rows = await options.read(position, BATCH_ROWS);
    // Asked for after the rows: what is pruned from here on was read.
    if (rows[0]?.position !== position + 1 && (await options.head()).floor > position) throw cursorExpired();
    return rows;
  };
  /** Rows after a position behind the tail: from the ring where it reaches back far enough, else from the table. */
  const readBehind = async (position: number): Promise<Row[]> => {
    if (position >= (ring[0]?.position ?? tail + 1) - 1)
      return ring.slice(ring.findLastIndex((row) => row.position <= position) + 1);
    return readTable(position).catch((err: unknown) => {
      if (err instanceof GraphQLError) throw err;
      options.logger.debug({ err, log: options.name }, 'reading the log failed, trying again');
      return [];
    });
  };

  const watching = options.watch({ tail: () => tail, hint });

  const follow = (position: number): AsyncIterableIterator<LogBatch<Row>> =>
    followLog({ tail: () => tail, isClosed: () => closed, readBehind, openWait }, position);
  const waitBeyond = async (position: number, timeoutMs: number): Promise<void> => {
    const endsAt = performance.now() + timeoutMs;
    // What wakes it may be a row that it has had, and that this tail comes to only now.
    for (let leftMs = timeoutMs; tail <= position && !closed && leftMs > 0; leftMs = endsAt - performance.now())
      await openWait(leftMs).resumed;
  };
  const close = async (): Promise<void> => {
    closed = true;
    wake();
    await watching.close();
    await reading;
  };
  return { follow, waitBeyond, close };
}
