import { type Queryable, storableTexts } from '@wheelhouse/kit/database.ts';
import { type SQL, sql } from 'drizzle-orm';
import type { KindSeconds } from '../counting.ts';
import { type LogShare, planStatusTime, type SealedShare } from '../status-plan.ts';
import { archivedDays, dailyStatuses, knownStatuses } from '../tables.ts';
import type { Span } from '../time-range.ts';
import { registryLog, statusChanges } from './published.ts';
import { statusIntervals } from './status-intervals.ts';

export type StatusTimeFilter = {
  /** Null: all. */
  deviceIds: readonly string[] | null;
  /** These sites and those below them; null: all. A device that moved counts for its time there. */
  sites: readonly string[] | null;
  systems: readonly string[] | null;
};

const GROUPS = { DEVICE: 'device_id', SITE: 'site', SYSTEM: 'system' } as const;
export type GroupBy = keyof typeof GROUPS;

/** How long the devices of a group were in which status, in one part of the calendar. */
export type StatusTimeRow = Omit<KindSeconds, 'maintenanceSeconds'> & {
  group: string;
  /** The place in the list of parts. */
  part: number;
  devices: number;
};

const iso = (ms: number): string => new Date(ms).toISOString();
const dayOf = (ms: number): string => iso(ms).slice(0, 10);
const textArray = (texts: readonly string[]): SQL => sql`${sql.param(storableTexts(texts))}::text[]`;
/** An array of another type: as a parameter postgres.js sends arrays of text alone. */
const arrayOf = (type: 'int' | 'float8' | 'date' | 'timestamptz', items: readonly (string | number)[]): SQL =>
  sql`${sql.param(items.map(String))}::text[]::${sql.raw(type)}[]`;

/** What a row with device_id, site and system must be. */
function isWanted({ deviceIds, sites, systems }: StatusTimeFilter): SQL {
  const conditions = [
    deviceIds && sql`device_id = any(${textArray(deviceIds)})`,
    sites &&
      sql`exists (select from unnest(${textArray(sites)}) as above (path) where site = path or starts_with(site, path || '/'))`,
    systems && sql`system = any(${textArray(systems)})`,
  ].filter((condition) => condition !== null);
  return conditions.length === 0 ? sql`true` : sql.join(conditions, sql` and `);
}

/** How many groups were in the registry at any time of the range. */
export async function countGroups(
  db: Queryable,
  { span, groupBy, filter }: { span: Span; groupBy: GroupBy; filter: StatusTimeFilter },
): Promise<number> {
  const [row] = await db.execute<{ groups: number }>(sql`
    select count(distinct ${sql.raw(GROUPS[groupBy])})::int as groups from (
      select device_id, site, system, removed, at, lead(at) over (partition by device_id order by position) as next_at
      from ${registryLog}
    ) as entry
    where not removed and at < ${iso(span.toMs)}::timestamptz and (next_at is null or next_at > ${iso(span.fromMs)}::timestamptz)
      and ${isWanted(filter)}`);
  return row?.groups ?? 0;
}

/** Since when the status log is whole, in milliseconds since the epoch; null: it was never pruned. */
export const logReachMs: SQL = sql`(
  select extract(epoch from coalesce(
      (select at from ${statusChanges} order by position limit 1), (select max(at) from ${knownStatuses}))) * 1000
  from devices.log_counters where log = 'status_changes' and floor > 0)::float8`;

/** Which days of a range are sealed, and since when the status log is whole (null: it was never pruned). */
async function readReach(db: Queryable, { fromMs, toMs }: Span) {
  const [row] = await db.execute<{ days: string[]; reachMs: number | null }>(sql`
    select
      array(select day::text from ${archivedDays}
        where sealed_at is not null and day between ${dayOf(fromMs)}::date and ${dayOf(toMs)}::date) as days,
      ${logReachMs} as "reachMs"`);
  return { sealedDays: new Set((row?.days ?? []).map((day) => Date.parse(day))), reachMs: row?.reachMs ?? null };
}

/** Summed in whole milliseconds: a sum of fractions would have digits that nothing measured. Exact up to 2^53. */
const KINDS = ['online_ms', 'degraded_ms', 'offline_ms', 'unknown_ms', 'blind_ms'] as const;

