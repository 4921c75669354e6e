import type { BackendFactory, IQueueBackend } from 'bullmq';

import type { Queryable } from './database.ts';
import type { QueueDepth } from './processes.ts';

/** What BullMQ's classes get for a connection, since the factory has its own. */
export const OWN_CONNECTION = 'own';

/** Where the queues are kept, and what is particular to being kept there. */
export type QueueBackend = {
  factory: BackendFactory<IQueueBackend, typeof OWN_CONNECTION>;
  /** What workers are opened with besides what is the same everywhere. */
  workerOptions: { drainDelay?: number };
  /** Resolves when queues may be opened. @throws Error when that takes too long, or is refused */
  ready: () => Promise<void>;
  /** Runs what speaks to a queue; `what` is what could not be done. @throws Error, after a deadline, while the backend is away */
  attempt: <T>(what: string, run: () => Promise<T>) => Promise<T>;
  /** What waits in these queues, those that are due, with one statement. */
  count: (db: Queryable, names: readonly string[]) => Promise<QueueDepth[]>;
  /** Calls `look` whenever schedules may have been lost. */
  watch: (look: () => Promise<void>) => void;
  /** Logs a failure of one queue's connection, unless the backend has logged its own. */
  onError: (queue: string, err: Error) => void;
  /** Ends the connections of workers that could not close because the backend is away. */
  giveUp: () => void;
  close: () => void;
};
