import { isAmong, type Queryable } from '@wheelhouse/kit/database.ts';
import { asc, count, eq, gt, type SQL, sql } from 'drizzle-orm';
import type { RoleGrant } from '../rules/grants.ts';
import { grants, knownAddresses, users } from '../tables.ts';

/** A user with what they may do. */
export type UserRow = typeof users.$inferSelect & { grants: RoleGrant[] };

async function withGrants(db: Queryable, rows: readonly (typeof users.$inferSelect)[]): Promise<UserRow[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const held = await db
    .select()
    .from(grants)
    .where(isAmong(grants.userId, ids))
    .orderBy(asc(grants.role), asc(grants.site));
  const byUser = Map.groupBy(held, ({ userId }) => userId);
  return rows.map((row) => ({
    ...row,
    grants: (byUser.get(row.id) ?? []).map(({ role, site }) => ({ role, site })),
  }));
}

const findOne = async (db: Queryable, where: SQL): Promise<UserRow | null> => {
  const [found] = await withGrants(db, await db.select().from(users).where(where));
  return found ?? null;
};

export const findUser = (db: Queryable, id: string): Promise<UserRow | null> => findOne(db, eq(users.id, id));
export const findUserByEmail = (db: Queryable, email: string): Promise<UserRow | null> =>
  findOne(db, eq(users.email, email));

/** Those of these e-mails whom there are, by two statements however many. */
export async function findUsersByEmail(db: Queryable, emails: readonly string[]): Promise<UserRow[]> {
  return withGrants(db, await db.select().from(users).where(isAmong(users.email, emails)));
}

/** The user, held against other changes until the transaction ends; with `share`, others may read them so at the same time. */
export async function lockUser(
  tx: Queryable,
  id: string,
  strength: 'update' | 'share' = 'update',
): Promise<UserRow | null> {
  const [found] = await withGrants(tx, await tx.select().from(users).where(eq(users.id, id)).for(strength));
  return found ?? null;
}

/** What is to be known of who signs in, by one statement whether they are there or not. */
export async function findSignIn(
  db: Queryable,
  { email, address }: { email: string; address: string },
): Promise<{ id: string; passwordHash: string; isKnown: boolean } | null> {
  const isKnown = sql<boolean>`exists (select 1 from ${knownAddresses} as known where known.user_id = ${users.id} and known.address = ${address})`;
  const [found] = await db
    .select({ id: users.id, passwordHash: users.passwordHash, isKnown })
    .from(users)
    .where(eq(users.email, email));
  return found ?? null;
}

/**
 * Users behind an e-mail, in its order. With `sites` only those who have grants, all of them at these sites or below.
 */
export async function listUsers(
  db: Queryable,
  { sites, after, limit }: { sites: readonly string[] | null; after: string | null; limit: number },
): Promise<UserRow[]> {
  const isBelow = sql`exists (
    select 1 from unnest(${sql.param(sites ?? [])}::text[]) as area (site)
    where held.site = area.site or starts_with(held.site, area.site || '/'))`;
  const isWithin = sql`exists (select 1 from ${grants} as held where held.user_id = ${users.id})
    and not exists (select 1 from ${grants} as held where held.user_id = ${users.id} and (held.site is null or not ${isBelow}))`;
  const rows = await db
    .select()
    .from(users)
    .where(sql`${after === null ? sql`true` : gt(users.email, after)} and ${sites === null ? sql`true` : isWithin}`)
    .orderBy(asc(users.email))
    .limit(limit);
  return withGrants(db, rows);
}

export type NewUser = Pick<UserRow, 'id' | 'email' | 'name' | 'passwordHash' | 'createdAt' | 'grants'>;

/** @returns false when somebody has the e-mail already */
export async function insertUser(tx: Queryable, { grants: given, ...row }: NewUser): Promise<boolean> {
  const inserted = await tx
    .insert(users)
    .values(row)
    .onConflictDoNothing({ target: users.email })
    .returning({ id: users.id });
  if (inserted.length === 0) return false;
  await replaceGrants(tx, row.id, given);
  return true;
}

/** Puts grants in place of those that a user has. */
export async function replaceGrants(tx: Queryable, userId: string, given: readonly RoleGrant[]): Promise<void> {
  await tx.delete(grants).where(eq(grants.userId, userId));
  if (given.length > 0) await tx.insert(grants).values(given.map((grant) => ({ userId, ...grant })));
}

export async function changeUser(
  tx: Queryable,
  id: string,
  change: Partial<Pick<UserRow, 'name' | 'passwordHash' | 'disabledAt' | 'rightsVersion'>>,
): Promise<void> {
  if (Object.keys(change).length > 0) await tx.update(users).set(change).where(eq(users.id, id));
}

/** Notes that a user signed in, and from where. */
export async function noteSignIn(
  tx: Queryable,
  { userId, address, at }: { userId: string; address: string; at: Date },
): Promise<void> {
  await tx.update(users).set({ lastSignedInAt: at }).where(eq(users.id, userId));
  await tx
    .insert(knownAddresses)
    .values({ userId, address, lastAt: at })
    .onConflictDoUpdate({ target: [knownAddresses.userId, knownAddresses.address], set: { lastAt: at } });
}

export async function countUsers(db: Queryable): Promise<number> {
  const [counted] = await db.select({ users: count() }).from(users);
  return counted?.users ?? 0;
}

/** How many users can manage everything: not disabled, and admins everywhere. */
export async function countChiefs(tx: Queryable): Promise<number> {
  const [counted] = await tx.execute<{ chiefs: number }>(sql`
    select count(*)::int as chiefs from ${users} as person
    where person.disabled_at is null
      and exists (select 1 from ${grants} as held where held.user_id = person.id and held.role = 'ADMIN' and held.site is null)`);
  return counted?.chiefs ?? 0;
}

/** One at a time: whoever counts users or admins and changes them by it holds this until the transaction ends. */
const ROSTER_LOCK = 0x726f7374;
export async function lockRoster(tx: Queryable): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${ROSTER_LOCK})`);
}
