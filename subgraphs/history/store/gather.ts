import type { Database, Queryable } from '@wheelhouse/kit/database.ts';
import { eq, sql } from 'drizzle-orm';
import { monthOf } from '../rules.ts';
import { archivedDayServices, archivedDays, archivedSamples, gatherCursors, layouts, metrics } from '../tables.ts';
import { ensureLayout } from './layouts.ts';
import { ensurePartitions, lockArchive } from './partitions.ts';
import { sourceOf, tableOf } from './services.ts';

/** Why a day is open until the end of the round that gathers it. */
const GATHERING = 'its samples are being gathered';
const CAME_LATE = 'samples came after it was sealed';

/** Where the archive stands in a log. */
export type Place = { epoch: string; position: number };

/**
 * Where the archive stands in a service's samples. A cursor of another log, from another database, begins anew. Null when
 * the service never took a sample.
 */
async function findPlace(tx: Queryable, service: string): Promise<(Place & { floor: number }) | null> {
  const source = sourceOf(service);
  const [head] = await tx.execute<{ epoch: string; floor: number }>(
    sql`select epoch, floor::float8 as floor from ${tableOf(service, 'log_counters')} where log = 'samples'`,
  );
  if (head === undefined) return null;
  const [held] = await tx.select().from(gatherCursors).where(eq(gatherCursors.source, source));
  const position = held?.epoch === head.epoch ? held.position : 0;
  return { ...head, position };
}

/**
 * How far the next batch goes: at most `batchRows` samples, and none behind the last one of an hour before `before`, so that a day which is
 * not over is left alone. Null when no such sample is left.
 */
async function findEnd(
  tx: Queryable,
  { service, after, before, batchRows }: { service: string; after: number; before: Date; batchRows: number },
): Promise<number | null> {
  const lastIn = async (upTo: number | null): Promise<number | null> => {
    const [row] = await tx.execute<{ last: number | null }>(sql`
      select max(position)::float8 as last from ${tableOf(service, 'samples')}
      where position > ${after} and hour < ${before.toISOString()}::timestamptz
        and (${upTo}::bigint is null or position <= ${upTo}::bigint)`);
    return row?.last ?? null;
  };
  const whole = after + batchRows;
  const inBatch = await lastIn(whole);
  if (inBatch !== null && inBatch < whole) return inBatch;
  return inBatch ?? ((await lastIn(null)) === null ? null : whole);
}

/** Tells which metrics a service has, and gives their names in the order of the arrays. */
async function copyMetrics(tx: Queryable, service: string): Promise<string[]> {
  await tx.execute(sql`
    insert into ${metrics} (service, name, unit) select ${service}, name, unit from ${tableOf(service, 'sample_metrics')}
    on conflict (service, name) do update set unit = excluded.unit where metrics.unit is distinct from excluded.unit`);
  const rows = await tx.select({ name: metrics.name }).from(metrics).where(eq(metrics.service, service));
  return rows.map(({ name }) => name).sort();
}

type Batch = { service: string; after: number; upTo: number };

/**
 * Names that samples of a batch have though the service never declared them: what they measured is kept all the same, and they count
 * as declared from here on.
 */
async function keepUndeclared(tx: Queryable, { service, after, upTo }: Batch, declared: string[]): Promise<string[]> {
  const known = sql`${sql.param(declared)}::text[]`;
  const rows = await tx.execute<{ name: string }>(sql`
    with undeclared as (
      select distinct jsonb_object_keys(metrics - ${known}) as name from ${tableOf(service, 'samples')}
      where position > ${after} and position <= ${upTo} and metrics - ${known} <> '{}'
    )
    insert into ${metrics} (service, name) select ${service}, name from undeclared returning name`);
  return rows.map(({ name }) => name);
}

async function monthsOf(tx: Queryable, { service, after, upTo }: Batch): Promise<string[]> {
  const rows = await tx.execute<{ month: string }>(sql`
    select distinct date_trunc('month', hour, 'UTC') as month from ${tableOf(service, 'samples')}
    where position > ${after} and position <= ${upTo}`);
  return rows.map(({ month }) => monthOf(new Date(month)));
}

/**
 * Copies a batch inside PostgreSQL, in the order of the devices, so that what is asked for together lies together. Days that get a sample
 * are open from here on.
 */
async function copyBatch(tx: Queryable, batch: Batch): Promise<number> {
  const { service, after, upTo } = batch;
  await ensurePartitions(tx, await monthsOf(tx, batch));
  const declared = await copyMetrics(tx, service);
  const names = [...declared, ...(await keepUndeclared(tx, batch, declared))].sort();
  const layout = await ensureLayout(tx, service, names);
  const values = sql.join(
    names.map((name) => sql`(metrics->>${name}::text)::float8`),
    sql`, `,
  );
  // A log that begins anew may bring samples again that are archived with another layout.
  const isNew = layout.isOnly
    ? sql`true`
    : sql`not exists (
        select from ${archivedSamples} as archived join ${layouts} as layout on layout.id = archived.layout_id
        where archived.device_id = sample.subject and archived.hour = sample.hour and layout.service = ${service})`;
  const [row] = await tx.execute<{ copied: number }>(sql`
    with copied as (
      insert into ${archivedSamples} (device_id, hour, layout_id, sampled_at, values, attributes)
      select subject, hour, ${layout.id}, sampled_at, array[${values}]::float8[], attributes
      from ${tableOf(service, 'samples')} as sample
      where position > ${after} and position <= ${upTo} and ${isNew}
      order by subject, hour
      on conflict do nothing
      returning hour
    ), days as (
      select (hour at time zone 'UTC')::date as day, count(*) as samples from copied group by 1
    ), opened as (
      insert into ${archivedDays} as held (day, not_sealed_because) select day, array[${GATHERING}::text] from days
      on conflict (day) do update set sealed_at = null,
        not_sealed_because = case when held.sealed_at is null then held.not_sealed_because else array[${CAME_LATE}::text] end
    ), counted as (
      insert into ${archivedDayServices} as held (day, service, samples, missing_hours)
      select day, ${service}, samples, array(select generate_series(0, 23)) from days
      on conflict (day, service) do update set samples = held.samples + excluded.samples
    )
    select count(*)::int as copied from copied`);
  return row?.copied ?? 0;
}

/**
 * Archives the next samples of a service, in one transaction with the cursor that says so: killed at any point and called again, it goes on
 * where it was. It goes as far as there are samples of hours before `before`, and stops there, so that a day is archived as a whole.
 *
 * @returns how many samples were new to the archive; null when there are none left
 */
export const gatherBatch = (
  db: Database,
  { service, before, batchRows }: { service: string; before: Date; batchRows: number },
): Promise<number | null> =>
  db.transaction(async (tx) => {
    await lockArchive(tx);
    const place = await findPlace(tx, service);
    if (place === null) return null;
    const after = Math.max(place.position, place.floor);
    const upTo = await findEnd(tx, { service, after, before, batchRows });
    const copied = upTo === null ? null : await copyBatch(tx, { service, after, upTo });
    const reached = { epoch: place.epoch, position: upTo ?? after };
    await tx
      .insert(gatherCursors)
      .values({ source: sourceOf(service), ...reached })
      .onConflictDoUpdate({ target: gatherCursors.source, set: reached });
    return copied;
  });
