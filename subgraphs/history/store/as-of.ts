import type { Status } from '@wheelhouse/contracts/status-log.ts';
import { type Queryable, storableTexts } from '@wheelhouse/kit/database.ts';
import { sql } from 'drizzle-orm';
import { archivedSamples, knownStatuses, layouts } from '../tables.ts';
import { DAY_MS } from '../time-range.ts';
import { registryLog, statusChanges } from './published.ts';
import { freshSamples } from './samples.ts';
import type { SettingsSource } from './settings-sources.ts';
import { logReachMs } from './status-time.ts';

const HOUR_MS = 3_600_000;
const ids = (deviceIds: readonly string[]) => sql`${sql.param(storableTexts(deviceIds))}::text[]`;
const instant = (ms: number) => sql`${new Date(ms).toISOString()}::timestamptz`;
const millis = (time: string) => sql.raw(`(extract(epoch from ${time}) * 1000)::float8`);

/** What the logs say of a device at a time; times are milliseconds since the epoch. */
export type PastEntry = {
  deviceId: string;
  name: string;
  site: string;
  removed: boolean;
  addedAtMs: number;
  /** The last change of the status by then. */
  held: { status: Status; atMs: number; reason: string | null } | null;
  /** The same of a device whose changes were pruned from the log. */
  known: { status: Status; atMs: number } | null;
  /** What the status was before the first change after then; null when there is none. */
  statusBefore: Status | null;
  /** Since when the status log is whole; null: it was never pruned. */
  reachMs: number | null;
};

/** Entries of devices that had been added by then. */
export async function readPastEntries(db: Queryable, deviceIds: readonly string[], atMs: number): Promise<PastEntry[]> {
  const at = instant(atMs);
  const rows = await db.execute<PastEntry>(sql`
    with entries as (
      -- In the order of the log, also where the clocks of those who wrote it were not in step.
      select device_id, position, name, site, removed, max(at) over in_order as at, min(at) over in_order as added_at
      from ${registryLog} where device_id = any(${ids(deviceIds)})
      window in_order as (partition by device_id order by position)
    ), last_entries as (
      select distinct on (device_id) * from entries where at <= ${at} order by device_id, position desc
    )
    select entry.device_id as "deviceId", name, site, removed, ${millis('added_at')} as "addedAtMs", ${logReachMs} as "reachMs",
      (select json_build_object('status', "to", 'atMs', ${millis('at')}, 'reason', reason) from ${statusChanges} as change
        where change.device_id = entry.device_id and change.at <= ${at} order by change.at desc, position desc limit 1) as held,
      (select json_build_object('status', status, 'atMs', ${millis('known.at')}) from ${knownStatuses} as known
        where known.device_id = entry.device_id and known.at <= ${at}) as known,
      (select "from" from ${statusChanges} as change
        where change.device_id = entry.device_id and change.at > ${at} order by change.at, position limit 1) as "statusBefore"
    from last_entries as entry`);
  return [...rows];
}

export type PastSample = {
  deviceId: string;
  service: string;
  sampledAtMs: number;
  metrics: Record<string, number>;
  attributes: Record<string, string | boolean>;
};

type SampleRow = Omit<PastSample, 'metrics'> & {
  /** Of a sample that is archived: names and values, in one order. As JSON, since postgres.js makes NaN of a null in an array of numbers. */
  names: string[] | null;
  values: (number | null)[] | null;
  metrics: Record<string, number> | null;
};

const metricsOf = ({ names, values, metrics }: SampleRow): Record<string, number> => {
  if (metrics !== null) return metrics;
  const pairs = (names ?? []).flatMap((name, index): [string, number][] => {
    const value = values?.[index];
    return value === null || value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(pairs);
};

/** The samples taken in the day up to then, newest first, archived or not. */
export async function readPastSamples(
  db: Queryable,
  services: readonly string[],
  deviceIds: readonly string[],
  atMs: number,
): Promise<PastSample[]> {
  // A sample is taken at its hour or soon after it.
  const range = { from: new Date(atMs - DAY_MS - HOUR_MS), to: new Date(atMs + 1) };
  const storable = storableTexts(deviceIds);
  const rows = await db.execute<SampleRow>(sql`
    select device_id as "deviceId", service, ${millis('sampled_at')} as "sampledAtMs", names, values, metrics, attributes
    from (
      select device_id, service, sampled_at, null::text[] as names, null::json as values, metrics, attributes
      from (${freshSamples(services, { ...range, deviceIds: storable })}) as fresh
      union all
      select device_id, layout.service, sampled_at, layout.names, to_json(values), null, attributes
      from ${archivedSamples} as sample join ${layouts} as layout on layout.id = layout_id
      where device_id = any(${ids(deviceIds)}) and hour >= ${instant(range.from.getTime())} and hour < ${instant(range.to.getTime())}
    ) as sample
    where sampled_at > ${instant(atMs - DAY_MS)} and sampled_at <= ${instant(atMs)}
    order by sampled_at desc`);
  return rows.map((row) => ({
    ...{ deviceId: row.deviceId, service: row.service, sampledAtMs: row.sampledAtMs },
    ...{ metrics: metricsOf(row), attributes: row.attributes },
  }));
}

export type PastReadBack = { deviceId: string; name: string; value: unknown; atMs: number };

/** What each setting last was when a change was read back that had come to its end by then. */
export async function readPastReadBacks(
  db: Queryable,
  sources: readonly SettingsSource[],
  deviceIds: readonly string[],
  atMs: number,
): Promise<PastReadBack[]> {
  if (sources.length === 0) return [];
  const parts = sources.map(
    ({ changes }) => sql`select subject, settings_version, finished_at, read_back from ${changes}
      where subject = any(${ids(deviceIds)}) and finished_at <= ${instant(atMs)} and jsonb_typeof(read_back) = 'object'`,
  );
  const rows = await db.execute<PastReadBack>(sql`
    select distinct on (subject, key) subject as "deviceId", key as name, value, ${millis('finished_at')} as "atMs"
    from (${sql.join(parts, sql` union all `)}) as change cross join jsonb_each(read_back)
    order by subject, key, finished_at desc, settings_version desc`);
  return [...rows];
}
