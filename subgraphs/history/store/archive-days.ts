import type { Queryable } from '@wheelhouse/kit/database.ts';
import { and, asc, desc, eq, getTableName, inArray, isNull, lt, sql } from 'drizzle-orm';
import type { Day } from '../rules.ts';
import { archivedDayServices, archivedDays, archivedSamples, dailyRollups, dailyStatuses, metrics } from '../tables.ts';
import type { Place } from './gather.ts';
import { sourceOf, tableOf } from './services.ts';

const HISTORY = 'history';

/** Makes an entry for each day from the first that any service sampled to before `before`, so that none is forgotten. */
export async function ensureDays(db: Queryable, services: readonly string[], before: Day): Promise<void> {
  if (services.length === 0) return;
  const firsts = services.map((service) => sql`select min(hour) as hour from ${tableOf(service, 'sample_runs')}`);
  await db.execute(sql`
    insert into ${archivedDays} (day, not_sealed_because)
    select day::date, '{}'
    from (select min(hour) at time zone 'UTC' as first from (${sql.join(firsts, sql` union all `)}) as runs) as runs,
      generate_series(date_trunc('day', first), ${before}::timestamp - interval '1 day', interval '1 day') as day
    on conflict do nothing`);
}

/** The days before `before` that are not sealed, oldest first. */
export async function listOpenDays(db: Queryable, before: Day): Promise<Day[]> {
  const rows = await db
    .select({ day: archivedDays.day })
    .from(archivedDays)
    .where(and(isNull(archivedDays.sealedAt), lt(archivedDays.day, before)))
    .orderBy(asc(archivedDays.day));
  return rows.map(({ day }) => day);
}

/** How far each of these services' samples are archived; those of which nothing is are left out. */
export async function readPlaces(db: Queryable, services: readonly string[]): Promise<Map<string, Place>> {
  const rows = await db.execute<Place & { source: string }>(sql`
    select source, epoch, position::float8 as position from history.gather_cursors
    where source = any(${sql.param(services.map(sourceOf))}::text[])`);
  const places = new Map(rows.map(({ source, epoch, position }) => [source, { epoch, position }]));
  return new Map(
    services.flatMap((service): [string, Place][] => {
      const place = places.get(sourceOf(service));
      return place === undefined ? [] : [[service, place]];
    }),
  );
}

/**
 * Tells the planner of partitions of which it knows nothing yet (reltuples is -1 then), and of the tables as a whole: autovacuum would come
 * to a new partition when queries have been planned without, and to a partitioned table it never comes.
 */
export async function analyzeNewPartitions(db: Queryable): Promise<void> {
  for (const table of [archivedSamples, dailyRollups, dailyStatuses]) {
    const rows = await db.execute<{ name: string }>(sql`
      select partition.relname as name from pg_inherits join pg_class as partition on partition.oid = inhrelid
      where inhparent = ${`${HISTORY}.${getTableName(table)}`}::regclass and partition.reltuples < 0
        and pg_relation_size(partition.oid) > 0`);
    for (const { name } of rows) await db.execute(sql`analyze ${sql.identifier(HISTORY)}.${sql.identifier(name)}`);
    if (rows.length > 0) await db.execute(sql`analyze only ${table}`);
  }
}

export type ArchivedDayRow = Pick<typeof archivedDays.$inferSelect, 'day' | 'sealedAt' | 'notSealedBecause'> & {
  byService: { service: string; samples: number; missingHours: number[] }[];
};

const dayColumns = {
  day: archivedDays.day,
  sealedAt: archivedDays.sealedAt,
  notSealedBecause: archivedDays.notSealedBecause,
};

/** Puts what each service has to its day, by the service's name. */
async function withServices(db: Queryable, days: Omit<ArchivedDayRow, 'byService'>[]): Promise<ArchivedDayRow[]> {
  if (days.length === 0) return [];
  const wanted = days.map(({ day }) => day);
  const rows = await db
    .select()
    .from(archivedDayServices)
    .where(inArray(archivedDayServices.day, wanted))
    .orderBy(asc(archivedDayServices.service));
  const byDay = Map.groupBy(rows, ({ day }) => day);
  return days.map((day) => ({
    ...day,
    byService: (byDay.get(day.day) ?? []).map(({ service, samples, missingHours }) => ({
      ...{ service, samples },
      missingHours: missingHours.toSorted((one, other) => one - other),
    })),
  }));
}

/** Days of the archive before `before`, newest first, `limit` at most. */
export async function listArchivedDays(
  db: Queryable,
  { before, limit }: { before: Day; limit: number },
): Promise<ArchivedDayRow[]> {
  const days = await db
    .select(dayColumns)
    .from(archivedDays)
    .where(lt(archivedDays.day, before))
    .orderBy(desc(archivedDays.day))
    .limit(limit);
  return withServices(db, days);
}

export async function findArchivedDay(db: Queryable, day: Day): Promise<ArchivedDayRow | null> {
  const days = await db.select(dayColumns).from(archivedDays).where(eq(archivedDays.day, day));
  return (await withServices(db, days))[0] ?? null;
}

/** The metrics of all services, by name. */
export const listMetrics = (db: Queryable): Promise<(typeof metrics.$inferSelect)[]> =>
  db.select().from(metrics).orderBy(asc(metrics.name), asc(metrics.service));
