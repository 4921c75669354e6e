import type { RegistryItem } from '@wheelhouse/contracts/registry.ts';
import { type Database, isAmong, type Queryable } from '@wheelhouse/kit/database.ts';
import { and, asc, count, eq, getTableColumns, lt, sql } from 'drizzle-orm';
import { isOnAir, type Listing, type Look } from './rules.ts';
import { feedCursors, listedPlayers, players, targets } from './tables.ts';

export type PlayerRow = typeof players.$inferSelect;
export type ListedRow = typeof listedPlayers.$inferSelect;
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

export const findPlayers = (db: Queryable, ids: readonly string[]): Promise<PlayerRow[]> =>
  db.select().from(players).where(isAmong(players.deviceId, ids));

export type Looked = { deviceId: string; at: Date; look: Look };

function rowOf({ deviceId, at, look }: Looked, slot: Date): PlayerRow {
  const seen = { deviceId, slot, lookedAt: at };
  if (look.kind === 'couldNotLook') {
    const told = { name: null, state: null, deviceType: null, locationName: null, channelName: null };
    return {
      ...seen,
      ...told,
      lookProblem: look.problem,
      measuredAt: null,
      playerVersion: null,
      lastContactAt: null,
      onAir: null,
    };
  }
  const { name, state, deviceType, locationName, channelName, playerVersion, lastContactAt } = look.player;
  const told = { name, state, deviceType, locationName, channelName, playerVersion, lastContactAt };
  return { ...seen, ...told, lookProblem: null, measuredAt: at, onAir: isOnAir(look.player) };
}

const list = (parts: string[]) => sql.raw(parts.join(', '));
/** A table's fields as a statement takes them in from JSON, and the columns that they go to. */
function takenIn(table: typeof players | typeof listedPlayers) {
  const columns = Object.entries(getTableColumns(table));
  return {
    fresh: list(columns.map(([field, column]) => `"${field}" ${column.getSQLType()}`)),
    fields: list(columns.map(([field]) => `"${field}"`)),
    columns: list(columns.map(([, { name }]) => name)),
  };
}

const LOOKED_AT_EACH = ['slot', 'looked_at', 'look_problem'];
const byLook = takenIn(players);
/** A look that told nothing leaves what was told before as it is. */
const KEPT_OR_TOLD = list(
  Object.values(getTableColumns(players))
    .map(({ name }) => name)
    .filter((name) => name !== 'device_id')
    .map((name) =>
      LOOKED_AT_EACH.includes(name)
        ? `${name} = excluded.${name}`
        : `${name} = case when excluded.measured_at is null then held.${name} else excluded.${name} end`,
    ),
);

/**
 * Keeps what was found of a chunk's players, in one statement, into which the rows travel as one parameter. A look of an older slot than the
 * one we have changes nothing.
 */
export async function saveLooks(db: Queryable, slot: Date, looked: readonly Looked[]): Promise<void> {
  if (looked.length === 0) return;
  // In the order of ids, so that two chunks with a player in common can't lock each other out.
  const rows = looked.map((item) => rowOf(item, slot)).sort((a, b) => (a.deviceId < b.deviceId ? -1 : 1));
  await db.execute(sql`
    insert into ${players} as held (${byLook.columns})
    select ${byLook.fields} from json_to_recordset(${JSON.stringify(rows)}::json) as fresh (${byLook.fresh})
    on conflict (device_id) do update set ${KEPT_OR_TOLD}
    where held.slot <= excluded.slot`);
}

const byListing = takenIn(listedPlayers);
const TOLD = list(
  Object.values(getTableColumns(listedPlayers))
    .map(({ name }) => name)
    .filter((name) => name !== 'appspace_id')
    .map((name) => `${name} = excluded.${name}`),
);

/** Keeps a listing's players. One that is not in a whole list is gone; of an incomplete one nothing follows for those that are not in it. */
export async function saveListing(db: Database, { atMs, players: listed, problem }: Listing): Promise<void> {
  const listedAt = new Date(atMs);
  const rows = [...listed.values()]
    .map(({ id, name, state, deviceType, locationName, channelName, playerVersion, lastContactAt }) => ({
      ...{ appspaceId: id, listedAt, name, state, deviceType, locationName, channelName, playerVersion, lastContactAt },
    }))
    .sort((a, b) => (a.appspaceId < b.appspaceId ? -1 : 1));
  await db.transaction(async (tx) => {
    if (rows.length > 0)
      await tx.execute(sql`
        insert into ${listedPlayers} as held (${byListing.columns})
        select ${byListing.fields} from json_to_recordset(${JSON.stringify(rows)}::json) as fresh (${byListing.fresh})
        on conflict (appspace_id) do update set ${TOLD}
        where held.listed_at <= excluded.listed_at`);
    if (problem === null) await tx.delete(listedPlayers).where(lt(listedPlayers.listedAt, listedAt));
  });
}

/** Players that no target names: what the registry does not have. */
const isNotInRegistry = sql`not exists (
  select from ${targets}
  where not ${targets.removed} and ${targets.connection} ->> 'deviceId' = ${listedPlayers.appspaceId})`;
const nameOrNone = sql<string>`coalesce(${listedPlayers.name}, '')`;

/** Players that the registry does not have, by name, one more than `limit`, behind the one of this name and id. */
export function listOffers(
  db: Queryable,
  { after, limit }: { after: { name: string; appspaceId: string } | null; limit: number },
): Promise<ListedRow[]> {
  const behind = after && sql`(${nameOrNone}, ${listedPlayers.appspaceId}) > (${after.name}, ${after.appspaceId})`;
  return db
    .select()
    .from(listedPlayers)
    .where(and(isNotInRegistry, behind ?? undefined))
    .orderBy(asc(nameOrNone), asc(listedPlayers.appspaceId))
    .limit(limit + 1);
}

/** How many players the registry does not have. */
export async function countOffers(db: Queryable): Promise<number> {
  const [row] = await db.select({ total: count() }).from(listedPlayers).where(isNotInRegistry);
  return row?.total ?? 0;
}
