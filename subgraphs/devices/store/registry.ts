import type { Stamp } from '@wheelhouse/kit/actor.ts';
import { isWithinArea } from '@wheelhouse/kit/area.ts';
import { isAmong, type Queryable } from '@wheelhouse/kit/database.ts';
import type { Area } from '@wheelhouse/kit/identity.ts';
import { appendToLog } from '@wheelhouse/kit/log-table.ts';
import { and, asc, eq, gt, isNull, notExists, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { DeviceSystem } from '../generated/types.ts';
import { newDeviceState } from '../rules.ts';
import { deviceParents, deviceStatuses, devices, registryLog } from '../tables.ts';
import { ensureSites, holdTimeZones } from './sites.ts';

/** A registry entry as it is stored, with its parents. */
export type Entry = typeof devices.$inferSelect & { parentIds: string[] };

const EXCLUDED = (column: string) => sql.raw(`excluded.${column}`);

/** PostgreSQL takes 65,535 parameters a statement, and each of these rows is at most 12. */
const WRITE_ROWS = 2_000;

async function writeRows(tx: Queryable, entries: readonly Entry[], at: Date): Promise<void> {
  await tx
    .insert(devices)
    .values(entries.map(({ parentIds: _, ...row }) => row))
    .onConflictDoUpdate({
      target: devices.id,
      set: {
        externalId: EXCLUDED('external_id'),
        name: EXCLUDED('name'),
        site: EXCLUDED('site'),
        address: EXCLUDED('address'),
        tags: EXCLUDED('tags'),
        connection: EXCLUDED('connection'),
        sealed: EXCLUDED('sealed'),
        version: EXCLUDED('version'),
        removedAt: EXCLUDED('removed_at'),
      },
    });
  await tx
    .insert(deviceStatuses)
    .values(entries.map(({ id }) => ({ deviceId: id, ...newDeviceState(at) })))
    .onConflictDoNothing();
}

/** Puts the entries' parents in place of those that they had. */
async function writeParents(tx: Queryable, entries: readonly Entry[]): Promise<void> {
  const ids = entries.map(({ id }) => id);
  await tx.delete(deviceParents).where(isAmong(deviceParents.deviceId, ids));
  const edges = entries.flatMap(({ id, parentIds }) =>
    parentIds.map((parent) => ({ device_id: id, parent_id: parent })),
  );
  if (edges.length === 0) return;
  await tx.execute(sql`
    insert into ${deviceParents} (device_id, parent_id)
    select device_id, parent_id from jsonb_to_recordset(${JSON.stringify(edges)}::jsonb) as edge (device_id text, parent_id text)`);
}

/** What the registry log says of an entry. */
export type LoggedEntry = Pick<
  typeof devices.$inferSelect,
  'id' | 'version' | 'name' | 'system' | 'site' | 'removedAt'
>;

const logRow = ({ id, version, name, system, site, removedAt }: LoggedEntry, { at, actor }: Stamp) => ({
  ...{ device_id: id, version, at, name, system, site },
  ...{ removed: removedAt !== null, actor },
});

/**
 * Writes new and changed entries; the number of statements is that of thousands of entries. The append to the log comes last,
 * and once: whoever holds the log must not wait for rows of others.
 *
 * @param rezoned entries that are told anew because another time zone holds at their site: a row of the version they have
 */
export async function writeEntries(
  tx: Queryable,
  entries: readonly Entry[],
  by: Stamp,
  rezoned: readonly LoggedEntry[] = [],
): Promise<void> {
  if (entries.length > 0) {
    await holdTimeZones(tx);
    await ensureSites(
      tx,
      entries.map((entry) => entry.site),
    );
    for (let first = 0; first < entries.length; first += WRITE_ROWS)
      await writeRows(tx, entries.slice(first, first + WRITE_ROWS), by.at);
    await writeParents(tx, entries);
  }
  const written = new Set(entries.map(({ id }) => id));
  const told = [...entries, ...rezoned.filter(({ id }) => !written.has(id))];
  await appendToLog(
    tx,
    registryLog,
    told.map((entry) => logRow(entry, by)),
  );
}

/** The devices that stand at these sites themselves and are not removed, in the order of their ids. */
export const findAtSites = (tx: Queryable, paths: readonly string[]): Promise<LoggedEntry[]> =>
  tx
    .select({
      ...{ id: devices.id, version: devices.version, name: devices.name },
      ...{ system: devices.system, site: devices.site, removedAt: devices.removedAt },
    })
    .from(devices)
    .where(and(isAmong(devices.site, paths), isNull(devices.removedAt)))
    .orderBy(asc(devices.id));

/**
 * Rows with their parents. Asked for by a statement of its own: of rows that are locked, a subquery of the statement that waited for the
 * lock would still see the parents from before the wait.
 */
async function withParents(tx: Queryable, rows: readonly (typeof devices.$inferSelect)[]): Promise<Entry[]> {
  const ids = rows.map(({ id }) => id);
  const edges = await tx
    .select()
    .from(deviceParents)
    .where(isAmong(deviceParents.deviceId, ids))
    .orderBy(asc(deviceParents.parentId));
  const parents = Map.groupBy(edges, ({ deviceId }) => deviceId);
  return rows.map((row) => ({ ...row, parentIds: parents.get(row.id)?.map(({ parentId }) => parentId) ?? [] }));
}

/** The entry with this id, removed or not, locked until the transaction ends; null when there never was one. */
export async function lockEntry(tx: Queryable, id: string): Promise<Entry | null> {
  const rows = await tx.select().from(devices).where(eq(devices.id, id)).for('update');
  return (await withParents(tx, rows))[0] ?? null;
}

/**
 * Entries that are not removed and have one of these external ids, in the order of their ids.
 *
 * @param options.isToWrite locks them until the transaction ends
 */
export async function findByExternalId(
  tx: Queryable,
  externalIds: readonly string[],
  options: { isToWrite: boolean },
): Promise<Entry[]> {
  const rows = tx
    .select()
    .from(devices)
    .where(and(isAmong(devices.externalId, externalIds), isNull(devices.removedAt)))
    .orderBy(asc(devices.id));
  return withParents(tx, await (options.isToWrite ? rows.for('update') : rows));
}

/** The external ids of these devices; null for one that has none. */
export async function findExternalIds(tx: Queryable, ids: readonly string[]): Promise<Map<string, string | null>> {
  const rows = await tx
    .select({ id: devices.id, externalId: devices.externalId })
    .from(devices)
    .where(isAmong(devices.id, ids));
  return new Map(rows.map(({ id, externalId }) => [id, externalId]));
}

/** Which of these ids are devices in an area that are not removed. */
export async function findPresent(
  tx: Queryable,
  ids: readonly string[],
  area: Area = 'everywhere',
): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await tx
    .select({ id: devices.id })
    .from(devices)
    .where(and(isAmong(devices.id, ids), isNull(devices.removedAt), isWithinArea(devices.site, area)));
  return new Set(rows.map((row) => row.id));
}

