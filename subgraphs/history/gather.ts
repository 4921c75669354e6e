import type { Database } from '@wheelhouse/kit/database.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import { archivedBefore, type Day, dayOf, monthOf, monthsAhead, removableBefore, startOf } from './rules.ts';
import { analyzeNewPartitions, ensureDays, listOpenDays, readPlaces } from './store/archive-days.ts';
import { followStatusLog } from './store/daily-statuses.ts';
import { gatherBatch, type Place } from './store/gather.ts';
import { clusterMonths, ensurePartitions, lockArchive } from './store/partitions.ts';
import { sealDay } from './store/seal.ts';
import { findSampledServices } from './store/services.ts';

/** A transaction of a few seconds; four days of a thousand devices, which are then copied in one go and lie together. */
const BATCH_ROWS = 100_000;

export type Round = {
  /** Samples that were new to the archive. */
  gathered: number;
  sealed: Day[];
  open: Day[];
  /** What each service's archive holds: all its samples up to the place, and all hours before `before` are sealed. */
  removable: { service: string; place: Place; before: Date }[];
};

export type GatherOptions = {
  db: Database;
  now: Date;
  logger: Logger;
  /** Ends the round between two transactions. */
  signal?: AbortSignal;
  batchRows?: number;
};

async function gatherService(
  service: string,
  { db, now, logger, signal, batchRows = BATCH_ROWS }: GatherOptions,
): Promise<number> {
  let gathered = 0;
  try {
    for (;;) {
      signal?.throwIfAborted();
      const copied = await gatherBatch(db, { service, before: archivedBefore(now), batchRows });
      if (copied === null) return gathered;
      gathered += copied;
    }
  } catch (err) {
    if (signal?.aborted) throw err;
    // What one service has wrong keeps its own days open, and is no reason to lose the others.
    logger.error({ err, sampled: service }, 'the samples of a service could not be archived');
    return gathered;
  }
}

/** Seals what can be sealed of the open days, oldest first. */
async function sealOpenDays(
  services: readonly string[],
  options: GatherOptions,
): Promise<Pick<Round, 'sealed' | 'open'>> {
  const { db, now, logger, signal } = options;
  const before = dayOf(archivedBefore(now));
  await ensureDays(db, services, before);
  const [sealed, open]: [Day[], Day[]] = [[], []];
  for (const day of await listOpenDays(db, before)) {
    signal?.throwIfAborted();
    const obstacles = await sealDay(db, services, { day, now });
    if (obstacles.length === 0) sealed.push(day);
    else open.push(day);
    if (obstacles.length > 0) logger.warn({ day, because: obstacles.map(({ text }) => text) }, 'a day is not sealed');
  }
  if (sealed.length === 0) return { sealed, open };
  await analyzeNewPartitions(db);
  const openMonths = new Set(open.map((day) => monthOf(startOf(day))));
  await clusterMonths(db, monthOf(archivedBefore(now)), openMonths).catch((err: unknown) =>
    logger.warn({ err }, 'the rollups of a month could not be put in order, trying again after the next day'),
  );
  return { sealed, open };
}

/**
 * Archives all samples of days that are over, and seals the days that are whole. Every step is a transaction that leaves the archive true, so
 * a round may be killed anywhere, and be run again or by several processes at once.
 */
export async function gatherRound(options: GatherOptions): Promise<Round> {
  const { db, now, logger, batchRows = BATCH_ROWS } = options;
  await db.transaction(async (tx) => {
    await lockArchive(tx);
    await ensurePartitions(tx, monthsAhead(now));
  });
  const services = await findSampledServices(db);
  let gathered = 0;
  for (const service of services) gathered += await gatherService(service, options);
  while (await followStatusLog(db, batchRows)) options.signal?.throwIfAborted();
  const { sealed, open } = await sealOpenDays(services, options);
  if (gathered > 0 || sealed.length > 0) logger.info({ samples: gathered, sealed, open }, 'samples archived');
  const before = removableBefore(now, open[0] ?? null);
  const places = await readPlaces(db, services);
  return { gathered, sealed, open, removable: [...places].map(([service, place]) => ({ service, place, before })) };
}
