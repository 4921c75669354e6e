import type { Queryable } from '@wheelhouse/kit/database.ts';
import { eq, sql } from 'drizzle-orm';
import { layouts } from '../tables.ts';

/** The layout of a service with these names, made if it has none, and whether the service has had no other. */
export async function ensureLayout(
  tx: Queryable,
  service: string,
  names: string[],
): Promise<{ id: number; isOnly: boolean }> {
  await tx.insert(layouts).values({ service, names }).onConflictDoNothing();
  const known = await tx
    .select({ id: layouts.id, isThis: sql<boolean>`${layouts.names} = ${sql.param(names)}::text[]` })
    .from(layouts)
    .where(eq(layouts.service, service));
  const found = known.find(({ isThis }) => isThis);
  if (found === undefined) throw new Error(`The layout of ${service} is gone`);
  return { id: found.id, isOnly: known.length === 1 };
}
