import type { RegistryItem } from '@wheelhouse/contracts/registry.ts';
import { type Database, isAmong, type Queryable } from '@wheelhouse/kit/database.ts';
import { and, asc, eq, getTableColumns, sql } from 'drizzle-orm';
import { type Look, problemOf } from './rules.ts';
import { cores, feedCursors, targets } from './tables.ts';

export type CoreRow = typeof cores.$inferSelect;
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

/**
 * Takes registry items and moves the cursor behind them, in one transaction; nothing when another worker moved it meanwhile.
 * An item that is not newer than what we have changes nothing.
 *
 * @returns ids of the targets that are new or changed, and are there
 */
export async function applyRegistryItems(
  db: Database,
  feed: string,
  items: readonly RegistryItem[],
  move: CursorMove,
): Promise<string[]> {
  // The feed may name a device twice; one statement must not touch a row twice.
  const newest = new Map<string, RegistryItem>();
  for (const item of items) if (item.version >= (newest.get(item.id)?.version ?? 0)) newest.set(item.id, item);
  const rows = [...newest.values()].map(({ id, ...rest }) => ({ deviceId: id, ...rest }));
  return db.transaction(async (tx) => {
    if (!(await moveFeedCursor(tx, feed, move)) || rows.length === 0) return [];
    const { deviceId: key, ...rest } = getTableColumns(targets);
    const set = Object.fromEntries(
      Object.entries(rest).map(([field, column]) => [field, sql.raw(`excluded.${column.name}`)]),
    );
    const changed = await tx
      .insert(targets)
      .values(rows)
      .onConflictDoUpdate({ target: key, set, setWhere: sql`${targets.version} < excluded.version` })
      .returning({ deviceId: targets.deviceId, removed: targets.removed });
    return changed.filter(({ removed }) => !removed).map(({ deviceId }) => deviceId);
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

export const findCores = (db: Queryable, ids: readonly string[]): Promise<CoreRow[]> =>
  db.select().from(cores).where(isAmong(cores.deviceId, ids));

export type Looked = { deviceId: string; at: Date; look: Look };

const NOTHING_MEASURED = {
  measuredAt: null,
  roundTripMs: null,
  platform: null,
  engineState: null,
  designName: null,
  designCode: null,
  isRedundant: null,
  isEmulator: null,
  problems: null,
};

function rowOf({ deviceId, at, look }: Looked, slot: Date): CoreRow {
  const base = { deviceId, slot, lookedAt: at, lookProblem: problemOf(look) };
  if (look.kind !== 'answered') return { ...base, ...NOTHING_MEASURED };
  return { ...base, measuredAt: at, roundTripMs: look.roundTripMs, ...look.state };
}

/** Columns that describe the look itself; the others keep the last answer when a look has none. */
const LOOK_COLUMNS = new Set(['slot', 'looked_at', 'look_problem']);
const columns = Object.entries(getTableColumns(cores));
const list = (parts: string[]) => sql.raw(parts.join(', '));
/** The fields as the statement below takes them in, the columns that they go to, and what becomes of the ones that are there. */
const FRESH = list(columns.map(([field, column]) => `"${field}" ${column.getSQLType()}`));
const FIELDS = list(columns.map(([field]) => `"${field}"`));
const COLUMNS = list(columns.map(([, { name }]) => name));
const CHANGES = list(
  columns
    .filter(([, { primary }]) => !primary)
    .map(([, { name }]) =>
      LOOK_COLUMNS.has(name)
        ? `${name} = excluded.${name}`
        : `${name} = case when excluded.measured_at is null then held.${name} else excluded.${name} end`,
    ),
);

/**
 * Keeps what a chunk's looks found, in one statement, into which the rows travel as one parameter. A look of an older slot than the one
 * we have changes nothing.
 */
export async function saveLooks(db: Queryable, slot: Date, looked: readonly Looked[]): Promise<void> {
  if (looked.length === 0) return;
  // In the order of ids, so that two chunks with a device in common can't lock each other out.
  const rows = looked.map((item) => rowOf(item, slot)).sort((a, b) => (a.deviceId < b.deviceId ? -1 : 1));
  await db.execute(sql`
    insert into ${cores} as held (${COLUMNS})
    select ${FIELDS} from json_to_recordset(${JSON.stringify(rows)}::json) as fresh (${FRESH})
    on conflict (device_id) do update set ${CHANGES} where held.slot <= excluded.slot`);
}
