import { type Queryable, storableTexts } from '@wheelhouse/kit/database.ts';
import { type SQL, sql } from 'drizzle-orm';
import { foldSeries, type SeriesPoint, type Step } from '../series.ts';
import { archivedDays, archivedSamples, dailyRollups, gatherCursors, layouts } from '../tables.ts';
import { DAY_MS } from '../time-range.ts';
import { sourceOf, tableOf } from './services.ts';

export type SeriesQuestion = {
  deviceIds: readonly string[];
  from: Date;
  /** This instant belongs to the range no more. */
  to: Date;
  step: Step;
  /** Only these; null: all. */
  metrics: readonly string[] | null;
};

/** Behind every position that there can be. */
const LAST_POSITION = '9223372036854775807';

const instant = (at: Date): SQL => sql`${at.toISOString()}::timestamptz`;
const startOf = (day: SQL): SQL => sql`(${day})::timestamp at time zone 'UTC'`;
const dayOf = (hour: SQL): SQL => sql`(${hour} at time zone 'UTC')::date`;

/**
 * The samples of one service that are not archived yet: those behind the archive's cursor. Where that is of another log, from another
 * database, there are none until the next round of the archive, which begins anew with this one and has each sample once.
 */
function freshOf(service: string, { deviceIds, from, to }: Range): SQL {
  const isWanted = deviceIds === null ? sql`true` : sql`subject = any(${sql.param(deviceIds)}::text[])`;
  const epoch = sql`(select epoch from ${tableOf(service, 'log_counters')} where log = 'samples')`;
  return sql`
    select subject as device_id, hour, sampled_at, ${service}::text as service, metrics, attributes
    from ${tableOf(service, 'samples')}
    where ${isWanted} and hour >= ${instant(from)} and hour < ${instant(to)} and position > coalesce((
      select case when epoch = ${epoch} then position else ${LAST_POSITION}::bigint end
      from ${gatherCursors} where source = ${sourceOf(service)}), 0)`;
}

type Range = {
  /** Null: all devices. */
  deviceIds: readonly string[] | null;
  from: Date;
  to: Date;
};

/**
 * Samples that no archive has yet, as a query to be put in brackets behind `from`: device_id, hour, sampled_at, service, metrics (jsonb,
 * by name) and attributes. With `archived_samples` of the same range, read by the same statement, they are one series.
 */
export const freshSamples = (services: readonly string[], range: Range): SQL =>
  services.length === 0
    ? sql`select null::text as device_id, null::timestamptz as hour, null::timestamptz as sampled_at, null::text as service,
        null::jsonb as metrics, null::jsonb as attributes where false`
    : sql.join(
        services.map((service) => freshOf(service, range)),
        sql` union all `,
      );

/** What one statement gives; instants as seconds since the epoch. */
export type SeriesRows = {
  /** Names by layout. */
  layouts: Record<string, string[]>;
  /** [device, day, layout, counts, means, mins, maxs, lasts] */
  rolled: [string, number, number, number[], ...(number | null)[][]][];
  /** [device, hour, layout, values] */
  archived: [string, number, number, (number | null)[]][];
  /** [device, hour, metrics] */
  fresh: [string, number, Record<string, number>][];
};

/**
 * Archived samples and those that are not archived yet, as one series. A day that is sealed, lies wholly in the range and has no sample that
 * came after, is taken from its rollups where the step is a day or longer.
 *
 * @returns a point for each device and step that has a sample, by device in the order of `deviceIds`, then by time; metrics by name. The
 * points begin where the calendar's steps begin, also where `from` lies behind
 */
export async function readSeries(
  db: Queryable,
  services: readonly string[],
  { deviceIds, from, to, step, metrics }: SeriesQuestion,
): Promise<SeriesPoint[]> {
  const storable = storableTexts(deviceIds);
  if (storable.length === 0 || from >= to) return [];
  const ids = sql`any(${sql.param(storable)}::text[])`;
  const hours = { deviceIds: storable, from, to };
  const wholeDays = {
    from: new Date(Math.ceil(from.getTime() / DAY_MS) * DAY_MS).toISOString().slice(0, 10),
    to: new Date(Math.floor(to.getTime() / DAY_MS) * DAY_MS).toISOString().slice(0, 10),
  };
  // Samples without a metric of those are passed over in the index already.
  const isMeasured = metrics === null ? sql`cardinality(names) > 0` : sql`names && ${sql.param(metrics)}::text[]`;
  const ofLayouts = sql`layout_id = any(array(select id from ${layouts} where ${isMeasured}))`;
  const [firstDay, lastDay] = [dayOf(instant(from)), dayOf(instant(new Date(to.getTime() - 1)))];
  const byHour = sql`
    select device_id, hour, layout_id, values from ${archivedSamples}
    where device_id = ${ids} and hour >= ${instant(from)} and hour < ${instant(to)} and ${ofLayouts}`;
  // `offset 0` keeps PostgreSQL from making a join of it, for which it would read the hours of the whole range: all of a year for today's.
  const byDay = sql`
    select sample.* from raw_days cross join lateral (
      select device_id, hour, layout_id, values from ${archivedSamples}
      where device_id = ${ids} and hour >= greatest(${startOf(sql`raw_days.day`)}, ${instant(from)})
        and hour < least(${startOf(sql`raw_days.day + 1`)}, ${instant(to)}) and ${ofLayouts}
      offset 0
    ) as sample`;
  const rollups = sql`
    select device_id, day, layout_id, counts, means, mins, maxs, lasts from ${dailyRollups}
    where device_id = ${ids} and day >= ${wholeDays.from}::date and day < ${wholeDays.to}::date and ${ofLayouts}
      and not exists (select from raw_days where raw_days.day = daily_rollups.day)`;
  const isHourly = step === 'HOUR';
  const [rows] = await db.execute<SeriesRows>(sql`
    with fresh as materialized (${freshSamples(services, hours)}),
    raw_days as materialized (
      select day from ${archivedDays} where not ${isHourly} and day between ${firstDay} and ${lastDay}
        and (sealed_at is null or day < ${wholeDays.from}::date or day >= ${wholeDays.to}::date)
      union select distinct ${dayOf(sql`hour`)} from fresh where not ${isHourly}
    ),
    archived as (${isHourly ? byHour : byDay}),
    rolled as (${isHourly ? sql`select from raw_days where false` : rollups})
    select
      coalesce((select json_object_agg(id, names) from ${layouts}), '{}') as layouts,
      coalesce((select json_agg(json_build_array(device_id, extract(epoch from hour)::float8, layout_id, values)) from archived), '[]')
        as archived,
      coalesce((select json_agg(json_build_array(device_id, extract(epoch from hour)::float8, metrics)) from fresh), '[]') as fresh,
      ${
        isHourly
          ? sql`'[]'::json`
          : sql`coalesce((select json_agg(json_build_array(device_id, extract(epoch from day)::float8, layout_id,
              counts, means, mins, maxs, lasts)) from rolled), '[]')`
      } as rolled`);
  return rows === undefined ? [] : foldSeries(rows, { deviceIds: storable, step, metrics });
}
