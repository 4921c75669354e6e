import type { Observations } from '@wheelhouse/contracts/observations.ts';
import { type DatabaseHandle, openDatabase } from '@wheelhouse/kit/database.ts';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { applyObservations, tickFreshness } from '../poller.ts';
import { removeDevice } from '../registry.ts';
import { thresholdsOf } from '../rules.ts';
import { at, by, openTestRegistry, type TestRegistry } from '../testing/registry.ts';
import { countByStatus, findDevices, listDevices } from './devices.ts';
import { findOldestFinding, findUnwatched, readStatusChanges } from './statuses.ts';

const thresholds = thresholdsOf({ sweepSeconds: 60, missesToOffline: 2, answersToOnline: 1 });
const slotMs = (minute: number): number => at.getTime() + minute * 60_000;
const silent = { kind: 'SILENT', detail: 'no answer' } as const;
const answered = { kind: 'ANSWERED', problems: [] as string[] } as const;

const job = (
  minute: number,
  deviceIds: readonly string[],
  finding: Observations['observations'][number]['finding'],
): Observations => ({
  slotMs: slotMs(minute),
  observations: deviceIds.map((deviceId) => ({ deviceId, atMs: slotMs(minute) + 500, finding })),
});

describe('statuses', () => {
  let registry: TestRegistry;
  let counted: DatabaseHandle;
  let ids: string[];
  const metrics = new Registry();

  beforeAll(async () => {
    registry = await openTestRegistry();
    counted = openDatabase(registry.url, { maxConnections: 1, metrics: { registry: metrics, service: 'testing' } });
  });
  afterAll(async () => {
    await counted.close();
    await registry.close();
  });
  beforeEach(async () => {
    await registry.sql`truncate devices.devices, devices.device_statuses, devices.status_changes`;
    ids = [];
    for (let index = 0; index < 5; index += 1) ids.push(await registry.add({ name: `d${index}` }));
  });

  const apply = (observations: Observations) => applyObservations(registry.db, observations, thresholds);
  const statuses = async (): Promise<string[]> =>
    (await listDevices(registry.db, { filter: null, area: 'everywhere', after: null, limit: 100 })).map(
      ({ status }) => status,
    );
  const log = () => readStatusChanges(registry.db, { filter: null, area: 'everywhere', position: 0, limit: 1_000 });
  const statements = async (): Promise<number> =>
    Number(/wheelhouse_sql_statements_total\{service="testing"\} (\d+)/.exec(await metrics.metrics())?.[1] ?? 0);
  const costOf = async (work: () => Promise<unknown>): Promise<number> => {
    const before = await statements();
    await work();
    return (await statements()) - before;
  };

  it('follow from observations, and their changes are in the log in order', async () => {
    await apply(job(1, ids, answered));
    await apply(job(2, ids.slice(0, 2), silent));
    await apply(job(3, ids.slice(0, 2), silent));
    expect(await statuses()).toEqual(['OFFLINE', 'OFFLINE', 'ONLINE', 'ONLINE', 'ONLINE']);
    const changes = await log();
    expect(changes.map(({ from, to }) => `${from}>${to}`)).toEqual([
      ...Array.from({ length: 5 }, () => 'UNKNOWN>ONLINE'),
      ...Array.from({ length: 2 }, () => 'ONLINE>OFFLINE'),
    ]);
    const [first] = changes;
    expect(changes.map(({ position }) => position - (first?.position ?? 0))).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(changes.at(-1)).toMatchObject({
      at: new Date(slotMs(3) + 500),
      reason: 'no answer, 2 looks in a row',
      device: { site: 'museum/hall-2', status: 'OFFLINE' },
    });
    expect((await findDevices(registry.db, [ids[0] ?? ''], 'everywhere'))[0]).toMatchObject({
      statusSince: new Date(slotMs(3) + 500),
      observedAt: new Date(slotMs(3) + 500),
    });
  });

  it('are the same when a job runs again, or comes late', async () => {
    const jobs = [job(1, ids, answered), job(2, ids, silent), job(3, ids, silent)];
    for (const one of jobs) await apply(one);
    const before = [await registry.sql`select * from devices.device_statuses order by device_id`, await log()];
    for (const one of [...jobs, ...jobs.toReversed()]) expect(await apply(one)).toEqual([]);
    expect([await registry.sql`select * from devices.device_statuses order by device_id`, await log()]).toEqual(before);
  });

  it('are decided once when the same job runs in two places at a time', async () => {
    await Promise.all(Array.from({ length: 6 }, () => apply(job(1, ids, answered))));
    expect(await log()).toHaveLength(5);
  });

  it('are decided for the same devices in any order at once, without a deadlock', async () => {
    const jobs = Array.from({ length: 60 }, (_, minute) => {
      const mixed = minute % 2 === 0 ? ids : ids.toReversed();
      return job(minute, mixed, minute % 4 < 2 ? silent : answered);
    });
    await Promise.all(jobs.map((one) => apply(one)));
    const changes = await log();
    const [first] = changes;
    expect(changes.map(({ position }) => position - (first?.position ?? 0))).toEqual(changes.map((_, index) => index));
    // Whatever the order: what each device's changes say follows one from the other.
    for (const list of Map.groupBy(changes, ({ deviceId }) => deviceId).values())
      expect(list.slice(1).map(({ from }) => from)).toEqual(list.slice(0, -1).map(({ to }) => to));
  });

  it('are not decided for removed or unknown devices', async () => {
    const [gone = '', ...left] = ids;
    await removeDevice(registry.db, gone, by);
    await apply(job(1, [gone, 'none', 'a\0b', ...left], answered));
    expect((await log()).map(({ deviceId }) => deviceId).sort()).toEqual(left.toSorted());
    expect((await findDevices(registry.db, [gone], 'everywhere'))[0]?.status).toBe('UNKNOWN');
  });

  it('take the newest of several observations of one device in a job', async () => {
    const one = ids.slice(0, 1);
    const both = {
      slotMs: slotMs(1),
      observations: [...job(1, one, silent).observations, ...job(1, one, answered).observations],
    };
    await apply(both);
    expect(await log()).toHaveLength(1);
  });

  it('become UNKNOWN, never OFFLINE, when nobody looks, and only then', async () => {
    await apply(job(1, ids.slice(0, 2), answered));
    await apply(job(2, ids.slice(2, 3), answered));
    await apply(job(2, ids.slice(3, 4), silent));
    const due = slotMs(1) + 500 + thresholds.unknownAfterMs;
    expect(await tickFreshness(registry.db, new Date(due), thresholds)).toEqual([]);
    const decided = await tickFreshness(registry.db, new Date(due + 1), thresholds);
    expect(decided.map(({ deviceId }) => deviceId).sort()).toEqual(ids.slice(0, 2).toSorted());
    expect(await statuses()).toEqual(['UNKNOWN', 'UNKNOWN', 'ONLINE', 'UNKNOWN', 'UNKNOWN']);
    expect(await tickFreshness(registry.db, new Date(due + 1), thresholds)).toEqual([]);
    expect((await log()).at(-1)).toMatchObject({ from: 'ONLINE', to: 'UNKNOWN', at: new Date(due) });
  });

  it('that become UNKNOWN are blind in the log where nobody looked, and only there', async () => {
    const [looked = '', tried = ''] = ids;
    await apply(job(1, [looked, tried], answered));
    await apply(job(2, [tried], { kind: 'COULD_NOT_LOOK', detail: 'no route' }));
    await tickFreshness(registry.db, new Date(slotMs(20)), thresholds);
    const rows =
      await registry.sql`select device_id, "from", "to", reason, blind from devices.status_changes order by position`;
    const of = (id: string) => rows.filter((row) => row.device_id === id).map((row) => [row.from, row.to, row.blind]);
    expect(of(looked)).toEqual([
      ['UNKNOWN', 'ONLINE', false],
      ['ONLINE', 'UNKNOWN', true],
    ]);
    expect(of(tried)).toEqual([
      ['UNKNOWN', 'ONLINE', false],
      ['ONLINE', 'UNKNOWN', false],
    ]);
  });

  it('tell the oldest finding that can still run out', async () => {
    expect(await findOldestFinding(registry.db)).toBeNull();
    await apply(job(1, ids.slice(0, 1), answered));
    await apply(job(2, ids.slice(1, 3), answered));
    expect(await findOldestFinding(registry.db)).toEqual(new Date(slotMs(1) + 500));
    await tickFreshness(registry.db, new Date(slotMs(1) + 501 + thresholds.unknownAfterMs), thresholds);
    expect(await findOldestFinding(registry.db)).toEqual(new Date(slotMs(2) + 500));
  });

  it('are ticked once by several servers', async () => {
    await apply(job(1, ids, answered));
    const now = new Date(slotMs(10));
    const ticks = await Promise.all(Array.from({ length: 4 }, () => tickFreshness(registry.db, now, thresholds)));
    expect(ticks.flat()).toHaveLength(5);
    expect((await log()).filter(({ to }) => to === 'UNKNOWN')).toHaveLength(5);
  });

  it('of removed devices are left alone by the tick', async () => {
    await apply(job(1, ids, answered));
    for (const id of ids) await removeDevice(registry.db, id, by);
    expect(await findUnwatched(registry.db, new Date(slotMs(100)), 10)).toEqual([]);
    expect(await findOldestFinding(registry.db)).toBeNull();
  });

  it('are counted by system, and so are those that are stale', async () => {
    await apply(job(1, ids.slice(0, 2), answered));
    await apply(job(3, ids.slice(2, 3), answered));
    const staleBefore = new Date(slotMs(3));
    expect((await countByStatus(registry.db, staleBefore, 'everywhere')).toSorted((a, b) => a.total - b.total)).toEqual(
      [
        { system: 'FIDA', status: 'UNKNOWN', total: 2, stale: 0 },
        { system: 'FIDA', status: 'ONLINE', total: 3, stale: 2 },
      ],
    );
  });

  it('cost as many statements for many devices as for one', async () => {
    for (let index = 0; index < 60; index += 1) ids.push(await registry.add({ name: `more ${index}` }));
    const decide = (minute: number, some: readonly string[], finding: typeof silent | typeof answered) =>
      applyObservations(counted.db, job(minute, some, finding), thresholds);
    await decide(1, ids, answered);
    // The second silence makes one half OFFLINE, and is the first for the other half.
    const decideMixed = async (minute: number, some: readonly string[]): Promise<void> => {
      await decide(minute, some.slice(0, some.length / 2), silent);
      await decide(minute + 1, some, silent);
    };
    const few = await costOf(() => decideMixed(2, ids.slice(0, 2)));
    expect(await costOf(() => decideMixed(2, ids.slice(5)))).toBe(few);
    expect((await log()).filter(({ to }) => to === 'OFFLINE')).toHaveLength(31);
  });
});
