import type { Database } from '@wheelhouse/kit/database.ts';
import { pruneLog } from '@wheelhouse/kit/log-table.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import type { Queues } from '@wheelhouse/kit/queue.ts';
import { removeOldImports } from './store/estate-imports.ts';
import { statusChanges } from './tables.ts';

const EVERY_SECONDS = 3_600;
const DAY_MS = 86_400_000;
/** Appends wait while a batch is committed, so one is small. */
const BATCH_ROWS = 5_000;
/** What one tick removes at most, so that a long log that is to become short is no long job: the next tick goes on. */
const MAX_BATCHES = 200;

/**
 * Removes status changes that are older than `days` from the log, oldest first, in batches.
 *
 * @returns how many
 */
export async function pruneStatusLog(
  db: Database,
  now: Date,
  options: { days: number; batchRows?: number; maxBatches?: number },
): Promise<number> {
  const { days, batchRows = BATCH_ROWS, maxBatches = MAX_BATCHES } = options;
  const batch = { time: statusChanges.at, before: new Date(now.getTime() - days * DAY_MS), limit: batchRows };
  let total = 0;
  for (let count = 0; count < maxBatches; count += 1) {
    const removed = await pruneLog(db, statusChanges, batch);
    total += removed;
    if (removed < batchRows) break;
  }
  return total;
}

/** Prunes the status log and forgets old imports every hour, in one worker at a time. */
export async function openStatusLogRetention(options: {
  db: Database;
  queues: Pick<Queues, 'every'>;
  days: number;
  logger: Logger;
}): Promise<void> {
  await options.queues.every('devices-status-log-retention', EVERY_SECONDS, async (scheduledAt) => {
    await removeOldImports(options.db, scheduledAt);
    const removed = await pruneStatusLog(options.db, scheduledAt, { days: options.days });
    if (removed > 0) options.logger.info({ removed, days: options.days }, 'old status changes removed');
  });
}
