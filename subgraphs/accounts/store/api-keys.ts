import type { Queryable } from '@wheelhouse/kit/database.ts';
import { and, desc, eq, gt, isNull, lt, or, type SQL, sql } from 'drizzle-orm';
import { apiKeys } from '../tables.ts';

export type ApiKeyRow = typeof apiKeys.$inferSelect;

export async function insertApiKey(
  tx: Queryable,
  key: Omit<ApiKeyRow, 'lastUsedAt' | 'revokedAt'>,
): Promise<ApiKeyRow> {
  const [inserted] = await tx.insert(apiKeys).values(key).returning();
  if (inserted === undefined) throw new Error('The API key was not stored');
  return inserted;
}

export async function findApiKey(db: Queryable, id: string): Promise<ApiKeyRow | null> {
  const [found] = await db.select().from(apiKeys).where(eq(apiKeys.id, id));
  return found ?? null;
}

/** Keys of a user that have neither ended nor been revoked. */
const holding = (userId: string, now: Date): SQL | undefined =>
  and(eq(apiKeys.userId, userId), isNull(apiKeys.revokedAt), gt(apiKeys.expiresAt, now));

/** The ids of the keys of a user that hold. */
export async function holdingKeys(db: Queryable, userId: string, now: Date): Promise<string[]> {
  const rows = await db.select({ id: apiKeys.id }).from(apiKeys).where(holding(userId, now));
  return rows.map(({ id }) => id);
}

/** Revokes all keys of a user that hold. @returns their ids */
export async function revokeKeysOf(tx: Queryable, userId: string, at: Date): Promise<string[]> {
  const revoked = await tx
    .update(apiKeys)
    .set({ revokedAt: at })
    .where(holding(userId, at))
    .returning({ id: apiKeys.id });
  return revoked.map(({ id }) => id);
}

/** Revokes a key that was not revoked. @returns the key as it is then; null when it was revoked before, or never was */
export async function revokeApiKey(tx: Queryable, id: string, at: Date): Promise<ApiKeyRow | null> {
  const [revoked] = await tx
    .update(apiKeys)
    .set({ revokedAt: at })
    .where(and(eq(apiKeys.id, id), isNull(apiKeys.revokedAt)))
    .returning();
  return revoked ?? null;
}

/** A user's keys, newest first, behind the one made at `after.at` with that id. */
export function listApiKeys(
  db: Queryable,
  { userId, after, limit }: { userId: string; after: { at: Date; id: string } | null; limit: number },
): Promise<ApiKeyRow[]> {
  const isBehind =
    after === null
      ? undefined
      : sql`(${apiKeys.createdAt}, ${apiKeys.id}) < (${after.at.toISOString()}::timestamptz, ${after.id})`;
  return db
    .select()
    .from(apiKeys)
    .where(and(eq(apiKeys.userId, userId), isBehind))
    .orderBy(desc(apiKeys.createdAt), desc(apiKeys.id))
    .limit(limit);
}

/** Notes that a key was used, once a minute at most: the row is written, and each writing costs. */
export async function noteKeyUse(db: Queryable, id: string, at: Date): Promise<void> {
  const minute = new Date(at.getTime() - 60_000);
  await db
    .update(apiKeys)
    .set({ lastUsedAt: at })
    .where(and(eq(apiKeys.id, id), or(isNull(apiKeys.lastUsedAt), lt(apiKeys.lastUsedAt, minute))));
}
