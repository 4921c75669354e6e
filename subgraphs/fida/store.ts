import type { RegistryItem } from '@wheelhouse/contracts/registry.ts';
import { type Database, isAmong, type Queryable } from '@wheelhouse/kit/database.ts';
import { and, asc, eq, getTableColumns, sql } from 'drizzle-orm';
import { rezoneHours } from './hours/store.ts';
import { problemOf } from './rules.ts';
import type { Look } from './snmp.ts';
import { displays, feedCursors, targets } from './tables.ts';

export type DisplayRow = typeof displays.$inferSelect;
export type TargetRow = typeof targets.$inferSelect;

/** Where we stand in a feed, or null at its start. */
export async function readFeedCursor(db: Queryable, feed: string): Promise<string | null> {
  const [row] = await db.select({ cursor: feedCursors.cursor }).from(feedCursors).where(eq(feedCursors.feed, feed));
  return row?.cursor ?? null;
}

/**
 * Forgets the registry, unless the cursor is no longer `cursor`. The targets go too: another registry's may have lower
 * versions, and it does not know the ones it never had.
 */
export async function forgetRegistry(db: Database, feed: string, cursor: string): Promise<void> {
  await db.transaction(async (tx) => {
    const forgotten = await tx
      .delete(feedCursors)
      .where(and(eq(feedCursors.feed, feed), eq(feedCursors.cursor, cursor)))
      .returning({ feed: feedCursors.feed });
    if (forgotten.length > 0) await tx.delete(targets).where(sql`true`);
  });
}

/** Moves the cursor; false when it was not at `from`, since another worker had moved it. The row stays locked. */
async function moveFeedCursor(tx: Queryable, feed: string, { from, to }: CursorMove): Promise<boolean> {
  const moved =
    from === null
      ? await tx
          .insert(feedCursors)
          .values({ feed, cursor: to })
          .onConflictDoNothing()
          .returning({ feed: feedCursors.feed })
      : await tx
          .update(feedCursors)
          .set({ cursor: to })
          .where(and(eq(feedCursors.feed, feed), eq(feedCursors.cursor, from)))
          .returning({ feed: feedCursors.feed });
  return moved.length > 0;
}

export type CursorMove = { from: string | null; to: string };

/** Same version, and yet other words of the registry: what holds at its site changed, and not the entry. */
const isToldAnew = sql`${targets.version} = excluded.version
  and (${targets.site}, ${targets.timeZone}) is distinct from (excluded.site, excluded.time_zone)`;

/**
 * Takes registry items and moves the cursor behind them, in one transaction; nothing when another worker moved it meanwhile.
 * An item that is older than what we have changes nothing. One of the same version may tell another time zone: items are as they are now,
 * and the cursor moves with them, so that one that is read later is never older.
 *
 * @returns ids of the targets that are new or whose entry is another one, and that are there
 */
export async function applyRegistryItems(
  db: Database,
  feed: string,
  items: readonly RegistryItem[],
  move: CursorMove,
  at = new Date(),
): Promise<string[]> {
  // The feed may name a device twice; one statement must not touch a row twice.
  const newest = new Map<string, RegistryItem>();
  for (const item of items) if (item.version >= (newest.get(item.id)?.version ?? 0)) newest.set(item.id, item);
  // In the order of ids, as everyone does who locks many of them.
  const rows = [...newest.values()]
    .map(({ id, ...rest }) => ({ deviceId: id, ...rest }))
    .sort((a, b) => (a.deviceId < b.deviceId ? -1 : 1));
  return db.transaction(async (tx) => {
    if (!(await moveFeedCursor(tx, feed, move)) || rows.length === 0) return [];
    const { deviceId: key, version, ...rest } = getTableColumns(targets);
    const known = await tx
      .select({ deviceId: key, version })
      .from(targets)
      .where(isAmong(key, [...newest.keys()]));
    const versions = new Map(known.map((row) => [row.deviceId, row.version]));
    const set = Object.fromEntries(
      Object.entries({ version, ...rest }).map(([field, column]) => [field, sql.raw(`excluded.${column.name}`)]),
    );
    const changed = await tx
      .insert(targets)
      .values(rows)
      .onConflictDoUpdate({
        target: key,
        set,
        setWhere: sql`${targets.version} < excluded.version or (${isToldAnew})`,
      })
      .returning({ deviceId: targets.deviceId, version: targets.version, removed: targets.removed });
    const ids = changed.map(({ deviceId }) => deviceId);
    if (ids.length > 0) await rezoneHours(tx, ids, at);
    return changed
      .filter((row) => !row.removed && versions.get(row.deviceId) !== row.version)
      .map(({ deviceId }) => deviceId);
  });
}

/** Ids of all targets, in their order. */
export async function listTargetIds(db: Queryable): Promise<string[]> {
  const rows = await db
    .select({ id: targets.deviceId })
    .from(targets)
    .where(eq(targets.removed, false))
    .orderBy(asc(targets.deviceId));
  return rows.map(({ id }) => id);
}

