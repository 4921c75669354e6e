import { createPostgresBackend, runMigrations } from 'bullmq';
import { sql } from 'drizzle-orm';
import type { Queryable } from './database.ts';
import type { Logger } from './logger.ts';
import type { QueueDepth } from './processes.ts';
import type { QueueBackend } from './queue-backend.ts';
import { UNCOUNTED } from './uncounted.ts';

/** The most connections of one queue, to add to it or to take from it; to take from it one more listens. */
export const QUEUE_CONNECTIONS = 4;

/**
 * The longest that a worker sleeps without looking for jobs. BullMQ has an hour, and relies on being told: of a job that is due later
 * it learns by a look when it falls asleep, which fails unnoticed when the database has just been away.
 */
const LONGEST_SLEEP_SECONDS = 5;

/** Over all queues at once, by the table and the columns that BullMQ's own `getCounts` has. */
async function countJobs(db: Queryable, names: readonly string[]): Promise<QueueDepth[]> {
  const nowMs = Date.now();
  const rows = await db.execute<{ name: string; waiting: number; active: number }>(sql`
    ${sql.raw(UNCOUNTED)} select name,
      (select count(*)::int from bullmq.job where queue = name
        and (state = 'waiting' or (state = 'delayed' and process_at_ms <= ${nowMs}::bigint))) as waiting,
      (select count(*)::int from bullmq.job where queue = name and state = 'active') as active
    from unnest(${sql.param(names)}::text[]) as queues (name)`);
  return rows.map(({ name, waiting, active }) => ({ name, waiting, active, atMs: nowMs }));
}

/** The database must answer and be migrated: BullMQ remembers its first failure for ever. */
export function openPostgresBackend(databaseUrl: string, logger: Logger): QueueBackend {
  const connection = { connectionString: databaseUrl, max: QUEUE_CONNECTIONS, skipMigrations: true };
  return {
    factory: (name, options, role) => {
      const backend = createPostgresBackend(name, { ...options, connection }, role);
      Object.defineProperty(backend, 'maximumBlockTimeout', { value: LONGEST_SLEEP_SECONDS });
      return backend;
    },
    ready: () => Promise.resolve(),
    attempt: (_what, run) => run(),
    count: countJobs,
    watch: () => {},
    onError: (queue, err) => logger.warn({ err, queue }, 'queue connection failed, trying again'),
    giveUp: () => {},
    close: () => {},
  };
}

/** Makes or updates BullMQ's own tables. `query` must run every statement on one connection. */
export async function migrateQueues(
  query: (text: string, parameters: readonly unknown[]) => Promise<unknown[]>,
): Promise<void> {
  await runMigrations({
    query: async <R>(text: string, parameters: readonly unknown[] = []) => ({
      rows: (await query(text, parameters)) as R[],
    }),
  });
}