function sealedTime(shares: readonly SealedShare[], deviceIds: readonly string[] | null): SQL {
  const days = shares.map(({ dayMs }) => dayOf(dayMs));
  const parts = arrayOf(
    'int',
    shares.map(({ part }) => part),
  );
  const weights = arrayOf(
    'float8',
    shares.map(({ weight }) => weight),
  );
  const columns = sql.raw(
    KINDS.map((kind) => `round(${kind.replace('_ms', '_seconds')} * 1000 * weight) as ${kind}`).join(', '),
  );
  const isOfThese = deviceIds === null ? sql`true` : sql`device_id = any(${textArray(deviceIds)})`;
  // The bounds, besides, so that PostgreSQL leaves out months before it looks.
  return sql`
    select device_id, site, system, part, ${columns}
    from ${dailyStatuses} join unnest(${arrayOf('date', days)}, ${parts}, ${weights}) as share (day, part, weight) using (day)
    where daily_statuses.day between ${days[0]}::date and ${days.at(-1)}::date and ${isOfThese}`;
}

function logTime(shares: readonly LogShare[], reads: readonly Span[], deviceIds: readonly string[] | null): SQL {
  const starts = arrayOf(
    'timestamptz',
    shares.map(({ fromMs }) => iso(fromMs)),
  );
  const ends = arrayOf(
    'timestamptz',
    shares.map(({ toMs }) => iso(toMs)),
  );
  const parts = arrayOf(
    'int',
    shares.map(({ part }) => part),
  );
  const intervals = reads.map(
    ({ fromMs, toMs }) => sql`(${statusIntervals({ from: new Date(fromMs), to: new Date(toMs), deviceIds })})`,
  );
  const kinds = [
    ["status = 'ONLINE'", KINDS[0]],
    ["status = 'DEGRADED'", KINDS[1]],
    ["status = 'OFFLINE'", KINDS[2]],
    ["status = 'UNKNOWN' and not blind", KINDS[3]],
    ["status = 'UNKNOWN' and blind", KINDS[4]],
  ].map(([condition, column]) => `case when ${condition} then millis else 0 end as ${column}`);
  // The shares are in order: width_bucket finds the last one that begins by an instant, without going through them all. Materialized,
  // since PostgreSQL would make the arrays of their texts again for each interval.
  return sql`
    with shares as materialized (select ${starts} as starts, ${ends} as ends, ${parts} as parts)
    select device_id, site, system, part, ${sql.raw(kinds.join(', '))}
    from (
      select device_id, site, system, status, blind, shares.parts[place] as part,
        round(extract(epoch from least(ends_at, shares.ends[place]) - greatest(starts_at, shares.starts[place]))::float8 * 1000)
          as millis
      from (${sql.join(intervals, sql` union all `)}) as held
      cross join shares
      cross join lateral generate_series(
        greatest(width_bucket(held.starts_at, shares.starts), 1), width_bucket(held.ends_at, shares.starts)) as place
    ) as piece where millis > 0`;
}

/**
 * How long devices were in which status in each part of the calendar, up to now: two statements, however many devices and parts.
 *
 * @param parts in the order of time; none overlaps another
 * @returns a row for each group and part with any time, by group, then part
 */
export async function readStatusTime(
  db: Queryable,
  options: { parts: readonly Span[]; now: Date; groupBy: GroupBy; filter: StatusTimeFilter },
): Promise<StatusTimeRow[]> {
  const { parts, groupBy, filter } = options;
  const [first, last] = [parts[0], parts.at(-1)];
  if (first === undefined || last === undefined) return [];
  const nowMs = options.now.getTime();
  const reach = await readReach(db, { fromMs: first.fromMs, toMs: Math.max(first.fromMs, Math.min(last.toMs, nowMs)) });
  const { sealed, log, reads } = planStatusTime({ parts, nowMs, ...reach });
  const sources = [
    ...(sealed.length > 0 ? [sealedTime(sealed, filter.deviceIds)] : []),
    ...(log.length > 0 ? [logTime(log, reads, filter.deviceIds)] : []),
  ];
  if (sources.length === 0) return [];
  const rows = await db.execute<StatusTimeRow>(sql`
    select ${sql.raw(GROUPS[groupBy])} as "group", part, count(distinct device_id)::int as devices,
      sum(online_ms) / 1000 as "onlineSeconds", sum(degraded_ms) / 1000 as "degradedSeconds",
      sum(offline_ms) / 1000 as "offlineSeconds", sum(unknown_ms) / 1000 as "unknownSeconds", sum(blind_ms) / 1000 as "blindSeconds"
    from (${sql.join(
      sources.map((source) => sql`(${source})`),
      sql` union all `,
    )}) as time
    where ${isWanted(filter)} group by 1, 2 order by 1, 2`);
  return [...rows];
}
