import { createSealer } from '@wheelhouse/kit/sealed.ts';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addDevice, RefusedError, removeDevice, updateDevice } from './registry.ts';
import type { Fault } from './registry-rules.ts';
import { findDevices, findParents } from './store/devices.ts';
import { lockEntry, readRegistryFeed } from './store/registry.ts';
import { listSites } from './store/sites.ts';
import { deviceParents, devices, registryLog } from './tables.ts';
import { aDevice, at, by, COMMUNITY, openTestRegistry, sealer, type TestRegistry } from './testing/registry.ts';

const nothing = { authProtocol: null, authKey: null, privProtocol: null, privKey: null };
const later = new Date(at.getTime() + 60_000);

/** The faults with which a change is refused; none when it is not. */
async function faultsOf(change: Promise<unknown>): Promise<Fault[]> {
  try {
    await change;
    return [];
  } catch (err) {
    if (err instanceof RefusedError) return err.faults;
    throw err;
  }
}

describe('the registry', () => {
  let registry: TestRegistry;

  beforeAll(async () => {
    registry = await openTestRegistry();
  });
  afterAll(() => registry.close());

  const rowOf = async (id: string) => {
    const [row] = await registry.db.select().from(devices).where(eq(devices.id, id));
    if (row === undefined) throw new Error(`there is no row ${id}`);
    return row;
  };
  const secretsOf = async (id: string): Promise<unknown> => {
    const { sealed } = await rowOf(id);
    return sealed === null ? null : sealer.open(sealed, id);
  };
  const parentsOf = async (id: string): Promise<string[]> =>
    (await registry.db.select().from(deviceParents).where(eq(deviceParents.deviceId, id)))
      .map(({ parentId }) => parentId)
      .sort();
  const versionsLogged = async (id: string): Promise<number[]> =>
    (
      await registry.db.select().from(registryLog).where(eq(registryLog.deviceId, id)).orderBy(registryLog.position)
    ).map(({ version }) => version);
  const waitingForLocks = async (): Promise<number> =>
    (await registry.sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)
      .length;
  const update = (id: string, fields: Record<string, unknown>) =>
    updateDevice(registry.db, { id, ...fields }, { ...by, at: later }, sealer);

  describe('adding', () => {
    it('makes a device that nobody has looked at, and its sites', async () => {
      const id = await registry.add({ tags: ['b', 'a'] });
      expect(await findDevices(registry.db, [id], 'everywhere')).toEqual([
        {
          id,
          externalId: null,
          name: 'left of the door',
          system: 'FIDA',
          site: 'museum/hall-2',
          address: '10.1.2.3:161',
          tags: ['a', 'b'],
          version: 1,
          createdAt: at,
          removedAt: null,
          status: 'UNKNOWN',
          statusSince: at,
          statusReason: 'not looked at yet',
          observedAt: null,
        },
      ]);
      expect(await versionsLogged(id)).toEqual([1]);
      const sites = await listSites(registry.db, { under: null, area: 'everywhere', after: null, limit: 10 });
      expect(sites.map(({ path }) => path)).toEqual(['museum', 'museum/hall-2']);
    });

    it('keeps secrets sealed for the device, and nowhere else', async () => {
      const id = await registry.add({
        snmp: {
          host: 'h',
          version: 'V3',
          user: 'u',
          authProtocol: 'SHA',
          authKey: 'hush-auth',
          privProtocol: 'AES',
          privKey: 'hush-priv',
        },
      });
      const other = await registry.add();
      const row = await rowOf(id);
      expect(row.connection).toEqual({
        host: 'h',
        port: 161,
        version: 'V3',
        user: 'u',
        authProtocol: 'SHA',
        privProtocol: 'AES',
      });
      expect(await secretsOf(id)).toEqual({ authKey: 'hush-auth', privKey: 'hush-priv' });
      expect(() => sealer.open(row.sealed ?? '', other)).toThrow('does not open');
      expect(() => createSealer('00'.repeat(32)).open(row.sealed ?? '', id)).toThrow('does not open');
      expect(JSON.stringify(await registry.sql`select * from devices.devices, devices.registry_log`)).not.toMatch(
        /hush|open-sesame/,
      );
    });

    it('seals nothing where there are no secrets', async () => {
      const id = await registry.add({ snmp: { host: '2001:db8::1', version: 'V3', user: 'u' } });
      expect(await rowOf(id)).toMatchObject({ sealed: null, address: '[2001:db8::1]:161' });
    });

    it('is refused with all faults, and leaves nothing behind', async () => {
      const before = await registry.sql`select count(*) from devices.devices`;
      const faults = await faultsOf(addDevice(registry.db, aDevice({ name: '', site: '//' }), by, sealer));
      expect(faults.map(({ path }) => path)).toEqual([
        ['input', 'name'],
        ['input', 'site'],
      ]);
      expect(await registry.sql`select count(*) from devices.devices`).toEqual(before);
    });

    it('is refused with a parent that is not there, or was removed', async () => {
      const gone = await registry.add();
      await removeDevice(registry.db, gone, { ...by, at: later });
      const there = await registry.add();
      for (const id of ['none', gone, 'a\0b']) {
        expect(await faultsOf(registry.add({ parentIds: [there, id] }))).toEqual([
          {
            path: ['input', 'parentIds', 1],
            code: 'NOT_FOUND',
            message: `parentIds names a device that is not there: ${id}`,
          },
        ]);
      }
    });

    it('gives the parents of many devices with one question, by name', async () => {
      const b = await registry.add({ name: 'b' });
      const a = await registry.add({ name: 'a' });
      const child = await registry.add({ parentIds: [b, a] });
      const parents = await findParents(registry.db, [child, a], 'everywhere');
      expect(parents.get(child)?.map(({ name }) => name)).toEqual(['a', 'b']);
      expect(parents.has(a)).toBe(false);
    });
  });

  describe('changing', () => {
    it('refuses the connection of another system, which would be thrown away', async () => {
      const id = await registry.add();
      expect(await faultsOf(update(id, { name: 'renamed', ping: { host: '10.1.2.4' } }))).toMatchObject([
        { path: ['input', 'ping'], code: 'INVALID', message: expect.stringContaining('give snmp') },
      ]);
      expect(await rowOf(id)).toMatchObject({ name: 'left of the door', version: 1 });
    });

    it('changes what is given and keeps the rest, secrets too', async () => {
      const parent = await registry.add();
      const id = await registry.add({ tags: ['a'], parentIds: [parent] });
      await update(id, { name: 'right of the door', site: null, tags: undefined, snmp: { profile: 'lg-commercial' } });
      expect(await rowOf(id)).toMatchObject({
        name: 'right of the door',
        site: 'museum/hall-2',
        tags: ['a'],
        version: 2,
        createdAt: at,
        connection: { host: '10.1.2.3', port: 161, version: 'V2C', profile: 'lg-commercial' },
      });
      expect(await secretsOf(id)).toEqual({ community: COMMUNITY });
      expect(await parentsOf(id)).toEqual([parent]);
      expect(await versionsLogged(id)).toEqual([1, 2]);
    });

    it.each([
      ['another host', { host: '192.0.2.66' }, { community: 'mine' }, ['community']],
      ['another port', { port: 1161 }, { community: COMMUNITY }, ['community']],
      ['another version', { version: 'V1' }, { community: COMMUNITY }, ['community']],
    ])('sends no secret to %s that the caller does not know', async (_what, moved, known, names) => {
      const id = await registry.add();
      const faults = await faultsOf(update(id, { snmp: moved }));
      expect(faults).toEqual(
        names.map((name) => ({
          path: ['input', 'snmp', name],
          code: 'INVALID',
          message: expect.stringContaining(
            `${name} must be given again where ${Object.keys(moved)[0]} becomes another`,
          ),
        })),
      );
      expect(await rowOf(id)).toMatchObject({ version: 1, address: '10.1.2.3:161' });
      await update(id, { snmp: { ...moved, ...known } });
      expect(await secretsOf(id)).toEqual(known);
    });

    it('asks for each secret that it would keep, and for none that it takes away', async () => {
      const auth = { authProtocol: 'SHA', authKey: 'hush-auth' };
      const priv = { privProtocol: 'AES', privKey: 'hush-priv' };
      const id = await registry.add({ snmp: { host: 'h', version: 'V3', user: 'u', ...auth, ...priv } });
      const asked = async (snmp: Record<string, unknown>) =>
        (await faultsOf(update(id, { snmp }))).map(({ path }) => path.at(-1));
      expect(await asked({ host: 'other' })).toEqual(['authKey', 'privKey']);
      expect(await asked({ authProtocol: 'MD5' })).toEqual(['authKey', 'privKey']);
      expect(await asked({ host: 'other', authKey: 'known-auth', privKey: undefined })).toEqual(['privKey']);
      expect(await asked({ privProtocol: null, privKey: null })).toEqual(['authKey']);
      expect(await asked({ host: 'h', port: 161, profile: 'lg-commercial' })).toEqual([]);
      expect(await secretsOf(id)).toEqual({ authKey: 'hush-auth', privKey: 'hush-priv' });
      expect(await asked({ host: 'other', version: 'V2C', community: 'c', user: null, ...nothing })).toEqual([]);
      expect(await secretsOf(id)).toEqual({ community: 'c' });
    });

    it.each([
      { host: 'other' },
      { port: 1 },
      { transport: 'WEBSOCKET' },
      { certificateFingerprint: null },
      { user: 'w' },
    ])('sends no password of a Core where %j is changed', async (qrc) => {
      const known = { host: 'core', transport: 'WEBSOCKET_TLS', certificateFingerprint: 'ab'.repeat(32), user: 'u' };
      const core = { ...known, password: 'hush-pin' };
      const id = await registry.add({ system: 'QSYS', snmp: undefined, qrc: core });
      const moved = 'transport' in qrc ? { ...qrc, certificateFingerprint: null } : qrc;
      expect((await faultsOf(update(id, { qrc: moved }))).map(({ path }) => path.join('.'))).toEqual([
        'input.qrc.password',
      ]);
      expect(await rowOf(id)).toMatchObject({ version: 1 });
      await update(id, { name: 'renamed', qrc: known });
      expect(await secretsOf(id)).toEqual({ password: 'hush-pin' });
    });

    it('takes away what is null, and lists that are empty', async () => {
      const parent = await registry.add();
      const id = await registry.add({
        tags: ['a'],
        parentIds: [parent],
        snmp: {
          host: 'h',
          version: 'V3',
          user: 'u',
          authProtocol: 'SHA',
          authKey: 'x'.repeat(8),
          profile: 'lg-commercial',
        },
      });
      await update(id, { tags: [], parentIds: [], snmp: { authProtocol: null, authKey: null, profile: null } });
      expect(await rowOf(id)).toMatchObject({
        tags: [],
        sealed: null,
        connection: { host: 'h', port: 161, version: 'V3', user: 'u' },
      });
      expect(await parentsOf(id)).toEqual([]);
    });

    it('judges the connection as it will be', async () => {
      const id = await registry.add();
      expect((await faultsOf(update(id, { snmp: { version: 'V3' } }))).map(({ message }) => message)).toEqual([
        'user is needed for version V3',
        'community is not used by version V3',
      ]);
      await update(id, { snmp: { version: 'V3', user: 'u', community: null } });
      expect((await rowOf(id)).connection).toEqual({ host: '10.1.2.3', port: 161, version: 'V3', user: 'u' });
    });

    it('is no new version when nothing changes', async () => {
      const parent = await registry.add();
      const id = await registry.add({ tags: ['a', 'b'], parentIds: [parent] });
      await update(id, {
        name: ' left of the door ',
        tags: ['b', 'a', 'b'],
        parentIds: [parent, parent],
        snmp: { community: COMMUNITY, port: 161 },
      });
      await update(id, {});
      expect((await rowOf(id)).version).toBe(1);
      expect(await versionsLogged(id)).toEqual([1]);
    });

    it('is refused when the version is not the expected one', async () => {
      const id = await registry.add();
      await update(id, { expectedVersion: 1, name: 'second' });
      expect(await faultsOf(update(id, { expectedVersion: 1, name: 'third' }))).toEqual([
        { path: ['input', 'expectedVersion'], code: 'CONFLICT', message: 'the device has version 2, not 1' },
      ]);
      expect((await rowOf(id)).name).toBe('second');
    });

    it('is taken from one of many who expect the same version', async () => {
      const id = await registry.add();
      const names = Array.from({ length: 8 }, (_, index) => `name ${index}`);
      const outcomes = await Promise.all(names.map((name) => faultsOf(update(id, { expectedVersion: 1, name }))));
      expect(outcomes.filter((faults) => faults.length === 0)).toHaveLength(1);
      expect(await versionsLogged(id)).toEqual([1, 2]);
    });

    it('is refused with all faults, each with its path, and changes nothing', async () => {
      const id = await registry.add();
      const faults = await faultsOf(update(id, { name: 'x'.repeat(121), tags: ['y'.repeat(61)], snmp: { port: 0 } }));
      expect(faults.map(({ path, message }) => [path.join('.'), message])).toEqual([
        ['input.name', 'name must have at most 120 characters'],
        ['input.tags.0', 'tags must have at most 60 characters'],
        ['input.snmp.port', 'port must be 1 to 65535'],
      ]);
      expect(await rowOf(id)).toMatchObject({ version: 1, name: 'left of the door' });
    });

    it.each(['none', ''])('finds no device %j', async (id) => {
      expect(await faultsOf(update(id, { name: 'x' }))).toEqual([
        { path: ['input', 'id'], code: 'NOT_FOUND', message: `there is no device ${id}` },
      ]);
    });

    it('is refused when the device would depend on itself', async () => {
      const a = await registry.add();
      const b = await registry.add({ parentIds: [a] });
      const c = await registry.add({ parentIds: [b] });
      const refused = [
        { path: ['input', 'parentIds'], code: 'INVALID', message: 'parentIds would make the device depend on itself' },
      ];
      expect(await faultsOf(update(a, { parentIds: [a] }))).toEqual(refused);
      expect(await faultsOf(update(a, { parentIds: [c] }))).toEqual(refused);
      expect(await parentsOf(a)).toEqual([]);
    });

    it('by two at once never closes a circle', async () => {
      for (let round = 0; round < 5; round += 1) {
        const [a, b] = [await registry.add(), await registry.add()];
        const outcomes = await Promise.all([
          faultsOf(update(a, { parentIds: [b] })),
          faultsOf(update(b, { parentIds: [a] })),
        ]);
        expect(outcomes.filter((faults) => faults.length > 0)).toHaveLength(1);
      }
    });

    it('that waited for another change builds on its parents', async () => {
      const [before, after] = [await registry.add(), await registry.add()];
      const id = await registry.add({ parentIds: [before] });
      let renamed: Promise<void> | undefined;
      await registry.db.transaction(async (tx) => {
        await lockEntry(tx, id);
        renamed = update(id, { name: 'renamed' });
        // The other change waits for this row's lock by now, with a snapshot from before what follows.
        await expect.poll(waitingForLocks).toBeGreaterThan(0);
        await tx.update(deviceParents).set({ parentId: after }).where(eq(deviceParents.deviceId, id));
      });
      await renamed;
      expect((await rowOf(id)).name).toBe('renamed');
      expect(await parentsOf(id)).toEqual([after]);
    });

    it('takes new secrets when the old ones no longer open, and says so when it gets none', async () => {
      const foreign = createSealer('00'.repeat(32));
      const id = await addDevice(registry.db, aDevice(), by, foreign);
      const faults = await faultsOf(update(id, { name: 'renamed' }));
      expect(faults.map(({ path, code }) => [path.join('.'), code])).toEqual([
        ['input.snmp', 'CONFLICT'],
        ['input.snmp.community', 'INVALID'],
      ]);
      expect(faults[0]?.message).toContain('WHEELHOUSE_SECRET_KEY, give them again');
      await update(id, { name: 'renamed', snmp: { community: 'another' } });
      expect(await secretsOf(id)).toEqual({ community: 'another' });
    });
  });

  describe('removing', () => {
    it('leaves a tombstone without secrets and parents, and its children without it', async () => {
      const parent = await registry.add();
      const id = await registry.add({ parentIds: [parent] });
      const child = await registry.add({ parentIds: [id] });
      await removeDevice(registry.db, id, { ...by, at: later });
      expect(await rowOf(id)).toMatchObject({ removedAt: later, sealed: null, version: 2, name: 'left of the door' });
      expect(await parentsOf(id)).toEqual([]);
      expect(await findParents(registry.db, [child], 'everywhere')).toEqual(new Map());
      const feed = await readRegistryFeed(registry.db, { system: 'FIDA', position: 0, limit: 1_000 });
      expect(feed.findLast((item) => item.id === id)).toMatchObject({ version: 2, removed: true, sealed: null });
    });

    it('is the last of what the log says of the device: each row is what its entry became, and by whom', async () => {
      const id = await registry.add({ name: 'first' });
      const ops = { ...by, at: later, actor: 'ops' };
      await updateDevice(registry.db, { id, name: 'second', site: 'depot' }, ops, sealer);
      await removeDevice(registry.db, id, { ...ops, actor: 'cleaner' });
      const rows = await registry.db
        .select()
        .from(registryLog)
        .where(eq(registryLog.deviceId, id))
        .orderBy(registryLog.position);
      const common = { deviceId: id, system: 'FIDA' };
      const first = { version: 1, at, name: 'first', site: 'museum/hall-2', removed: false, actor: 'tester' };
      const second = { version: 2, at: later, name: 'second', site: 'depot', removed: false, actor: 'ops' };
      expect(rows.map(({ position: _, ...row }) => row)).toEqual([
        { ...common, ...first },
        { ...common, ...second },
        { ...common, ...second, version: 3, removed: true, actor: 'cleaner' },
      ]);
    });

    it('is refused for what is not there, or no longer', async () => {
      const id = await registry.add();
      await removeDevice(registry.db, id, { ...by, at: later });
      for (const gone of [id, 'none']) {
        expect(await faultsOf(removeDevice(registry.db, gone, { ...by, at: later }))).toEqual([
          { path: ['id'], code: 'NOT_FOUND', message: `there is no device ${gone}` },
        ]);
      }
      expect((await faultsOf(update(id, { name: 'x' })))[0]?.code).toBe('NOT_FOUND');
    });
  });
});
