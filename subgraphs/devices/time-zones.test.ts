import { readLogHead } from '@wheelhouse/kit/log-table.ts';
import { asc, eq, gt } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../tests/harness.ts';
import { importEstate } from './estate.ts';
import { removeDevice, setDefaultTimeZone, setSite, updateDevice } from './registry.ts';
import { newEntry } from './registry-entries.ts';
import { checkEntry } from './registry-rules.ts';
import { readRegistryFeed, writeEntries } from './store/registry.ts';
import { findTimeZones } from './store/sites.ts';
import { registryLog } from './tables.ts';
import { aDevice, at, by, openTestRegistry, sealer, type TestRegistry } from './testing/registry.ts';
import { isTimeZone } from './time-zone.ts';

const timeZone = 'Europe/Oslo';

describe('a time zone', () => {
  it.each(['Africa/Cairo', 'Asia/Kolkata', 'Asia/Calcutta', 'UTC', 'CET', 'EST5EDT', 'Etc/GMT+5', 'africa/cairo'])(
    'is %s',
    (name) => {
      expect(isTimeZone(name)).toBe(true);
    },
  );
  it.each(['Mars/Olympus', '', '+02:00', 'UTC+2', 'IST', 'JST', 'ACT', 'Africa/', ' UTC', 'local'])(
    'is not %j',
    (name) => {
      expect(isTimeZone(name)).toBe(false);
    },
  );
});

