import { and, asc, eq, getTableColumns, type SQL, sql } from 'drizzle-orm';
import { type AnyPgColumn, type PgSchema, type PgTable, text } from 'drizzle-orm/pg-core';
import { type Database, isAmong, type Queryable } from './database.ts';
import { type FeedOptions, followFeed } from './feed.ts';
import { insertRows, setColumns } from './rows.ts';

/** How far a service has read each of the feeds that it follows. */
export const feedCursorsTable = (schema: PgSchema<string>) =>
  schema.table('feed_cursors', {
    feed: text().primaryKey(),
    cursor: text().notNull(),
  });

/**
 * What a service keeps of another's feed: a row for each subject, as the feed told of it last. A removed one's row stays, so that an old
 * item can't bring it back.
 */
export type FeedCopy = {
  /** Names the feed among the cursors. */
  feed: string;
  cursors: ReturnType<typeof feedCursorsTable>;
  /** Its fields are those of the feed's items, but for `id`, which goes to the primary key. */
  entries: PgTable & { version: AnyPgColumn; removed: AnyPgColumn };
  id: AnyPgColumn<{ data: string; notNull: true }>;
};

/** What every item says of its subject; of several the newest version holds. */
export type FeedItem = { id: string; version: number; removed: boolean };
export type CursorMove = { from: string | null; to: string };

/** Where we stand in the feed, or null at its start. */
export async function readFeedCursor(db: Queryable, { feed, cursors }: FeedCopy): Promise<string | null> {
  const [row] = await db.select({ cursor: cursors.cursor }).from(cursors).where(eq(cursors.feed, feed));
  return row?.cursor ?? null;
}

/** Moves the cursor; false when it was not at `from`, since another process had moved it. The row stays locked. */
async function moveCursor(tx: Queryable, { feed, cursors }: FeedCopy, { from, to }: CursorMove): Promise<boolean> {
  const returned = { feed: cursors.feed };
  const moved =
    from === null
      ? await tx.insert(cursors).values({ feed, cursor: to }).onConflictDoNothing().returning(returned)
      : await tx
          .update(cursors)
          .set({ cursor: to })
          .where(and(eq(cursors.feed, feed), eq(cursors.cursor, from)))
          .returning(returned);
  return moved.length > 0;
}

/**
 * Forgets the feed, unless the cursor is no longer `cursor`. The entries go too: another feed's may have lower versions, and it does not know
 * the ones it never had.
 */
export async function forgetFeed(db: Database, { feed, cursors, entries }: FeedCopy, cursor: string): Promise<void> {
  await db.transaction(async (tx) => {
    const forgotten = await tx
      .delete(cursors)
      .where(and(eq(cursors.feed, feed), eq(cursors.cursor, cursor)))
      .returning({ feed: cursors.feed });
    if (forgotten.length > 0) await tx.delete(entries);
  });
}

/** What is done besides, in the transaction that takes items: `ids` are all whose rows became other ones, also the removed. */
export type AlsoOnChange = (tx: Queryable, ids: readonly string[]) => Promise<void>;

/**
 * Takes items and moves the cursor behind them, in one transaction; nothing when another process moved it meanwhile. An item that is older
 * than what we have changes nothing. One of the same version may say something else: items are as they are now, and the cursor moves with
 * them, so that one that is read later is never older.
 *
 * @returns ids of those that are new or of another version, and not removed, in no order
 */
export async function takeFeedItems(
  db: Database,
  copy: FeedCopy,
  items: readonly FeedItem[],
  move: CursorMove,
  also?: AlsoOnChange,
): Promise<string[]> {
  const { entries, id: key } = copy;
  const { version, removed } = entries;
  // The feed may name a subject twice; one statement must not touch a row twice.
  const newest = new Map<string, FeedItem>();
  for (const item of items) if (item.version >= (newest.get(item.id)?.version ?? 0)) newest.set(item.id, item);
  const columns = Object.entries(getTableColumns(entries));
  const keyField = columns.find(([, { name }]) => name === key.name)?.[0] ?? 'id';
  // In the order of ids, as everyone does who locks many of them.
  const rows = [...newest.values()]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, ...rest }) => ({ [keyField]: id, ...rest }));
  const ofRow = (row: 'held' | 'excluded', { name }: { name: string }): SQL => sql.raw(`${row}.${name}`);
  const all = (row: 'held' | 'excluded'): SQL =>
    sql.join(
      columns.map(([, column]) => ofRow(row, column)),
      sql`, `,
    );
  return db.transaction(async (tx) => {
    if (!(await moveCursor(tx, copy, move)) || rows.length === 0) return [];
    const known = await tx
      .select({ id: key, version })
      .from(entries)
      .where(isAmong(key, [...newest.keys()]));
    const versions = new Map(known.map((row) => [row.id, row.version]));
    const changed = await tx.execute<{ id: string; version: number; removed: boolean }>(sql`
      ${insertRows(entries, rows)}
      on conflict (${sql.identifier(key.name)}) do update set ${setColumns(entries)}
      where ${ofRow('held', version)} <= ${ofRow('excluded', version)} and (${all('held')}) is distinct from (${all('excluded')})
      returning ${ofRow('held', key)} as id, ${ofRow('held', version)} as version, ${ofRow('held', removed)} as removed`);
    if (changed.length > 0)
      await also?.(
        tx,
        changed.map(({ id }) => id),
      );
    return changed.filter((row) => !row.removed && versions.get(row.id) !== row.version).map(({ id }) => id);
  });
}

/** Of those with these ids, the ones that are there: a condition for a store's own query over the entries. */
export const isPresent = ({ id, entries }: FeedCopy, ids: readonly string[]): SQL | undefined =>
  and(isAmong(id, ids), eq(entries.removed, false));

/** Ids of all that are not removed, in their order. */
export async function listPresent(db: Queryable, { id, entries }: FeedCopy): Promise<string[]> {
  const rows = await db.select({ id }).from(entries).where(eq(entries.removed, false)).orderBy(asc(id));
  return rows.map((row) => row.id);
}

export type FollowOptions<Item> = Pick<FeedOptions<Item>, 'url' | 'token' | 'item' | 'signal' | 'logger'> & {
  db: Database;
  copy: FeedCopy;
  also?: AlsoOnChange;
  /** Told of what is new or of another version, after the commit. */
  onChanged: (ids: string[]) => Promise<void>;
};

/** Keeps a copy up with its feed until the signal aborts. */
export function followIntoCopy<Item extends FeedItem>(options: FollowOptions<Item>): Promise<void> {
  const { db, copy, also, onChanged, ...feed } = options;
  return followFeed<Item>({
    ...feed,
    readCursor: () => readFeedCursor(db, copy),
    apply: async (items, move) => {
      const ids = await takeFeedItems(db, copy, items, move, also);
      if (ids.length === 0) return;
      options.logger.info({ feed: copy.feed, count: ids.length }, 'learnt from the feed');
      await onChanged(ids);
    },
    reset: (cursor) => forgetFeed(db, copy, cursor),
  });
}
