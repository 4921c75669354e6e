import { sql } from 'drizzle-orm';
import { pgTable, text } from 'drizzle-orm/pg-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../tests/database.ts';
import { areaCheck, findAt, isWithinArea, requireEverywhere } from './area.ts';
import { type DatabaseHandle, openDatabase } from './database.ts';
import { type Area, isInArea } from './identity.ts';
import { somebody } from './testing/identity.ts';

const places = pgTable('places', { id: text().primaryKey(), site: text().notNull() });
const SITES = ['a', 'a/b', 'a/b/c', 'ab', 'a_b', 'a%', 'axb', 'a_b/c', 'b', 'B', 'z/a'];
const AREAS: Area[] = ['everywhere', [], ['a'], ['a/b'], ['a_b'], ['a%'], ['b', 'z'], ['no'], ['a\0'], ['a/b/c', 'ab']];

describe('an area in the database', () => {
  let database: TestDatabase;
  let handle: DatabaseHandle;
  beforeAll(async () => {
    database = await createTestDatabase();
    handle = openDatabase(database.url);
    await handle.db.execute(sql`create table places (id text primary key, site text not null)`);
    await handle.db.insert(places).values(SITES.map((site) => ({ id: `at ${site}`, site })));
  });
  afterAll(async () => {
    await handle.close();
    await database.drop();
  });

  it.each(AREAS.map((area) => [area]))('%j holds the same sites as in the code', async (area) => {
    const rows = await handle.db.select().from(places).where(isWithinArea(places.site, area));
    expect(rows.map(({ site }) => site).sort()).toEqual(SITES.filter((site) => isInArea(area, site)).sort());
  });

  const checkOf = (area: Area) => {
    const asked: (readonly string[])[] = [];
    const find = findAt(handle.db, { table: places, id: places.id, site: places.site });
    const check = areaCheck(area, (ids, sites) => {
      asked.push(ids);
      return find(ids, sites);
    });
    return { check, asked };
  };

  it('is asked for all subjects of a turn at once, and each time anew', async () => {
    const { check, asked } = checkOf(['a']);
    const found = await Promise.all([check.has('at a'), check.has('at b'), check.only(['nowhere', 'at a/b', 'at a'])]);
    expect(found).toEqual([true, false, ['at a/b', 'at a']]);
    expect(asked).toEqual([['at a', 'at b', 'nowhere', 'at a/b']]);
    await handle.db.execute(sql`update places set site = 'b' where id = 'at a'`);
    expect(await check.has('at a')).toBe(false);
    await handle.db.execute(sql`update places set site = 'a' where id = 'at a'`);
  });

  it('is not asked for where it is everywhere or nowhere', async () => {
    const everywhere = checkOf('everywhere');
    expect(await everywhere.check.only(['at a', 'nowhere'])).toEqual(['at a', 'nowhere']);
    const nowhere = checkOf([]);
    expect(await nowhere.check.only(['at a', 'nowhere'])).toEqual([]);
    expect([...everywhere.asked, ...nowhere.asked]).toEqual([]);
  });

  it('keeps a question from those outside, and itself where nobody is within', async () => {
    const asked: (readonly string[])[] = [];
    const find = (ids: readonly string[]) => {
      asked.push(ids);
      return Promise.resolve(ids.map((id) => ({ id })));
    };
    const { check } = checkOf(['a']);
    expect(await check.among(find)(['at b', 'at a'])).toEqual([{ id: 'at a' }]);
    expect(await check.among(find)(['at b'])).toEqual([]);
    expect(asked).toEqual([['at a']]);
  });
});

describe('what belongs to no site', () => {
  it('is for those whose scope holds everywhere', () => {
    const at = (site: string | null) => somebody('ann', [{ scopes: ['read'], site }]);
    expect(() => requireEverywhere(at(null), 'read', 'the whole')).not.toThrow();
    expect(() => requireEverywhere(at('a/b'), 'read', 'the whole')).toThrow(
      'the whole needs read everywhere, and ann has it at a/b',
    );
    expect(() => requireEverywhere(at(null), 'write', 'the whole')).toThrow(
      'the whole needs write everywhere, and ann has it at no site',
    );
  });
});
