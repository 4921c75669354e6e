import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkFilter, type Filter, type Filterable, filterToSql, matchesFilter } from './filter.ts';
import { listDevices } from './store/devices.ts';
import { deviceStatuses, devices } from './tables.ts';
import { at, openTestRegistry, type TestRegistry } from './testing/registry.ts';

const aRow = (id: string, overrides: Partial<Filterable> = {}): Filterable => ({
  id,
  externalId: null,
  name: `display ${id}`,
  system: 'FIDA',
  site: 'museum/hall-1',
  address: '10.0.0.1:161',
  tags: [],
  removedAt: null,
  status: 'ONLINE',
  ...overrides,
});

const ROWS: Filterable[] = [
  aRow('plain'),
  aRow('tagged', { tags: ['lobby', 'a%b', 'ümlaut'], status: 'DEGRADED' }),
  aRow('root', { site: 'museum', status: 'OFFLINE' }),
  aRow('deep', { site: 'museum/hall-1/wall', status: 'UNKNOWN' }),
  aRow('neighbour', { site: 'museum-2/hall-1', tags: ['lobby'] }),
  aRow('underscore', { site: 'a_c/x' }),
  aRow('no-underscore', { site: 'abc/x' }),
  aRow('percent', { name: '50% off' }),
  aRow('fifty', { name: '50 off' }),
  aRow('lines', { name: 'under_score', address: null }),
  aRow('dashes', { name: 'under-score', address: null }),
  aRow('backslash', { name: 'back\\slash' }),
  aRow('capitals', { name: 'Éléphant BLEU', externalId: 'AssetTag-7' }),
  aRow('gone', { removedAt: at, name: 'removed one' }),
];

const FILTERS: [name: string, filter: Filter, found: string[] | null][] = [
  ['nothing', null, null],
  ['an empty filter', {}, null],
  ['nulls', { ids: null, systems: null, sites: null, tags: null, statuses: null, search: null }, null],
  ['ids', { ids: ['plain', 'root', 'none'] }, ['plain', 'root']],
  ['no ids', { ids: [] }, []],
  ['systems', { systems: ['FIDA'] }, null],
  ['no systems', { systems: [] }, []],
  ['a site and all below', { sites: ['museum'] }, ['deep', 'gone', 'plain', 'root', 'tagged', ...rest('museum/')]],
  ['a site, not the one that begins alike', { sites: ['museum-2'] }, ['neighbour']],
  ['the last part of no site', { sites: ['hall-1'] }, []],
  ['a site with _ in its name', { sites: ['a_c'] }, ['underscore']],
  ['a site of wildcards', { sites: ['%'] }, []],
  ['a site of more wildcards', { sites: ['museum/hall-_'] }, []],
  ['a site with a backslash', { sites: ['museum\\'] }, []],
  ['a site with a slash at its end', { sites: ['museum/'] }, []],
  ['an empty site', { sites: [''] }, []],
  ['several sites', { sites: ['museum-2', 'abc', 'none'] }, ['neighbour', 'no-underscore']],
  ['no sites', { sites: [] }, []],
  ['a tag', { tags: ['lobby'] }, ['neighbour', 'tagged']],
  ['one of several tags', { tags: ['none', 'a%b'] }, ['tagged']],
  ['a tag in another case', { tags: ['LOBBY'] }, []],
  ['a tag with a letter of two octets', { tags: ['ümlaut'] }, ['tagged']],
  ['a part of a tag', { tags: ['lob'] }, []],
  ['a tag with quotes, commas and braces', { tags: ['{"a",b}\\'] }, []],
  ['no tags', { tags: [] }, []],
  ['statuses', { statuses: ['OFFLINE', 'UNKNOWN'] }, ['deep', 'root']],
  ['no statuses', { statuses: [] }, []],
  ['text with a percent sign', { search: '50%' }, ['percent']],
  ['a percent sign alone', { search: '%' }, ['percent']],
  ['text with an underscore', { search: 'under_' }, ['lines']],
  ['text with a backslash', { search: '\\' }, ['backslash']],
  ['text in another case', { search: 'bLeU' }, ['capitals']],
  ['an accented letter in another case', { search: 'éLÉ' }, ['capitals']],
  ['text of the external id', { search: 'assettag' }, ['capitals']],
  ['text of the address', { search: '10.0.0.1:161' }, ROWS.filter(({ address }) => address).map(({ id }) => id)],
  ['empty text', { search: '' }, null],
  ['quotes', { search: "'; drop table devices.devices; --" }, []],
  ['all kinds at once', { sites: ['museum'], tags: ['lobby'], statuses: ['DEGRADED'], search: 'TAG' }, ['tagged']],
  ['kinds that exclude each other', { tags: ['lobby'], statuses: ['OFFLINE'] }, []],
];

