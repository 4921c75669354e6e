import { isWithinArea } from '@wheelhouse/kit/area.ts';
import { readInBatches } from '@wheelhouse/kit/batches.ts';
import type { Queryable, Sql } from '@wheelhouse/kit/database.ts';
import type { Area } from '@wheelhouse/kit/identity.ts';
import { sql } from 'drizzle-orm';
import { archivedSamples, layouts } from '../tables.ts';
import { registryLog } from './published.ts';
import { freshSamples } from './samples.ts';

/** A device as the registry has it now, or had it last. */
export type ExportedDevice = { id: string; name: string; site: string; system: string };

export type DeviceFilter = {
  /** Where the caller may see the past of devices. */
  area: Area;
  /** Null: all. */
  deviceIds: readonly string[] | null;
  /** At one of these or below. */
  sites: readonly string[] | null;
  systems: readonly string[] | null;
};

/** The devices that match, removed ones among them, by id. */
export async function findExported(db: Queryable, filter: DeviceFilter): Promise<ExportedDevice[]> {
  const isOneOf = (column: 'device_id' | 'system', values: readonly string[] | null) =>
    values === null ? sql`true` : sql`${sql.identifier(column)} = any(${sql.param(values)}::text[])`;
  const isAtSite =
    filter.sites === null
      ? sql`true`
      : sql`exists (select from unnest(${sql.param(filter.sites)}::text[]) as wanted (path)
          where site = path or starts_with(site, path || '/'))`;
  const rows = await db.execute<ExportedDevice>(sql`
    select device_id as id, name, site, system from (
      select distinct on (device_id) device_id, name, site, system from ${registryLog}
      where ${isOneOf('device_id', filter.deviceIds)} order by device_id, position desc
    ) as entry
    where ${isWithinArea(sql`site`, filter.area) ?? sql`true`} and ${isAtSite} and ${isOneOf('system', filter.systems)}
    order by device_id`);
  return [...rows];
}

/** A sample: `values` in the order of its layout's names where it is archived, `metrics` by name where it is not yet. */
export type SampleRow = {
  deviceId: string;
  /** Milliseconds since the epoch. */
  atMs: number;
} & ({ names: readonly string[]; values: readonly (number | null)[] } | { metrics: Readonly<Record<string, number>> });

/** Rows of the statement below; layouts come first. */
type Row =
  | { kind: 'layout'; layout: number; names: string[] }
  | { kind: 'archived'; id: string; at: number; layout: number; values: (number | null)[] }
  | { kind: 'fresh'; id: string; at: number; metrics: Record<string, number> };

const BATCH_ROWS = 500;

/**
 * The samples of these devices, archived and not yet archived, as they were at one moment: by device in the order of `deviceIds`, then by
 * time, some hundreds at a time.
 */
export async function* streamSamples(
  client: Sql,
  services: readonly string[],
  { deviceIds, from, to }: { deviceIds: readonly string[]; from: Date; to: Date },
): AsyncGenerator<SampleRow[]> {
  const isInRange = sql`hour >= ${from.toISOString()}::timestamptz and hour < ${to.toISOString()}::timestamptz`;
  // Device by device, so that nothing is sorted but the hours of one. No order by around it: that would sort all of it first. Values as
  // JSON: in arrays of PostgreSQL's, postgres.js takes null for a number that is none.
  const query = sql`
    select 'layout' as kind, null::text as id, null::float8 as at, id as layout, names, null::json as values,
      null::jsonb as metrics from ${layouts}
    union all
    select sample.kind, wanted.id, extract(epoch from sample.hour)::float8, sample.layout, null, sample.values, sample.metrics
    from unnest(${sql.param(deviceIds)}::text[]) as wanted (id) cross join lateral (
      select 'archived' as kind, hour, layout_id as layout, to_json(values) as values, null::jsonb as metrics
      from ${archivedSamples} where device_id = wanted.id and ${isInRange}
      union all
      select 'fresh', hour, null, null, metrics
      from (${freshSamples(services, { deviceIds: null, from, to })}) as fresh where device_id = wanted.id
      order by hour
    ) as sample`;
  const names = new Map<number, string[]>();
  for await (const rows of readInBatches<Row>(client, query, BATCH_ROWS)) {
    const samples: SampleRow[] = [];
    for (const row of rows) {
      if (row.kind === 'layout') names.set(row.layout, row.names);
      else if (row.kind === 'fresh') samples.push({ deviceId: row.id, atMs: row.at * 1_000, metrics: row.metrics });
      else
        samples.push({
          ...{ deviceId: row.id, atMs: row.at * 1_000 },
          ...{ names: names.get(row.layout) ?? [], values: row.values },
        });
    }
    yield samples;
  }
}
