import type { Queryable } from '@wheelhouse/kit/database.ts';
import { and, eq, lt } from 'drizzle-orm';
import { type EstateOutcome, estateImports } from '../tables.ts';

export type EstateImportRow = typeof estateImports.$inferSelect;

export const keepImport = async (tx: Queryable, row: EstateImportRow): Promise<void> => {
  await tx.insert(estateImports).values(row);
};

/** @param options.isToWrite locks it until the transaction ends */
export async function findImport(
  db: Queryable,
  id: string,
  options: { isToWrite: boolean } = { isToWrite: false },
): Promise<EstateImportRow | null> {
  const rows = db.select().from(estateImports).where(eq(estateImports.id, id));
  return (await (options.isToWrite ? rows.for('update') : rows))[0] ?? null;
}

/** The import that somebody asked for with this key. */
export async function findImportByKey(
  db: Queryable,
  of: { sub: string; idempotencyKey: string },
): Promise<EstateImportRow | null> {
  const { sub, idempotencyKey } = estateImports;
  const rows = await db
    .select()
    .from(estateImports)
    .where(and(eq(sub, of.sub), eq(idempotencyKey, of.idempotencyKey)));
  return rows[0] ?? null;
}

/** A plan that is applied: what it held is forgotten, and until `expiresAt` what came of it is known. */
export const finishImport = async (
  tx: Queryable,
  id: string,
  done: { doneAt: Date; expiresAt: Date; outcome: EstateOutcome },
): Promise<void> => {
  await tx
    .update(estateImports)
    .set({ ...done, sealed: null })
    .where(eq(estateImports.id, id));
};

/** Forgets what is over. */
export const removeOldImports = async (db: Queryable, now: Date): Promise<void> => {
  await db.delete(estateImports).where(lt(estateImports.expiresAt, now));
};