/** The edges from these devices upwards, as child to parents. */
export async function readAncestry(tx: Queryable, ids: readonly string[]): Promise<Map<string, string[]>> {
  if (ids.length === 0) return new Map();
  const edges = await tx.execute<{ device_id: string; parent_id: string }>(sql`
    with recursive up as (
      select device_id, parent_id from ${deviceParents} where ${isAmong(deviceParents.deviceId, ids)}
      union
      select above.device_id, above.parent_id from ${deviceParents} as above join up on above.device_id = up.parent_id
    )
    select device_id, parent_id from up`);
  return new Map(
    [...Map.groupBy(edges, (edge) => edge.device_id)].map(([id, list]) => [id, list.map((edge) => edge.parent_id)]),
  );
}

/** One import or change of parents at a time: two at once could close a circle that neither of them sees. */
export const lockRegistry = (tx: Queryable) =>
  tx.execute(sql`select pg_advisory_xact_lock(hashtext('devices.registry'))`);

const later = alias(registryLog, 'later');

/** The feed of one system: entries whose newest log row lies behind `position`, in log order, each as it is now. */
export async function readRegistryFeed(
  db: Queryable,
  options: { system: DeviceSystem; position: number; limit: number },
) {
  return db
    .select({
      position: registryLog.position,
      id: devices.id,
      version: devices.version,
      removed: sql<boolean>`${devices.removedAt} is not null`,
      site: devices.site,
      connection: devices.connection,
      sealed: devices.sealed,
    })
    .from(registryLog)
    .innerJoin(devices, eq(devices.id, registryLog.deviceId))
    .where(
      and(
        gt(registryLog.position, options.position),
        eq(devices.system, options.system),
        // A later row stands for an earlier one of the same device, so that a read from the start is as long as the estate.
        notExists(
          db
            .select({ position: later.position })
            .from(later)
            .where(and(eq(later.deviceId, registryLog.deviceId), gt(later.position, registryLog.position))),
        ),
      ),
    )
    .orderBy(asc(registryLog.position))
    .limit(options.limit);
}

/** Positions of the registry log behind `position`: what a waiting feed needs in order to wake. */
export const readRegistryPositions = (
  db: Queryable,
  position: number,
  limit: number,
): Promise<{ position: number }[]> =>
  db
    .select({ position: registryLog.position })
    .from(registryLog)
    .where(gt(registryLog.position, position))
    .orderBy(asc(registryLog.position))
    .limit(limit);