/** Ids of the rows that stand at museum/hall-1 for want of another site. */
function rest(prefix: string): string[] {
  const named = ['plain', 'tagged', 'root', 'deep', 'gone'];
  return ROWS.filter(({ id, site }) => site.startsWith(prefix) && !named.includes(id)).map(({ id }) => id);
}

describe('a filter', () => {
  let registry: TestRegistry;

  beforeAll(async () => {
    registry = await openTestRegistry();
    await registry.db
      .insert(devices)
      .values(ROWS.map(({ status: _, ...row }) => ({ ...row, connection: {}, version: 1, createdAt: at })));
    await registry.db
      .insert(deviceStatuses)
      .values(ROWS.map(({ id, status }) => ({ deviceId: id, status, since: at, misses: 0, answers: 0 })));
  });
  afterAll(() => registry.close());

  it.each(FILTERS)('by %s finds the same in the table and in a row', async (_name, filter, found) => {
    const rows = await registry.db
      .select({ id: devices.id })
      .from(devices)
      .innerJoin(deviceStatuses, eq(deviceStatuses.deviceId, devices.id))
      .where(filterToSql(filter, deviceStatuses.status, { hidesRemoved: false }));
    const inTable = rows.map(({ id }) => id).sort();
    expect(inTable).toEqual((found ?? ROWS.map(({ id }) => id)).toSorted());
    expect(
      ROWS.filter((row) => matchesFilter(filter, row))
        .map(({ id }) => id)
        .sort(),
    ).toEqual(inTable);
  });

  it('of a list hides removed devices unless it asks for them', async () => {
    const list = async (filter: Filter): Promise<string[]> =>
      (await listDevices(registry.db, { filter, area: 'everywhere', after: null, limit: 100 })).map(({ id }) => id);
    expect(await list({ search: 'removed' })).toEqual([]);
    expect(await list({ search: 'removed', includeRemoved: true })).toEqual(['gone']);
    expect(await list({ ids: ['gone', 'plain'] })).toEqual(['plain']);
  });
});

describe('the limits of a filter', () => {
  it.each([
    ['ids', { ids: Array.from({ length: 1_000 }, String) }],
    ['search', { search: 'x'.repeat(100) }],
    ['nothing', null],
  ])('let %s pass up to them', (_field, filter) => {
    expect(() => checkFilter(filter)).not.toThrow();
  });

  it.each([
    ['ids', { ids: Array.from({ length: 1_001 }, String) }, 'filter.ids may have at most 1000 items, and has 1001'],
    [
      'sites',
      { sites: Array.from({ length: 1_001 }, String) },
      'filter.sites may have at most 1000 items, and has 1001',
    ],
    ['search', { search: 'x'.repeat(101) }, 'filter.search may have at most 100 characters, and has 101'],
    ['search', { search: 'a\0b' }, 'filter.search may hold no character U+0000 and no half of a surrogate pair'],
  ])('refuse more %s, naming field and limit', (field, filter, message) => {
    expect(() => checkFilter(filter)).toThrow(
      expect.objectContaining({ message, extensions: { code: 'BAD_USER_INPUT', field: `filter.${field}` } }),
    );
  });
});
