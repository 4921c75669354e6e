import type { Queryable } from '@wheelhouse/kit/database.ts';
import { and, eq, gt, inArray, like, or } from 'drizzle-orm';
import { sites } from '../tables.ts';

/** A site with the time zone set for it, if any. */
export type SiteRow = { path: string; timeZone: string | null };

/** The path itself and every path above it: `a/b` gives `a` and `a/b`. */
export const pathsUpTo = (path: string): string[] => {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
};

/** Makes the sites, and those above them, that are not there yet. */
export async function ensureSites(tx: Queryable, paths: readonly string[]): Promise<void> {
  const missing = [...new Set(paths.flatMap(pathsUpTo))].map((path) => ({ path }));
  if (missing.length > 0) await tx.insert(sites).values(missing).onConflictDoNothing();
}

/** Sets the sites' own time zones; null lets the site above decide. */
export async function setTimeZones(tx: Queryable, wanted: readonly SiteRow[]): Promise<void> {
  await ensureSites(
    tx,
    wanted.map((site) => site.path),
  );
  for (const { path, timeZone } of wanted) await tx.update(sites).set({ timeZone }).where(eq(sites.path, path));
}

export function listSites(
  db: Queryable,
  options: { under: string | null; after: string | null; limit: number },
): Promise<SiteRow[]> {
  const { under, after } = options;
  const below =
    under === null ? undefined : or(eq(sites.path, under), like(sites.path, `${under.replace(/[\\%_]/g, '\\$&')}/%`));
  return db
    .select()
    .from(sites)
    .where(and(below, after === null ? undefined : gt(sites.path, after)))
    .orderBy(sites.path)
    .limit(options.limit);
}

/** The sites with these paths, in no order. */
export const findSites = (db: Queryable, paths: readonly string[]): Promise<SiteRow[]> =>
  db
    .select()
    .from(sites)
    .where(inArray(sites.path, [...paths]));
