import type { Database } from '@wheelhouse/kit/database.ts';
import { pruneLog } from '@wheelhouse/kit/log-table.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import type { Queues } from '@wheelhouse/kit/queue.ts';
import type { Sealer } from '@wheelhouse/kit/sealed.ts';
import type { PgTable } from 'drizzle-orm/pg-core';
import { gatherAudit } from './audit.ts';
import { FORGET_MS } from './rules/attempts.ts';
import { IDLE_MS } from './rules/refresh.ts';
import { rotateSigningKeys } from './signing.ts';
import { removeOld } from './store/sessions.ts';
import { accessLog } from './tables.ts';

const DAY_MS = 86_400_000;
/** Far longer than any token lives, so that a router which was away for a while goes on where it was. */
const ACCESS_KEPT_MS = 3_600_000;
/** From where nobody has signed in for so long a stranger might by now. */
const KNOWN_MS = 180 * DAY_MS;
const PRUNED_ROWS = 10_000;
const EVERY = { audit: 15, upkeep: 3_600 };

/** Removes all old rows of a log, so many at a time that nobody waits for long. */
async function prune(db: Database, log: PgTable, which: Omit<Parameters<typeof pruneLog>[2], 'limit'>): Promise<void> {
  while ((await pruneLog(db, log, { ...which, limit: PRUNED_ROWS })) > 0);
}

export type UpkeepOptions = { db: Database; sealer: Sealer; logger: Logger; now: Date };

/** Removes what is over, and sees to the keys that tokens are signed with. Any number of processes may do it at once. */
export async function keepUp({ db, sealer, logger, now }: UpkeepOptions): Promise<void> {
  const ago = (ms: number): Date => new Date(now.getTime() - ms);
  const keys = await rotateSigningKeys(db, sealer, now);
  if (keys.made !== null || keys.removed.length > 0) logger.info(keys, 'signing keys rotated');
  const removed = await removeOld(db, {
    ...{ before: ago(FORGET_MS), knownBefore: ago(KNOWN_MS) },
    idleBefore: ago(IDLE_MS + FORGET_MS),
  });
  await prune(db, accessLog, { time: accessLog.at, before: ago(ACCESS_KEPT_MS) });
  logger.info(removed, 'what is over was removed');
}

/** Gathers the audit log and keeps sessions and keys in order, each once at a time among all workers. */
export async function openUpkeep(
  options: Omit<UpkeepOptions, 'now'> & { queues: Queues; now: () => Date },
): Promise<void> {
  const { db, queues, logger, now } = options;
  await queues.every('accounts-audit', EVERY.audit, async () => {
    await gatherAudit(db, logger);
  });
  await queues.every('accounts-upkeep', EVERY.upkeep, () => keepUp({ ...options, now: now() }));
}
