import type { Queryable } from '@wheelhouse/kit/database.ts';
import { processesTable, queueDepthsShape } from '@wheelhouse/kit/processes.ts';
import { sweepNoteShape } from '@wheelhouse/kit/sweep-log.ts';
import { desc, sql } from 'drizzle-orm';
import { pgSchema } from 'drizzle-orm/pg-core';
import type { ProcessRow } from '../rules/services.ts';

/** More processes than anybody runs of a service; one that falls again and again leaves a row each time. */
const MAX_PROCESSES = 200;

/**
 * The services that there are, by name: each schema with a table of processes. Nothing lists them, and a service that was never started is among
 * them, since the migrations made its table.
 */
export async function findServices(db: Queryable): Promise<string[]> {
  const rows = await db.execute<{ service: string }>(sql`
    select namespace.nspname as service
    from pg_class as told join pg_namespace as namespace on namespace.oid = told.relnamespace
    where told.relname = 'processes' and told.relkind in ('r', 'p') and told.relpersistence = 'p'
    order by namespace.nspname`);
  return rows.map(({ service }) => service);
}

/** The database's time, and since when it is there. */
export async function readDatabaseTimes(db: Queryable): Promise<{ now: Date; databaseSince: Date }> {
  const [row] = await db.execute<{ now: number; since: number }>(sql`
    select extract(epoch from now())::float8 as now, extract(epoch from pg_postmaster_start_time())::float8 as since`);
  if (row === undefined) throw new Error('a select without a from has one row');
  return { now: new Date(row.now * 1_000), databaseSince: new Date(row.since * 1_000) };
}

/** What the processes of a service tell of themselves, the newest word first. @throws Error where the table can't be read */
export async function readProcesses(db: Queryable, service: string): Promise<ProcessRow[]> {
  const processes = processesTable(pgSchema(service));
  const rows = await db.select().from(processes).orderBy(desc(processes.seenAt)).limit(MAX_PROCESSES);
  return rows.map((row) => ({
    ...row,
    // Another version of the service may note otherwise: then nobody knows, and the rest is told all the same.
    sweep: sweepNoteShape.nullable().catch(null).parse(row.sweep),
    queues: queueDepthsShape.nullable().catch(null).parse(row.queues),
  }));
}
