import { isAmong, type Queryable } from '@wheelhouse/kit/database.ts';
import { and, asc, eq, getTableColumns, isNotNull, lte, ne, or, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { displays, hoursOfOperation, settingsChanges, targets } from '../tables.ts';
import { type Held, heldAnew, type LastChange, reckonAt } from './due.ts';
import { type Hours, isNone } from './hours.ts';
import { nextSwitching, type Power } from './switchings.ts';
import { knowsTimeZone, timeZoneRules } from './time-zone.ts';

export type HoursRow = typeof hoursOfOperation.$inferSelect;

export const heldOf = ({ weekly, exceptions, timeZone, switchedThrough, nextAt, nextPower }: HoursRow): Held => ({
  ...{ hours: { weekly, exceptions }, timeZone, switchedThrough },
  next: nextAt === null || nextPower === null ? null : { at: nextAt, power: nextPower },
});

/** The columns that say where hours stand, by the names of the table's fields. */
const standing = ({ hours, timeZone, switchedThrough, next }: Held) => ({
  ...{ weekly: hours.weekly, exceptions: hours.exceptions, timeZone, switchedThrough },
  ...{ nextAt: next?.at ?? null, nextPower: next?.power ?? null, timeZoneRules: timeZoneRules() },
});

export const findHours = (db: Queryable, deviceIds: readonly string[]): Promise<HoursRow[]> =>
  db.select().from(hoursOfOperation).where(isAmong(hoursOfOperation.deviceId, deviceIds));

/** In the order of their displays, as everyone does who changes many. */
const lockHours = (tx: Queryable, deviceIds: readonly string[]): Promise<HoursRow[]> =>
  tx
    .select()
    .from(hoursOfOperation)
    .where(isAmong(hoursOfOperation.deviceId, deviceIds))
    .orderBy(asc(hoursOfOperation.deviceId))
    .for('update');

const columns = Object.entries(getTableColumns(hoursOfOperation));
const list = (parts: string[]) => sql.raw(parts.join(', '));
const FRESH = list(columns.map(([field, column]) => `"${field}" ${column.getSQLType()}`));
const FIELDS = list(columns.map(([field]) => `"${field}"`));
const COLUMNS = list(columns.map(([, { name }]) => name));
const CHANGES = list(columns.filter(([, { primary }]) => !primary).map(([, { name }]) => `${name} = excluded.${name}`));

/** Rows as one parameter: a display's year of exceptions is many, and thousands of displays more. */
async function writeRows(tx: Queryable, rows: readonly HoursRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.execute(sql`
    insert into ${hoursOfOperation} (${COLUMNS})
    select ${FIELDS} from json_to_recordset(${JSON.stringify(rows)}::json) as fresh (${FRESH}) order by "deviceId"
    on conflict (device_id) do update set ${CHANGES}`);
}

const removeRows = (tx: Queryable, deviceIds: readonly string[]) =>
  tx.delete(hoursOfOperation).where(isAmong(hoursOfOperation.deviceId, deviceIds));

/**
 * Stores hours of displays, each once; what is left out of one stays, and a display that is left with none has no row. They apply from the
 * next switching on. The caller holds the displays' settings versions, so that nobody else stores hours of theirs.
 */
export async function saveHours(
  tx: Queryable,
  wanted: readonly { deviceId: string; hours: Partial<Hours> }[],
  at: Date,
): Promise<void> {
  const ids = wanted.map(({ deviceId }) => deviceId);
  // Locked, and before the hours: who takes over another zone from the registry would otherwise not see hours that are new.
  const zones = await tx
    .select({ deviceId: targets.deviceId, timeZone: targets.timeZone })
    .from(targets)
    .where(isAmong(targets.deviceId, ids))
    .orderBy(asc(targets.deviceId))
    .for('share');
  const zoneOf = new Map(zones.map(({ deviceId, timeZone }) => [deviceId, timeZone]));
  const rows = new Map((await lockHours(tx, ids)).map((row) => [row.deviceId, row]));
  const reckon = reckonAt(at);
  const fresh = wanted.flatMap(({ deviceId, hours: given }): HoursRow[] => {
    const before = rows.get(deviceId);
    const timeZone = zoneOf.get(deviceId);
    const hours = {
      weekly: given.weekly ?? before?.weekly ?? [],
      exceptions: given.exceptions ?? before?.exceptions ?? [],
    };
    if (timeZone === undefined || isNone(hours)) return [];
    const anew = heldAnew({ hours, timeZone }, before ? heldOf(before) : null, at, reckon);
    return [{ deviceId, setAt: at, changeId: before?.changeId ?? null, ...standing(anew) }];
  });
  const kept = new Set(fresh.map(({ deviceId }) => deviceId));
  const gone = ids.filter((id) => rows.has(id) && !kept.has(id));
  if (gone.length > 0) await removeRows(tx, gone);
  await writeRows(tx, fresh);
}

/**
 * Takes over what the registry says of displays: hours of one that is removed go, and where another time zone holds they apply by that one
 * from the next switching on.
 */
export async function rezoneHours(tx: Queryable, deviceIds: readonly string[], at: Date): Promise<void> {
  const found = await tx
    .select({ deviceId: targets.deviceId, timeZone: targets.timeZone, removed: targets.removed })
    .from(hoursOfOperation)
    .innerJoin(targets, eq(targets.deviceId, hoursOfOperation.deviceId))
    .where(
      and(
        isAmong(hoursOfOperation.deviceId, deviceIds),
        or(targets.removed, ne(targets.timeZone, hoursOfOperation.timeZone)),
      ),
    );
  if (found.length === 0) return;
  const zoneOf = new Map(found.map(({ deviceId, timeZone }) => [deviceId, timeZone]));
  const held = await lockHours(tx, [...zoneOf.keys()]);
  const removed = new Set(found.flatMap((item) => (item.removed ? [item.deviceId] : [])));
  if (removed.size > 0) await removeRows(tx, [...removed]);
  const reckon = reckonAt(at);
  const kept = held.filter(({ deviceId }) => !removed.has(deviceId));
  await writeRows(
    tx,
    kept.map((row) => {
      const before = heldOf(row);
      const timeZone = zoneOf.get(row.deviceId) ?? row.timeZone;
      return { ...row, ...standing(heldAnew({ hours: before.hours, timeZone }, before, at, reckon)) };
    }),
  );
}

const REFRESH_ROWS = 1_000;

/**
 * Reckons anew what was reckoned by another edition of the time zone database. What is due by now is found by the next look.
 *
 * @returns how many were; when there may be more, `REFRESH_ROWS`
 */
export async function refreshHours(tx: Queryable): Promise<{ refreshed: number; hasMore: boolean }> {
  const rows = await tx
    .select()
    .from(hoursOfOperation)
    .where(ne(hoursOfOperation.timeZoneRules, timeZoneRules()))
    .orderBy(asc(hoursOfOperation.deviceId))
    .limit(REFRESH_ROWS)
    .for('update');
  await writeRows(
    tx,
    rows.map((row) => {
      const held = heldOf(row);
      const isOwed = held.next !== null && held.next.at <= held.switchedThrough;
      const { hours, timeZone, switchedThrough } = held;
      const next = knowsTimeZone(timeZone) ? nextSwitching(hours, timeZone, switchedThrough) : null;
      return { ...row, ...standing(isOwed ? held : { ...held, next }) };
    }),
  );
  return { refreshed: rows.length, hasMore: rows.length === REFRESH_ROWS };
}

export type HoursWork = { row: HoursRow; change: LastChange | null; measuredAt: Date | null };

/** The hours about which there may be something to do at `now`, in the order of their displays; one statement. */
export async function findHoursWork(db: Queryable, now: Date): Promise<HoursWork[]> {
  const later = alias(settingsChanges, 'later');
  const isOvertaken = sql<boolean>`exists (
    select from ${settingsChanges} as ${sql.raw('later')}
    where ${later.subject} = ${settingsChanges.subject} and ${later.settingsVersion} > ${settingsChanges.settingsVersion}
      and ${later.wanted} ? 'power' and ${later.state} not in ('REJECTED', 'SUPERSEDED'))`;
  const { state, reason, requestedAt, finishedAt } = settingsChanges;
  const power = sql<Power>`${settingsChanges.wanted} ->> 'power'`;
  return db
    .select({
      row: getTableColumns(hoursOfOperation),
      change: { state, power, reason, requestedAt, finishedAt, isOvertaken },
      measuredAt: displays.measuredAt,
    })
    .from(hoursOfOperation)
    .innerJoin(targets, and(eq(targets.deviceId, hoursOfOperation.deviceId), eq(targets.removed, false)))
    .leftJoin(settingsChanges, eq(settingsChanges.id, hoursOfOperation.changeId))
    .leftJoin(displays, eq(displays.deviceId, hoursOfOperation.deviceId))
    .where(or(lte(hoursOfOperation.nextAt, now), isNotNull(hoursOfOperation.changeId)))
    .orderBy(asc(hoursOfOperation.deviceId));
}

/** Hours that are not as they were when something was decided about them. */
export class HoursMovedError extends Error {
  constructor() {
    super('hours were changed while their switching was being decided');
  }
}

/** How hours stand after a step. */
export type Move = Pick<HoursRow, 'switchedThrough' | 'nextAt' | 'nextPower' | 'changeId'> & {
  /** As they were when the step was decided. */
  row: HoursRow;
};

/**
 * Keeps how hours stand after a step, of all or of none.
 *
 * @throws HoursMovedError when one of them is no longer as it was
 */
export async function moveHours(tx: Queryable, moves: readonly Move[]): Promise<void> {
  const fresh = moves.map(({ row, switchedThrough, nextAt, nextPower, changeId }) => ({
    ...{ id: row.deviceId, through: switchedThrough, next: nextAt, power: nextPower, change: changeId },
    ...{ set: row.setAt, was_through: row.switchedThrough, was_next: row.nextAt, was_change: row.changeId },
  }));
  const ids = moves.map(({ row }) => row.deviceId);
  // Locked in the order of their displays, as everyone does who changes many.
  const moved = await tx.execute(sql`
    with locked as materialized (
      select device_id from ${hoursOfOperation} where ${isAmong(hoursOfOperation.deviceId, ids)} order by device_id for update
    )
    update ${hoursOfOperation} as held
    set switched_through = fresh.through, next_at = fresh.next, next_power = fresh.power, change_id = fresh.change
    from locked, json_to_recordset(${JSON.stringify(fresh)}::json) as fresh (
      id text, through timestamptz, next timestamptz, power text, change text,
      set timestamptz, was_through timestamptz, was_next timestamptz, was_change text)
    where held.device_id = locked.device_id and fresh.id = held.device_id and held.set_at = fresh.set
      and held.switched_through = fresh.was_through and held.next_at is not distinct from fresh.was_next
      and held.change_id is not distinct from fresh.was_change
    returning held.device_id`);
  if (moved.length < moves.length) throw new HoursMovedError();
}

/** Forgets the changes of switchings about which nothing more is to be done. Locked in the order of their displays, as everyone does. */
export async function settleHours(db: Queryable, changeIds: readonly string[]): Promise<void> {
  if (changeIds.length === 0) return;
  const isOfThese = isAmong(hoursOfOperation.changeId, changeIds);
  await db.execute(sql`
    with locked as materialized (
      select device_id from ${hoursOfOperation} where ${isOfThese} order by device_id for update
    )
    update ${hoursOfOperation} as held set change_id = null from locked where held.device_id = locked.device_id`);
}