describe('the time zone of a site', () => {
  let registry: TestRegistry;
  beforeAll(async () => {
    registry = await openTestRegistry();
  });
  afterAll(() => registry.close());
  beforeEach(async () => {
    await registry.sql`truncate devices.devices, devices.device_parents, devices.device_statuses, devices.sites`;
    await registry.sql`truncate devices.registry_log, devices.default_time_zone`;
  });

  const set = (path: string, zone: string | null) =>
    setSite(registry.db, { path, timeZone: zone }, { by: { ...by, actor: 'mover' }, timeZone });
  /** What the log got while `act` ran: site and version of each row. */
  const toldBy = async (act: () => Promise<unknown>): Promise<[string, number, string][]> => {
    const { position } = await readLogHead(registry.db, registryLog);
    await act();
    const rows = await registry.db
      .select()
      .from(registryLog)
      .where(gt(registryLog.position, position))
      .orderBy(asc(registryLog.position));
    return rows.map(({ site, version, actor }) => [site, version, actor]);
  };
  const feed = () => readRegistryFeed(registry.db, { system: 'FIDA', position: 0, limit: 500 });

  it('tells anew, with the version they have, the devices for which another zone holds, and no others', async () => {
    for (const site of ['museum', 'museum/a', 'museum/a/b', 'museum/c', 'museum-shop', 'mus'])
      await registry.add({ site });
    await set('museum/a', 'Asia/Tokyo');
    const moved = await toldBy(() => set('museum', 'Africa/Cairo'));
    expect(moved.toSorted()).toEqual([
      ['museum', 1, 'mover'],
      ['museum/c', 1, 'mover'],
    ]);
    expect((await toldBy(() => set('museum/a', null))).toSorted()).toEqual([
      ['museum/a', 1, 'mover'],
      ['museum/a/b', 1, 'mover'],
    ]);
  });

  it('tells nobody where it stays the same', async () => {
    await registry.add({ site: 'museum' });
    await set('museum', 'Africa/Cairo');
    expect(await toldBy(() => set('museum', 'Africa/Cairo'))).toEqual([]);
    expect(await toldBy(() => set('museum', timeZone))).toHaveLength(1);
    // Its own zone goes, and the one that holds where none is set is the same.
    expect(await toldBy(() => set('museum', null))).toEqual([]);
    expect(await toldBy(() => set('elsewhere/far', 'Asia/Tokyo'))).toEqual([]);
  });

  it('is told of no device that is removed', async () => {
    const id = await registry.add({ site: 'museum' });
    await removeDevice(registry.db, id, by);
    expect(await toldBy(() => set('museum', 'Africa/Cairo'))).toEqual([]);
  });

  it('is told once of a device that the same estate file changes', async () => {
    const devices = ['x', 'y'].map((name) => aDevice({ name, externalId: name, site: 'museum' }));
    await importEstate(registry.db, { devices }, by, { sealer, timeZone });
    const file = { sites: [{ path: 'museum', timeZone: 'Africa/Cairo' }], devices: [{ ...devices[0], tags: ['new'] }] };
    const told = await toldBy(() => importEstate(registry.db, file, by, { sealer, timeZone }));
    expect(told).toEqual([
      ['museum', 2, 'tester'],
      ['museum', 1, 'tester'],
    ]);
    expect(await toldBy(() => importEstate(registry.db, file, by, { sealer, timeZone }))).toEqual([]);
  });

  it('leaves a read of the feed from its start as long as the estate', async () => {
    const ids = [await registry.add({ site: 'museum' }), await registry.add({ site: 'museum' })];
    for (const zone of ['Africa/Cairo', 'Asia/Tokyo', null]) await set('museum', zone);
    await updateDevice(registry.db, { id: ids[0] ?? '', name: 'other' }, by, sealer);
    await set('museum', 'Asia/Kolkata');
    expect((await feed()).map(({ id, version }) => [id, version]).toSorted()).toEqual(
      [
        [ids[0], 2],
        [ids[1], 1],
      ].toSorted(),
    );
  });

  it('is told where none is set and the default has become another one', async () => {
    for (const site of ['museum', 'museum/a', 'depot']) await registry.add({ site });
    await set('museum/a', 'Asia/Tokyo');
    const keep = (zone: string) => toldBy(() => setDefaultTimeZone(registry.db, zone, { at, actor: 'configuration' }));
    // What systems were told before it was kept nobody knows.
    expect(await keep('UTC')).toHaveLength(3);
    expect(await keep('UTC')).toEqual([]);
    expect((await keep('Africa/Cairo')).toSorted()).toEqual([
      ['depot', 1, 'configuration'],
      ['museum', 1, 'configuration'],
    ]);
    expect(await keep('Asia/Tokyo')).toHaveLength(2);
  });

  it('is told of a device that was being added while it changed', async () => {
    await registry.add({ site: 'museum' });
    const gate = Promise.withResolvers<void>();
    const written = Promise.withResolvers<void>();
    const checked = checkEntry(aDevice({ site: 'museum' }), ['input']);
    if ('faults' in checked) throw new Error('the device has faults');
    const entry = newEntry(checked.entry, null, at, sealer);
    const adding = registry.db.transaction(async (tx) => {
      await writeEntries(tx, [entry], by);
      written.resolve();
      await gate.promise;
    });
    await written.promise;
    let isSet = false;
    const setting = toldBy(() => set('museum', 'Africa/Cairo')).finally(() => {
      isSet = true;
    });
    await eventually('the change of the zone waits, or is over', async () => {
      const [waiting] = await registry.sql`
        select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      return isSet || waiting !== undefined;
    });
    gate.resolve();
    await adding;
    await setting;
    const newest = (await feed()).find(({ id }) => id === entry.id);
    const [added] = await registry.db.select().from(registryLog).where(eq(registryLog.deviceId, entry.id));
    // Not the row of the adding, which a system may have read before the zone changed.
    expect(newest?.position).toBeGreaterThan(added?.position ?? Number.POSITIVE_INFINITY);
  });

  it('is never told older than it is, however many move devices and zones at once', async () => {
    const ids = await Promise.all(['a', 'a/b', 'c'].map((site) => registry.add({ site })));
    const zones = ['Africa/Cairo', 'Asia/Tokyo', 'Europe/Oslo', null];
    const seen = new Map<string, string>();
    let position = 0;
    let isOver = false;
    /** A system that reads the feed as the door serves it: a page, then the zones of its sites. */
    const follow = async (): Promise<void> => {
      for (;;) {
        const wasOver = isOver;
        const rows = await readRegistryFeed(registry.db, { system: 'FIDA', position, limit: 3 });
        const found = await findTimeZones(registry.db, [...new Set(rows.map(({ site }) => site))], timeZone);
        for (const row of rows) seen.set(row.id, `${row.site} ${found.get(row.site)}`);
        position = rows.at(-1)?.position ?? position;
        if (wasOver && rows.length === 0) return;
      }
    };
    const rounds = Array.from({ length: 10 }, (_, round) => round);
    const change = async (): Promise<void> => {
      for (const round of rounds) {
        await Promise.all([
          set('a', zones[round % 4] ?? null),
          set('a/b', zones[(round * 3 + 1) % 4] ?? null),
          updateDevice(
            registry.db,
            { id: ids[round % 3] ?? '', site: ['a', 'a/b', 'c', 'a/b/d'][round % 4] },
            by,
            sealer,
          ),
          importEstate(
            registry.db,
            {
              sites: [{ path: 'c', timeZone: zones[(round + 1) % 4] ?? null }],
              devices: [aDevice({ name: `n${round}`, site: 'a/b/d' })],
            },
            by,
            { sealer, timeZone },
          ),
        ]);
      }
      isOver = true;
    };
    await Promise.all([follow(), change()]);
    const now = await feed();
    const found = await findTimeZones(registry.db, [...new Set(now.map(({ site }) => site))], timeZone);
    expect(seen).toEqual(new Map(now.map(({ id, site }) => [id, `${site} ${found.get(site)}`])));
  }, 30_000);
});
