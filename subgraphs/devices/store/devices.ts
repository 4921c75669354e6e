import { isWithinArea } from '@wheelhouse/kit/area.ts';
import { isAmong, type Queryable } from '@wheelhouse/kit/database.ts';
import type { Area } from '@wheelhouse/kit/identity.ts';
import { and, count, eq, isNull, type SQL, sql } from 'drizzle-orm';
import { type Filter, filterToSql } from '../filter.ts';
import type { DeviceSystem } from '../generated/types.ts';
import type { Status } from '../rules.ts';
import { deviceParents, deviceStatuses, devices } from '../tables.ts';
import { standsIn } from './sites.ts';

const columns = {
  id: devices.id,
  externalId: devices.externalId,
  name: devices.name,
  system: devices.system,
  site: devices.site,
  address: devices.address,
  tags: devices.tags,
  version: devices.version,
  createdAt: devices.createdAt,
  removedAt: devices.removedAt,
  status: deviceStatuses.status,
  statusSince: deviceStatuses.since,
  statusReason: deviceStatuses.reason,
  observedAt: deviceStatuses.observedAt,
};

/** A device as the graph shows it: its registry entry without the connection, and its status. */
export type DeviceRow = {
  id: string;
  externalId: string | null;
  name: string;
  system: DeviceSystem;
  site: string;
  address: string | null;
  tags: string[];
  version: number;
  createdAt: Date;
  removedAt: Date | null;
  status: Status;
  statusSince: Date;
  statusReason: string | null;
  observedAt: Date | null;
};

const selectDevices = (db: Queryable) =>
  db.select(columns).from(devices).innerJoin(deviceStatuses, eq(deviceStatuses.deviceId, devices.id));

/** The devices with these ids in an area, removed ones too, in no order; unknown ids are left out. */
export const findDevices = (db: Queryable, ids: readonly string[], area: Area): Promise<DeviceRow[]> =>
  selectDevices(db).where(and(isAmong(devices.id, ids), isWithinArea(devices.site, area)));

/** Devices in an area that match, by site, name and id, behind the given key; at most `limit`. */
export function listDevices(
  db: Queryable,
  options: { filter: Filter; area: Area; after: readonly string[] | null; limit: number },
): Promise<DeviceRow[]> {
  const behind: SQL | undefined = options.after
    ? sql`(${devices.site}, ${devices.name}, ${devices.id}) > (${sql.join([...options.after], sql`, `)})`
    : undefined;
  return selectDevices(db)
    .where(
      and(
        filterToSql(options.filter, deviceStatuses.status, { hidesRemoved: true }),
        standsIn(db, options.area),
        behind,
      ),
    )
    .orderBy(devices.site, devices.name, devices.id)
    .limit(options.limit);
}

export async function countDevices(db: Queryable, filter: Filter, area: Area): Promise<number> {
  const [row] = await db
    .select({ total: count() })
    .from(devices)
    .innerJoin(deviceStatuses, eq(deviceStatuses.deviceId, devices.id))
    .where(and(filterToSql(filter, deviceStatuses.status, { hidesRemoved: true }), standsIn(db, area)));
  return row?.total ?? 0;
}

/** The parents in an area, less removed ones, of each of the devices, keyed by the child's id, by name; a device without any has no key. */
export async function findParents(
  db: Queryable,
  childIds: readonly string[],
  area: Area,
): Promise<Map<string, DeviceRow[]>> {
  const rows = await db
    .select({ childId: deviceParents.deviceId, ...columns })
    .from(deviceParents)
    .innerJoin(devices, eq(devices.id, deviceParents.parentId))
    .innerJoin(deviceStatuses, eq(deviceStatuses.deviceId, devices.id))
    .where(and(isAmong(deviceParents.deviceId, childIds), isNull(devices.removedAt), isWithinArea(devices.site, area)))
    .orderBy(devices.name, devices.id);
  return Map.groupBy(rows, (row) => row.childId);
}

export type StatusCount = { system: DeviceSystem; status: Status; total: number; stale: number };

/** Devices in an area that are not removed, counted by system and status; `staleBefore` tells which findings are too old. */
export function countByStatus(db: Queryable, staleBefore: Date, area: Area): Promise<StatusCount[]> {
  const instant = staleBefore.toISOString();
  return db
    .select({
      system: devices.system,
      status: deviceStatuses.status,
      total: count(),
      stale: sql<number>`(count(*) filter (where ${deviceStatuses.observedAt} < ${instant}))::int`,
    })
    .from(devices)
    .innerJoin(deviceStatuses, eq(deviceStatuses.deviceId, devices.id))
    .where(and(isNull(devices.removedAt), standsIn(db, area)))
    .groupBy(devices.system, deviceStatuses.status)
    .orderBy(devices.system);
}
