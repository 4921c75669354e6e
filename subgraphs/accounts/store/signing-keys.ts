import { isAmong, type Queryable } from '@wheelhouse/kit/database.ts';
import { asc, sql } from 'drizzle-orm';
import { signingKeys } from '../tables.ts';

export type SigningKeyRow = typeof signingKeys.$inferSelect;

/** All keys, in the order in which they sign. */
export const listSigningKeys = (db: Queryable): Promise<SigningKeyRow[]> =>
  db.select().from(signingKeys).orderBy(asc(signingKeys.signsFrom), asc(signingKeys.kid));

export async function insertSigningKey(tx: Queryable, key: SigningKeyRow): Promise<void> {
  await tx.insert(signingKeys).values(key);
}

export async function removeSigningKeys(tx: Queryable, kids: readonly string[]): Promise<void> {
  if (kids.length > 0) await tx.delete(signingKeys).where(isAmong(signingKeys.kid, kids));
}

/** One process at a time decides about keys; held until the transaction ends. */
const KEYS_LOCK = 0x6b657973;
export async function lockSigningKeys(tx: Queryable): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${KEYS_LOCK})`);
}
