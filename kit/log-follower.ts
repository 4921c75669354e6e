/** How soon a read that failed is tried again. */
const RETRY_MS = 1_000;

export type LogRow = { position: number };

/** What a reader gets at a time. Without rows it says only where the reader stands. */
export type LogBatch<Row extends LogRow> = {
  rows: readonly Row[];
  /** Everything up to and including this position has been given to the reader. */
  position: number;
  /** Whether that was the tail of the log. */
  isCaughtUp: boolean;
};

/** A wait that `resume` ends early. */
export type Wait = { resume: () => void; resumed: Promise<void> };

/** What a follower needs of the log that it follows. */
export type FollowedLog<Row extends LogRow> = {
  /** The position of the last row that is known. */
  tail: () => number;
  isClosed: () => boolean;
  /** Rows after a position behind the tail, oldest first; none when they can't be read at the moment. What it throws ends the follower. */
  readBehind: (position: number) => Promise<readonly Row[]>;
  /** Waits until rows were added, for `timeoutMs` at most. */
  openWait: (timeoutMs?: number) => Wait;
};

/**
 * The rows of a log after `start`, in batches, for one reader. No batch but the first is without rows, and that one only when
 * there are none yet. An explicit iterator: a generator would see `return()` only after one more batch.
 */
export function followLog<Row extends LogRow>(
  log: FollowedLog<Row>,
  start: number,
): AsyncIterableIterator<LogBatch<Row>> {
  let position = start;
  let isFirst = true;
  let ended = false;
  let interrupt = (): void => {};
  const pause = (timeoutMs?: number): Promise<void> => {
    const { resume, resumed } = log.openWait(timeoutMs);
    interrupt = resume;
    return resumed;
  };
  const fail = (err: unknown): never => {
    ended = true;
    throw err;
  };
  const next = async (): Promise<IteratorResult<LogBatch<Row>>> => {
    while (!ended && !log.isClosed()) {
      // No await between the look at the tail and the wait: a row that arrives in between would wake nobody.
      if (position >= log.tail() && !isFirst) {
        await pause();
        continue;
      }
      const rows = position >= log.tail() ? [] : await log.readBehind(position).catch(fail);
      if (ended || log.isClosed()) break;
      if (rows.length > 0 || position >= log.tail()) {
        isFirst = false;
        position = rows.at(-1)?.position ?? position;
        return { value: { rows, position, isCaughtUp: position >= log.tail() }, done: false };
      }
      // Behind the tail and yet nothing read: the database is away.
      await pause(RETRY_MS);
    }
    return { value: undefined, done: true };
  };
  return {
    next,
    return: () => {
      ended = true;
      interrupt();
      return Promise.resolve({ value: undefined, done: true });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
