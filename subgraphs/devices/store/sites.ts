import { isWithinArea } from '@wheelhouse/kit/area.ts';
import { isAmong, type Queryable } from '@wheelhouse/kit/database.ts';
import type { Area } from '@wheelhouse/kit/identity.ts';
import { and, eq, gt, inArray, like, or, type SQL, sql } from 'drizzle-orm';
import { defaultTimeZone, devices, sites } from '../tables.ts';

/** A site with the time zone set for it, if any. */
export type SiteRow = { path: string; timeZone: string | null };

/**
 * Whether a device stands in an area; no condition for everywhere. Asked of the sites, which are few, and not of each device: for an area of
 * fifty sites among a hundred thousand devices that is a tenth of the time.
 */
export const standsIn = (db: Queryable, area: Area): SQL | undefined =>
  area === 'everywhere'
    ? undefined
    : inArray(devices.site, db.select({ path: sites.path }).from(sites).where(isWithinArea(sites.path, area)));

/** The path itself and every path above it: `a/b` gives `a` and `a/b`. */
export const pathsUpTo = (path: string): string[] => {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
};

/** Makes the sites, and those above them, that are not there yet. */
export async function ensureSites(tx: Queryable, paths: readonly string[]): Promise<void> {
  if (paths.length === 0) return;
  // In one order for all, so that two writers can't lock each other out.
  const wanted = [...new Set(paths.flatMap(pathsUpTo))].sort();
  await tx.execute(sql`
    insert into ${sites} (path) select jsonb_array_elements_text(${JSON.stringify(wanted)}::jsonb) on conflict do nothing`);
}

const SITES_LOCK = sql`hashtext('devices.sites')`;

/**
 * Until the transaction ends nobody changes a time zone: who adds or moves a device and who changes the zone of its site would
 * otherwise not see each other, and its system would be told the zone that was. Taken before site rows are written: whoever holds one of those must
 * not wait for this lock.
 */
export const holdTimeZones = (tx: Queryable) => tx.execute(sql`select pg_advisory_xact_lock_shared(${SITES_LOCK})`);

/**
 * Sets the sites' own time zones, each site once; null lets the site above decide.
 *
 * @param otherwise the zone where none is set
 * @returns the paths at which another zone holds than before
 */
export async function setTimeZones(tx: Queryable, wanted: readonly SiteRow[], otherwise: string): Promise<string[]> {
  if (wanted.length === 0) return [];
  await tx.execute(sql`select pg_advisory_xact_lock(${SITES_LOCK})`);
  await ensureSites(
    tx,
    wanted.map((site) => site.path),
  );
  const held = new Map(
    (
      await findSites(
        tx,
        wanted.map(({ path }) => path),
      )
    ).map((site) => [site.path, site.timeZone]),
  );
  const changed = wanted.filter(({ path, timeZone }) => held.get(path) !== timeZone);
  if (changed.length === 0) return [];
  const below = await listAtOrBelow(
    tx,
    changed.map(({ path }) => path),
  );
  const before = await findTimeZones(tx, below, otherwise);
  const rows = changed.map(({ path, timeZone }) => ({ path, time_zone: timeZone }));
  await tx.execute(sql`
    update ${sites} as held set time_zone = fresh.time_zone
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as fresh (path text, time_zone text)
    where held.path = fresh.path`);
  const after = await findTimeZones(tx, below, otherwise);
  return below.filter((path) => before.get(path) !== after.get(path));
}

/** The sites that are one of these, or below one of them, in no order. */
async function listAtOrBelow(tx: Queryable, paths: readonly string[]): Promise<string[]> {
  const rows = await tx.execute<{ path: string }>(sql`
    select path from ${sites} as held where exists (
      select from unnest(${sql.param(paths)}::text[]) as top (path)
      where held.path = top.path or starts_with(held.path, top.path || '/'))`);
  return rows.map(({ path }) => path);
}

export function listSites(
  db: Queryable,
  options: { under: string | null; area: Area; after: string | null; limit: number },
): Promise<SiteRow[]> {
  const { under, area, after } = options;
  const below =
    under === null ? undefined : or(eq(sites.path, under), like(sites.path, `${under.replace(/[\\%_]/g, '\\$&')}/%`));
  return db
    .select()
    .from(sites)
    .where(and(below, isWithinArea(sites.path, area), after === null ? undefined : gt(sites.path, after)))
    .orderBy(sites.path)
    .limit(options.limit);
}

/** The sites with these paths, in no order. */
export const findSites = (db: Queryable, paths: readonly string[]): Promise<SiteRow[]> =>
  db.select().from(sites).where(isAmong(sites.path, paths));

/** The time zone that holds at each of these paths: that of the nearest site, from the path itself upwards, for which one is set. */
export async function findTimeZones(
  db: Queryable,
  paths: readonly string[],
  otherwise: string,
): Promise<Map<string, string>> {
  const rows = await findSites(db, [...new Set(paths.flatMap(pathsUpTo))]);
  const zones = new Map(rows.map(({ path, timeZone }) => [path, timeZone]));
  const nearest = (path: string): string =>
    pathsUpTo(path)
      .reverse()
      .map((above) => zones.get(above) ?? null)
      .find((zone) => zone !== null) ?? otherwise;
  return new Map(paths.map((path) => [path, nearest(path)]));
}

/** The zone of sites for which none is set, as it was kept last; null before it first was. */
export async function readDefaultTimeZone(db: Queryable): Promise<string | null> {
  const [row] = await db.select({ timeZone: defaultTimeZone.timeZone }).from(defaultTimeZone);
  return row?.timeZone ?? null;
}

/**
 * Keeps the zone of sites for which none is set.
 *
 * @returns the paths at which another zone holds than before, or may: all where it was not kept before
 */
export async function keepDefaultTimeZone(tx: Queryable, timeZone: string): Promise<string[]> {
  await tx.execute(sql`select pg_advisory_xact_lock(${SITES_LOCK})`);
  const before = await readDefaultTimeZone(tx);
  if (before === timeZone) return [];
  const row = { id: 1, timeZone };
  await tx.insert(defaultTimeZone).values(row).onConflictDoUpdate({ target: defaultTimeZone.id, set: { timeZone } });
  const paths = (await tx.select({ path: sites.path }).from(sites)).map(({ path }) => path);
  if (before === null) return paths;
  const [old, fresh] = [await findTimeZones(tx, paths, before), await findTimeZones(tx, paths, timeZone)];
  return paths.filter((path) => old.get(path) !== fresh.get(path));
}
