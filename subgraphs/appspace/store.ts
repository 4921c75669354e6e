import { type Database, isAmong, type Queryable } from '@wheelhouse/kit/database.ts';
import { type FeedCopy, isPresent } from '@wheelhouse/kit/feed-copy.ts';
import { insertRows, setColumns } from '@wheelhouse/kit/rows.ts';
import { and, asc, count, lt, sql } from 'drizzle-orm';
import { isOnAir, type Listing, type Look } from './rules.ts';
import { feedCursors, listedPlayers, players, targets } from './tables.ts';

export type PlayerRow = typeof players.$inferSelect;
export type ListedRow = typeof listedPlayers.$inferSelect;
export type TargetRow = typeof targets.$inferSelect;

/** Our copy of the registry. */
export const registryCopy: FeedCopy = {
  feed: 'registry',
  cursors: feedCursors,
  entries: targets,
  id: targets.deviceId,
};

/** The targets with these ids that are not removed, in no order. */
export const findTargets = (db: Queryable, ids: readonly string[]): Promise<TargetRow[]> =>
  db.select().from(targets).where(isPresent(registryCopy, ids));

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

const LOOKED_AT_EACH = ['slot', 'looked_at', 'look_problem'];
/** A look that told nothing leaves what was told before as it is. */
const KEPT_OR_TOLD = setColumns(players, (name) =>
  LOOKED_AT_EACH.includes(name)
    ? `excluded.${name}`
    : `case when excluded.measured_at is null then held.${name} else excluded.${name} end`,
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
    ${insertRows(players, rows)}
    on conflict (device_id) do update set ${KEPT_OR_TOLD}
    where held.slot <= excluded.slot`);
}

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
        ${insertRows(listedPlayers, rows)}
        on conflict (appspace_id) do update set ${setColumns(listedPlayers)}
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
