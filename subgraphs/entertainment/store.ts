import type { RegistryItem } from '@wheelhouse/contracts/registry.ts';
import { type Database, isAmong, type Queryable } from '@wheelhouse/kit/database.ts';
import { and, asc, eq, getTableColumns, sql } from 'drizzle-orm';
import type { Look } from './ping.ts';
import { LOOKS_IN_WINDOW, problemOf, tallyOf } from './rules.ts';
import { feedCursors, pinged, targets } from './tables.ts';

export type PingedRow = typeof pinged.$inferSelect;
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

export const findPinged = (db: Queryable, ids: readonly string[]): Promise<PingedRow[]> =>
  db.select().from(pinged).where(isAmong(pinged.deviceId, ids));

export type Looked = { deviceId: string; at: Date; look: Look };

function rowOf({ deviceId, at, look }: Looked, slot: Date): PingedRow {
  const tally = tallyOf(look);
  return {
    ...{ deviceId, slot, lookedAt: at, lookProblem: problemOf(look) },
    measuredAt: tally && at,
    roundTripTimeMs: look.kind === 'answered' ? look.roundTripTimeMs : null,
    lossRatio: tally && tally.lost / tally.sent,
    recentLooks: tally ? [{ slotMs: slot.getTime(), ...tally }] : [],
  };
}

const columns = Object.entries(getTableColumns(pinged));
const list = (parts: string[]) => sql.raw(parts.join(', '));
/** The fields as the statement below takes them in, and the columns that they go to. */
const FRESH = list(columns.map(([field, column]) => `"${field}" ${column.getSQLType()}`));
const FIELDS = list(columns.map(([field]) => `"${field}"`));
const COLUMNS = list(columns.map(([, { name }]) => name));

/**
 * Keeps what a chunk's looks found, in one statement, into which the rows travel as one parameter. A look of an older slot than the one
 * we have changes nothing, and one that could not be taken leaves what was measured as it is. The window of the last looks is made where
 * the row is locked, since looks of two slots may be under way at once; a slot counts once in it, however often its job runs.
 */
export async function saveLooks(db: Queryable, slot: Date, looked: readonly Looked[]): Promise<void> {
  if (looked.length === 0) return;
  // In the order of ids, so that two chunks with a device in common can't lock each other out.
  const rows = looked.map((item) => rowOf(item, slot)).sort((a, b) => (a.deviceId < b.deviceId ? -1 : 1));
  await db.execute(sql`
    insert into ${pinged} as held (${COLUMNS})
    select ${FIELDS} from json_to_recordset(${JSON.stringify(rows)}::json) as fresh (${FRESH})
    on conflict (device_id) do update set
      slot = excluded.slot,
      looked_at = excluded.looked_at,
      look_problem = excluded.look_problem,
      measured_at = coalesce(excluded.measured_at, held.measured_at),
      round_trip_time_ms =
        case when excluded.measured_at is null then held.round_trip_time_ms else excluded.round_trip_time_ms end,
      (recent_looks, loss_ratio) = (
        select kept, case
          when excluded.loss_ratio is null then held.loss_ratio
          -- As it nearly always is: nothing to add up.
          when excluded.loss_ratio = 0 and held.loss_ratio = 0 then 0
          else (
            select sum(lost)::double precision / sum(sent)
            from jsonb_to_recordset(kept) as look (sent integer, lost integer)
          )
        end
        from (
          -- Slots only rise, so the one that is there already can only be the first; what is taken away is the one after the last that counts.
          select (
            excluded.recent_looks || case
              when held.recent_looks #> '{0,slotMs}' = excluded.recent_looks #> '{0,slotMs}' then held.recent_looks - 0
              else held.recent_looks
            end
          ) - ${sql.raw(String(LOOKS_IN_WINDOW))} as kept
        ) as recent
      )
    where held.slot <= excluded.slot`);
}
