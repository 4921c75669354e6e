import { createSealer } from '@wheelhouse/kit/sealed.ts';
import { isNotNull } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { importEstate } from './estate.ts';
import { RefusedError, removeDevice, updateDevice } from './registry.ts';
import { systems } from './system.ts';
import { deviceParents, devices, registryLog, sites } from './tables.ts';
import { aDevice, by, COMMUNITY, openTestRegistry, sealer, type TestRegistry } from './testing/registry.ts';

describe('an estate file', () => {
  let registry: TestRegistry;

  beforeAll(async () => {
    registry = await openTestRegistry();
  });
  afterAll(() => registry.close());
  afterEach(async () => {
    await registry.sql`truncate devices.devices, devices.device_parents, devices.device_statuses, devices.sites`;
  });

  const take = (file: unknown) => importEstate(registry.db, file, by, { sealer, timeZone: 'UTC' });
  /** The faults with which a file is refused, as [path, message]. */
  async function faultsOf(file: unknown): Promise<[string, string][]> {
    try {
      await take(file);
      return [];
    } catch (err) {
      if (!(err instanceof RefusedError)) throw err;
      return err.faults.map(({ path, message }) => [path.join('.'), message]);
    }
  }
  const idOf = async (externalId: string): Promise<string> => {
    const rows = await registry.db.select().from(devices);
    const row = rows.find((device) => device.externalId === externalId && device.removedAt === null);
    if (row === undefined) throw new Error(`there is no device ${externalId}`);
    return row.id;
  };
  const edges = async (): Promise<string[]> => {
    const names = new Map((await registry.db.select().from(devices)).map(({ id, externalId }) => [id, externalId]));
    const rows = await registry.db.select().from(deviceParents);
    return rows.map(({ deviceId, parentId }) => `${names.get(deviceId)}<${names.get(parentId)}`).sort();
  };
  const named = (externalId: string, overrides: Record<string, unknown> = {}) =>
    aDevice({ externalId, name: externalId, ...overrides });

  it('adds devices with parents by external id, whatever their order, and sites with time zones', async () => {
    const outcome = await take({
      sites: [{ path: 'museum', timeZone: 'Africa/Cairo' }, { path: 'depot/yard' }],
      devices: [
        named('child', { parents: ['switch', 'panel', 'switch'] }),
        named('switch', { parents: ['panel'] }),
        named('panel'),
      ],
    });
    expect(outcome).toEqual({ added: 3, updated: 0, unchanged: 0 });
    expect(await edges()).toEqual(['child<panel', 'child<switch', 'switch<panel']);
    expect(
      (await registry.db.select().from(sites).orderBy(sites.path)).map(({ path, timeZone }) => [path, timeZone]),
    ).toEqual([
      ['depot', null],
      ['depot/yard', null],
      ['museum', 'Africa/Cairo'],
      ['museum/hall-2', null],
    ]);
  });

  it('changes nothing when it comes again, in any order of its fields', async () => {
    const file = {
      devices: [named('a', { tags: ['x', 'y'] }), named('b', { parents: ['a'] })],
      sites: [{ path: 'museum', timeZone: 'UTC' }],
    };
    await take(file);
    const before = await registry.db.select().from(devices);
    const log = await registry.db.$count(registryLog);
    const again = {
      sites: file.sites,
      devices: file.devices.map((item) => Object.fromEntries(Object.entries(item).reverse())).reverse(),
    };
    expect(await take(again)).toEqual({ added: 0, updated: 0, unchanged: 2 });
    expect(await registry.db.select().from(devices)).toEqual(before);
    expect(await registry.db.$count(registryLog)).toBe(log);
  });

  it('updates what changed, secrets too, adds what is new, and leaves what it does not name', async () => {
    await take({ devices: [named('a'), named('b'), named('c'), named('d')] });
    const outcome = await take({
      devices: [
        named('a'),
        // The simulated estate has other ports at each start.
        named('b', { snmp: { host: '10.1.2.3', port: 1161, version: 'V2C', community: COMMUNITY } }),
        named('c', { snmp: { host: '10.1.2.3', version: 'V2C', community: 'changed' } }),
        named('e'),
      ],
    });
    expect(outcome).toEqual({ added: 1, updated: 2, unchanged: 1 });
    const versions = (await registry.db.select().from(devices)).map(
      ({ externalId, version }) => `${externalId}${version}`,
    );
    expect(versions.sort()).toEqual(['a1', 'b2', 'c2', 'd1', 'e1']);
  });

  it('knows a device without an external id by its site and name', async () => {
    await take({ devices: [aDevice()] });
    expect(await take({ devices: [aDevice({ tags: ['t'] })] })).toMatchObject({ updated: 1 });
    expect(await idOf('museum/hall-2/left of the door')).toBeTruthy();
  });

  it('names parents that are in the registry and not in the file', async () => {
    await take({ devices: [named('switch')] });
    const added = await registry.add();
    await take({ devices: [named('child', { parents: ['switch'], parentIds: [added] })] });
    expect((await edges()).sort()).toEqual(['child<null', 'child<switch']);
  });

  it('adds a removed device anew, under another id', async () => {
    await take({ devices: [named('a')] });
    const id = await idOf('a');
    await removeDevice(registry.db, id, by);
    expect(await take({ devices: [named('a')] })).toEqual({ added: 1, updated: 0, unchanged: 0 });
    expect(await idOf('a')).not.toBe(id);
  });

  it('names all of its faults at once, each at its place, and nothing of it is done', async () => {
    const faults = await faultsOf({
      sites: [{ path: 'museum', timeZone: 'Mars/Olympus' }, { path: 'fine' }, { path: 'fine' }],
      devices: [
        named('fine'),
        named('a', { name: 'x'.repeat(121), parents: 'switch' }),
        named('b', { snmp: { host: '10.0.0.1', version: 'V2C', community: 'hush', port: 0 } }),
        named('c', { parents: ['a', 'nobody'] }),
        named('fine', { name: 'another' }),
        named('d', { parentIds: ['no-id'], colour: 'red' }),
        named('e', { parentIds: ['no-id'] }),
        'not a device',
        named('', { system: 'TELEX' }),
      ],
    });
    expect(faults.sort()).toEqual([
      ['devices.1.name', 'name must have at most 120 characters'],
      ['devices.1.parents', 'parents must be of type array'],
      ['devices.2.snmp.port', 'port must be 1 to 65535'],
      ['devices.3.parents.1', "parents names nobody, which is no device's externalId"],
      ['devices.4', 'externalId fine is that of item 1 already; without one, site and name together must be unique'],
      ['devices.5.colour', 'colour is not known here'],
      ['devices.6.parentIds.0', 'parentIds names a device that is not there: no-id'],
      ['devices.7', 'devices must be of type object'],
      ['devices.8.externalId', 'externalId must not be empty'],
      ['devices.8.name', 'name must not be empty'],
      ['devices.8.system', `system must be one of ${systems.map(({ system }) => system).join(', ')}`],
      ['sites.0.timeZone', 'timeZone must be an IANA time zone such as Africa/Cairo'],
      ['sites.2.path', 'path fine is that of item 2 already'],
    ]);
    expect(await registry.db.$count(devices)).toBe(0);
    expect(await registry.db.$count(sites)).toBe(0);
  });

  it.each<[string, unknown, [string, string][]]>([
    ['nothing', null, [['', 'the value must be of type object']]],
    ['a list', [], [['', 'the value must be of type object']]],
    ['a part that is not known', { device: [] }, [['device', 'device is not known here']]],
    ['devices that are no list', { devices: {} }, [['devices', 'devices must be of type array']]],
    [
      'too many sites',
      { sites: Array.from({ length: 20_001 }, () => null) },
      [['sites', 'sites must have at most 20000 items']],
    ],
    [
      '21 parents, whatever they are',
      { devices: [named('a', { parents: Array.from({ length: 21 }, () => 7) })] },
      [['devices.0.parents', 'parents must have at most 20 items']],
    ],
  ])('is refused when it holds %s', async (_name, file, faults) => {
    expect(await faultsOf(file)).toEqual(faults);
  });

  it.each([{}, { devices: null, sites: null }, { devices: [] }])('may hold nothing: %j', async (file) => {
    expect(await take(file)).toEqual({ added: 0, updated: 0, unchanged: 0 });
  });

  it('is refused when a device would depend on itself within it', async () => {
    const faults = await faultsOf({
      devices: [named('x'), named('a', { parents: ['b'] }), named('b', { parents: ['a'] })],
    });
    expect(faults).toEqual([['devices.1.parents', 'parents would make the device depend on itself']]);
    expect(await faultsOf({ devices: [named('a', { parents: ['a'] })] })).toHaveLength(1);
  });

  it('is refused when a circle runs through devices that it does not name', async () => {
    await take({ devices: [named('a'), named('b', { parents: ['a'] }), named('c', { parents: ['b'] })] });
    expect(await faultsOf({ devices: [named('new'), named('a', { parents: ['c'] })] })).toEqual([
      ['devices.1.parents', 'parents would make the device depend on itself'],
    ]);
    expect(await edges()).toEqual(['b<a', 'c<b']);
  });

  it('may turn a dependency round', async () => {
    await take({ devices: [named('a'), named('b', { parents: ['a'] })] });
    await take({ devices: [named('a', { parents: ['b'] }), named('b')] });
    expect(await edges()).toEqual(['a<b']);
  });

  it('does not change the system of a device', async () => {
    await take({ devices: [named('a')] });
    await registry.sql`update devices.devices set system = 'APPSPACE'`;
    expect(await faultsOf({ devices: [named('a')] })).toEqual([
      ['devices.0.system', "system can't be changed: a is a device of APPSPACE"],
    ]);
  });

  it('gives its secrets anew to devices whose old ones no longer open', async () => {
    await importEstate(registry.db, { devices: [named('a')] }, by, {
      sealer: createSealer('00'.repeat(32)),
      timeZone: 'UTC',
    });
    expect(await take({ devices: [named('a')] })).toEqual({ added: 0, updated: 1, unchanged: 0 });
    expect(await take({ devices: [named('a')] })).toEqual({ added: 0, updated: 0, unchanged: 1 });
  });

  it('is taken once when several processes bring it at once, whatever its order', async () => {
    const items = Array.from({ length: 40 }, (_, index) =>
      named(`d${index}`, { site: `s${index % 7}/x`, parents: index > 0 ? ['d0'] : [] }),
    );
    const outcomes = await Promise.all([items, items.toReversed(), items].map((list) => take({ devices: list })));
    expect(outcomes.map(({ added }) => added).sort()).toEqual([0, 0, 40]);
    expect(await registry.db.$count(devices, isNotNull(devices.externalId))).toBe(40);
  });

  it('does not lock out those who change devices meanwhile', async () => {
    await take({ devices: [named('a'), named('b'), named('c')] });
    const ids = await Promise.all(['a', 'b', 'c'].map(idOf));
    const rounds = Array.from({ length: 10 }, (_, round) => [
      take({ devices: ['c', 'b', 'a'].map((name) => named(name, { tags: [`t${round}`], site: `s${round}/a` })) }),
      ...ids.map((id) => updateDevice(registry.db, { id, name: `n${round}`, site: `s${round}/b` }, by, sealer)),
      registry.add({ site: `s${round}/c` }),
    ]);
    await Promise.all(rounds.flat());
  });

  it('of 1,700 devices with twenty parents each is taken whole, and again', async () => {
    const devicesOf = (tag: string) =>
      Array.from({ length: 1_700 }, (_, index) =>
        named(`d${index}`, {
          site: `s${index % 100}/x`,
          tags: [tag],
          parents: Array.from({ length: Math.min(index, 20) }, (__, n) => `d${n}`),
        }),
      );
    expect(await take({ devices: devicesOf('one') })).toEqual({ added: 1_700, updated: 0, unchanged: 0 });
    expect(await registry.db.$count(deviceParents)).toBe(33_790);
    expect(await take({ devices: devicesOf('two') })).toEqual({ added: 0, updated: 1_700, unchanged: 0 });
  });
});
