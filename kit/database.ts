import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type SQL, sql as text } from 'drizzle-orm';
import type { AnyPgColumn } from 'drizzle-orm/pg-core';
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import { migrate as applyMigrations } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';
import { Counter, type Registry } from 'prom-client';
import type { Logger } from './logger.ts';
import { migrateQueues } from './queue-migrations.ts';
import { UNCOUNTED } from './uncounted.ts';
import { isStorable } from './unstorable-text.ts';

export type Sql = postgres.Sql;
export type Database = PostgresJsDatabase;
/** A database or a transaction in it: what a store's functions take. */
export type Queryable = Pick<
  Database,
  'select' | 'selectDistinct' | 'insert' | 'update' | 'delete' | 'execute' | '$with' | 'with'
>;
export type DatabaseHandle = {
  sql: Sql;
  db: Database;
  close: () => Promise<void>;
};

/** Those of these texts that PostgreSQL can hold; what it can't hold is in no column either. */
export const storableTexts = (texts: readonly string[]): string[] => texts.filter(isStorable);

/**
 * Whether a text column is one of `values`, as one parameter however many there are: with `inArray` each is a parameter of its
 * own, and PostgreSQL takes 65,535.
 */
export function isAmong(column: AnyPgColumn, values: readonly string[]): SQL {
  return text`${column} = any(${text.param(storableTexts(values))}::text[])`;
}

/** Any number would do, as long as every process that migrates takes the same: this one spells "whee" in ASCII. */
const MIGRATION_LOCK = 0x77686565;

/** The statements that each service has sent, for Prometheus. */
function statementCounter(registry: Registry): Counter<'service'> {
  const name = 'wheelhouse_sql_statements_total';
  const help = 'SQL statements sent to the database';
  const known = registry.getSingleMetric(name);
  return known instanceof Counter ? known : new Counter({ name, help, labelNames: ['service'], registers: [registry] });
}

/** The most connections that the pool of one process opens. One that listens has one more. */
export const POOL_CONNECTIONS = 10;

export type DatabaseOptions = {
  maxConnections?: number;
  statementTimeoutMs?: number;
  metrics?: { registry: Registry; service: string };
};

/**
 * Opens a pool; no connection is made before the first query. With `metrics` its statements are counted. With `statementTimeoutMs`
 * PostgreSQL ends a statement that takes longer (57014): who asked may be gone, and the statement would not know.
 */
export function openDatabase(url: string, options: DatabaseOptions = {}): DatabaseHandle {
  const { metrics, statementTimeoutMs } = options;
  const statements = metrics && statementCounter(metrics.registry).labels(metrics.service);
  const sql = postgres(url, {
    max: options.maxConnections ?? POOL_CONNECTIONS,
    connect_timeout: 5,
    onnotice: () => {},
    ...(statementTimeoutMs !== undefined && { connection: { statement_timeout: statementTimeoutMs } }),
    ...(statements && {
      debug: (_connection, query) => {
        if (!query.trimStart().startsWith(UNCOUNTED)) statements.inc();
      },
    }),
  });
  return { sql, db: drizzle(sql), close: () => sql.end({ timeout: 5 }) };
}

/** Wrong user or password (28000, 28P01), no such database (3D000): waiting mends none of them. */
const isRefusal = (err: unknown): err is postgres.PostgresError =>
  err instanceof postgres.PostgresError && ['28000', '28P01', '3D000'].includes(err.code);

/**
 * Waits until the database answers, asking once a second. BullMQ remembers its first failure for ever, so nothing that uses
 * the database may be made before.
 *
 * @throws Error naming host and port (never the password) after `deadlineMs`, or at once when the database refuses us
 */
export async function waitForDatabase(
  url: string,
  logger: Logger,
  { deadlineMs = 60_000, signal }: { deadlineMs?: number; signal?: AbortSignal } = {},
): Promise<void> {
  const { host } = new URL(url);
  const startedAt = performance.now();
  for (;;) {
    const sql = postgres(url, { max: 1, connect_timeout: 3, onnotice: () => {} });
    try {
      await sql`select 1`;
      return;
    } catch (err) {
      if (isRefusal(err)) throw new Error(`The database at ${host} refuses us`, { cause: err });
      if (performance.now() - startedAt > deadlineMs) {
        throw new Error(`The database at ${host} did not answer within ${deadlineMs / 1000} s`, { cause: err });
      }
      logger.info({ host, reason: err instanceof Error ? err.message : String(err) }, 'waiting for the database');
      await sleep(1_000, undefined, { signal });
    } finally {
      await sql.end({ timeout: 1 });
    }
  }
}

/**
 * Applies what is missing of the folder drizzle/. Several processes may call it at once: an advisory lock lets one at a time
 * through, since drizzle's own migrator races.
 */
export async function migrate(url: string, logger: Logger): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await sql`select pg_advisory_lock(${MIGRATION_LOCK})`;
    await applyMigrations(drizzle(sql), { migrationsFolder: fileURLToPath(new URL('../drizzle', import.meta.url)) });
    await migrateQueues((text, parameters) => sql.unsafe(text, parameters as never[]));
    logger.info('the database is up to date');
  } finally {
    // The lock belongs to the session and ends with it.
    await sql.end({ timeout: 5 });
  }
}
