import { Counter, type Registry } from 'prom-client';
import type { Database } from './database.ts';
import type { Logger } from './logger.ts';
import type { JobQueue, Queues } from './queue.ts';
import {
  hasSampleRun,
  pruneSamples,
  publishSampleNames,
  type SampleSource,
  type SampleTables,
  type SealedSamples,
  takeSamples,
} from './sample-store.ts';

export type { SampleSource, SampleTables };

const HOUR_MS = 3_600_000;

export type SamplerOptions = {
  db: Database;
  queues: Pick<Queues, 'every'>;
  /** Names the queue and the metrics. */
  service: string;
  tables: SampleTables;
  sources: readonly SampleSource[];
  /** Where the service is told what is archived for good. */
  sealed: Pick<JobQueue<SealedSamples>, 'work'>;
  metrics: Registry;
  logger: Logger;
  now: () => Date;
};

const hourOf = (at: Date): Date => new Date(Math.floor(at.getTime() / HOUR_MS) * HOUR_MS);
const laterOf = (one: Date, other: Date): Date => (one > other ? one : other);

/** A counter that all services of a process share. */
function counterOf(registry: Registry, name: string, help: string): Counter<'service'> {
  const known = registry.getSingleMetric(name);
  return known instanceof Counter ? known : new Counter({ name, help, labelNames: ['service'], registers: [registry] });
}

/**
 * Samples a service's tables on every hour, once among all its workers, and removes the samples that are archived for good. A tick
 * that comes late stands for its hour until the next one begins; after that the hour has no samples, since what the tables said then
 * is not known any more. Resolves when the queues are open.
 */
export async function openSampler(options: SamplerOptions): Promise<void> {
  const { db, service, tables, sources, logger, now } = options;
  const labels = { service };
  const taken = counterOf(options.metrics, 'wheelhouse_samples_total', 'Samples taken on the hour');
  const leftOut = counterOf(options.metrics, 'wheelhouse_sample_hours_left_out_total', 'Hours that were not sampled');
  leftOut.inc(labels, 0);

  const take = async (hour: Date): Promise<void> => {
    const samples = await takeSamples(db, tables, sources, { hour, now: laterOf(now(), hour) });
    if (samples === null) return;
    taken.inc(labels, samples);
    logger.info({ hour, samples }, 'samples taken');
  };
  /** @param scheduledAt the hour for which the tick was made */
  const onTick = async (scheduledAt: Date): Promise<void> => {
    // A clock that is behind the one that made the tick does not move it to the hour before.
    const hour = laterOf(hourOf(now()), scheduledAt);
    if (hour > scheduledAt && !(await hasSampleRun(db, tables, scheduledAt))) {
      const hours = (hour.getTime() - scheduledAt.getTime()) / HOUR_MS;
      leftOut.inc(labels, hours);
      logger.warn({ from: scheduledAt, hours }, 'hours without samples: nobody took them in time');
    }
    await take(hour);
  };

  await publishSampleNames(db, tables, sources);
  // A schedule that is made anew may leave out a tick that is due (kit/queue.ts): a restart over the hour must not cost its samples.
  const present = hourOf(now());
  if (await hasSampleRun(db, tables, new Date(present.getTime() - HOUR_MS))) await take(present);
  await options.queues.every(`${service}-samples`, HOUR_MS / 1_000, onTick);
  await options.sealed.work(
    async (sealed) => {
      const removed = await pruneSamples(db, tables, sealed, now());
      if (removed > 0) logger.info({ removed, before: sealed.before }, 'archived samples removed');
    },
    { concurrency: 1 },
  );
}
