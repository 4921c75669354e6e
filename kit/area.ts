import DataLoader from 'dataloader';
import { and, type SQL, sql } from 'drizzle-orm';
import type { AnyPgColumn, PgTable } from 'drizzle-orm/pg-core';
import { isAmong, type Queryable, storableTexts } from './database.ts';
import { callerError } from './errors.ts';
import { type Area, areaOf, type Identity } from './identity.ts';

/**
 * Whether a column with a site lies in an area, as one parameter however many sites that has; undefined, which is no condition, for
 * everywhere. Not by `like`: a site may hold an underscore.
 */
export function isWithinArea(site: AnyPgColumn | SQL, area: Area): SQL | undefined {
  if (area === 'everywhere') return undefined;
  return sql`exists (select from unnest(${sql.param(storableTexts(area))}::text[]) as area (path)
    where ${site} = area.path or starts_with(${site}, area.path || '/'))`;
}

/** Tells which subjects lie in an area, where a service keeps their sites apart from what it knows of them. */
export type AreaCheck = {
  /** Whether a subject lies in it. Everywhere is also where nobody knows of it. */
  has: (id: string) => Promise<boolean>;
  /** Those of the subjects that lie in it, in their order. */
  only: (ids: readonly string[]) => Promise<string[]>;
  /** `find`, asked for those subjects alone that lie in it. */
  among: <Row>(find: (ids: readonly string[]) => Promise<Row[]>) => (ids: readonly string[]) => Promise<Row[]>;
};

/**
 * Asks for all subjects of a turn at once, and for none where the area is everywhere or nowhere. Nothing is kept: subjects move.
 *
 * @param find those of the subjects that lie at these sites or below, in no order
 */
export function areaCheck(
  area: Area,
  find: (ids: readonly string[], sites: readonly string[]) => Promise<string[]>,
): AreaCheck {
  const loader = new DataLoader<string, boolean>(
    async (ids) => {
      if (area === 'everywhere' || area.length === 0) return ids.map(() => area === 'everywhere');
      const within = new Set(await find([...new Set(ids)], area));
      return ids.map((id) => within.has(id));
    },
    { cache: false },
  );
  const only: AreaCheck['only'] = async (ids) => {
    const isWithin = await Promise.all(ids.map((id) => loader.load(id)));
    return ids.filter((_id, index) => isWithin[index]);
  };
  return {
    has: (id) => loader.load(id),
    only,
    among: (find) => async (ids) => {
      const own = await only(ids);
      return own.length === 0 ? [] : find(own);
    },
  };
}

/** Finds for an area check, in a table that has a row for each subject with its site. */
export const findAt =
  (db: Queryable, places: { table: PgTable; id: AnyPgColumn; site: AnyPgColumn }) =>
  async (ids: readonly string[], sites: readonly string[]): Promise<string[]> => {
    const { table, id, site } = places;
    const rows = await db
      .select({ id: sql<string>`${id}` })
      .from(table)
      .where(and(isAmong(id, ids), isWithinArea(site, sites)));
    return rows.map((row) => row.id);
  };

/** An area for people: `a/b, c`. */
export const areaText = (area: Area): string =>
  area === 'everywhere' ? area : area.length === 0 ? 'no site' : area.join(', ');

/**
 * For what belongs to no site.
 *
 * @throws FORBIDDEN unless the scope holds everywhere
 */
export function requireEverywhere(identity: Identity, scope: string, what: string): void {
  const area = areaOf(identity, scope);
  if (area === 'everywhere') return;
  throw callerError('FORBIDDEN', `${what} needs ${scope} everywhere, and ${identity.name} has it at ${areaText(area)}`);
}
