import { isWithinArea } from '@wheelhouse/kit/area.ts';
import { type Queryable, storableTexts } from '@wheelhouse/kit/database.ts';
import { type SQL, sql } from 'drizzle-orm';
import { registryLog } from './published.ts';

async function findStanding(db: Queryable, isAsked: SQL, sites: readonly string[]): Promise<string[]> {
  const rows = await db.execute<{ id: string }>(sql`
    with entries as materialized (
      select distinct on (device_id) device_id, site from ${registryLog} where ${isAsked} order by device_id, position desc
    )
    -- Asked of each site once, and not of each device.
    select device_id as id from entries where site in (
      select entry.site from entries as entry group by entry.site having ${isWithinArea(sql`entry.site`, sites)})`);
  return rows.map(({ id }) => id);
}

/** Those of these devices that stand at one of these sites or below, or stood there last. */
export const findAtSites = (db: Queryable, ids: readonly string[], sites: readonly string[]): Promise<string[]> =>
  findStanding(db, sql`device_id = any(${sql.param(storableTexts(ids))}::text[])`, sites);

/** All devices that stand at one of these sites or below, or stood there last. */
export const listAtSites = (db: Queryable, sites: readonly string[]): Promise<string[]> =>
  findStanding(db, sql`true`, sites);

/** Whether there is a device of this id, or was one. */
export async function isKnown(db: Queryable, id: string): Promise<boolean> {
  const [row] = await db.execute<{ isKnown: boolean }>(sql`
    select exists (select from ${registryLog} where device_id = any(${sql.param(storableTexts([id]))}::text[])) as "isKnown"`);
  return row?.isKnown === true;
}