/** The targets with these ids that are not removed, in no order. */
export function findTargets(db: Queryable, ids: readonly string[]): Promise<TargetRow[]> {
  return db
    .select()
    .from(targets)
    .where(and(isAmong(targets.deviceId, ids), eq(targets.removed, false)));
}

export const findDisplays = (db: Queryable, ids: readonly string[]): Promise<DisplayRow[]> =>
  db.select().from(displays).where(isAmong(displays.deviceId, ids));

export type Looked = { deviceId: string; at: Date; look: Look };

const NOTHING_MEASURED = {
  power: null,
  brightnessPercent: null,
  temperatureCelsius: null,
  inputSource: null,
  signalPresent: null,
  backlightHours: null,
  ambientLightLux: null,
  model: null,
  serialNumber: null,
  firmware: null,
  problems: null,
};

/** Not of a look: what saveReadBack keeps. */
const OF_NO_LOOK = { settingsReadAt: null };

function rowOf({ deviceId, at, look }: Looked, slot: Date): DisplayRow {
  const base = { deviceId, slot, lookedAt: at, lookProblem: problemOf(look) };
  if (look.kind !== 'answered')
    return { ...base, ...NOTHING_MEASURED, ...OF_NO_LOOK, measuredAt: null, roundTripMs: null, profile: null };
  const { power, brightnessPercent, temperatureCelsius, inputSource, signalPresent } = look.state;
  const { backlightHours, ambientLightLux, model, serialNumber, firmware, problems } = look.state;
  const measured = { power, brightnessPercent, temperatureCelsius, inputSource, signalPresent };
  const about = { backlightHours, ambientLightLux, model, serialNumber, firmware, problems };
  const { roundTripMs, profile } = look;
  return { ...base, ...OF_NO_LOOK, measuredAt: at, roundTripMs, profile, ...measured, ...about };
}

/** Columns that describe the look itself; the others keep the last answer when a look has none. */
const LOOK_COLUMNS = new Set(['slot', 'looked_at', 'look_problem']);
/** What can be set. A look that began before a change was read back may have seen the old value. */
const SETTINGS = ['power', 'brightnessPercent', 'inputSource'] as const satisfies (keyof DisplayRow)[];
const SETTING_COLUMNS = new Set<string>(SETTINGS.map((field) => displays[field].name));
/** No look takes so long: what was read back further ahead was dated by a clock that is. */
const LONGEST_LOOK = "interval '10 minutes'";
const READ_BACK_LATER = `coalesce(held.settings_read_at > excluded.looked_at
  and held.settings_read_at < excluded.looked_at + ${LONGEST_LOOK}, false)`;

const columns = Object.entries(getTableColumns(displays));
const list = (parts: string[]) => sql.raw(parts.join(', '));
/** The fields as the statement below takes them in, the columns that they go to, and what becomes of the ones that are there. */
const FRESH = list(columns.map(([field, column]) => `"${field}" ${column.getSQLType()}`));
const FIELDS = list(columns.map(([field]) => `"${field}"`));
const COLUMNS = list(columns.map(([, { name }]) => name));
const CHANGES = list(
  columns
    .filter(([field, { primary }]) => !primary && !(field in OF_NO_LOOK))
    .map(([, { name }]) => {
      if (LOOK_COLUMNS.has(name)) return `${name} = excluded.${name}`;
      const isOlder = SETTING_COLUMNS.has(name) ? ` or ${READ_BACK_LATER}` : '';
      return `${name} = case when excluded.measured_at is null${isOlder} then held.${name} else excluded.${name} end`;
    }),
);

/**
 * Keeps what a chunk's looks found, in one statement. A look of an older slot than the one we have changes nothing. The rows travel as
 * one parameter: a list of values would be taken apart and planned anew for each chunk, at several times the cost.
 */
export async function saveLooks(db: Queryable, slot: Date, looked: readonly Looked[]): Promise<void> {
  if (looked.length === 0) return;
  // In the order of ids, so that two chunks with a device in common can't lock each other out.
  const rows = looked.map((item) => rowOf(item, slot)).sort((a, b) => (a.deviceId < b.deviceId ? -1 : 1));
  await db.execute(sql`
    insert into ${displays} as held (${COLUMNS})
    select ${FIELDS} from json_to_recordset(${JSON.stringify(rows)}::json) as fresh (${FRESH})
    on conflict (device_id) do update set ${CHANGES} where held.slot <= excluded.slot`);
}

/**
 * Keeps what was read back after a change of settings. Slot and times stay those of the last look. A display that was never looked at
 * has no row, and gets none.
 */
export async function saveReadBack(
  db: Queryable,
  deviceId: string,
  readBack: Partial<Pick<DisplayRow, (typeof SETTINGS)[number]>>,
  at: Date,
): Promise<void> {
  await db
    .update(displays)
    .set({ ...readBack, settingsReadAt: at })
    .where(eq(displays.deviceId, deviceId));
}
