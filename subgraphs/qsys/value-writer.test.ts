import { type DatabaseHandle, openDatabase } from '@wheelhouse/kit/database.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { createMigratedDatabase, type TestDatabase } from '../../tests/database.ts';
import { findControls, saveDesign } from './design-store.ts';
import { createMetrics } from './metrics.ts';
import { createValueWriter } from './value-writer.ts';

let database: TestDatabase;
let handle: DatabaseHandle;
beforeAll(async () => {
  database = await createMigratedDatabase();
  handle = openDatabase(database.url);
});
afterAll(async () => {
  await handle.close();
  await database.drop();
});

const NAMES = Array.from({ length: 500 }, (_name, i) => `meter.${i}`);
const control = (name: string) => ({
  ...{ name, type: 'Float', direction: 'READ_ONLY' as const, min: 0, max: 1e9, value: 0, string: '0', position: 0 },
});
const change = (name: string, value: number) => ({ component: 'M', name, value, string: `${value}`, position: 0 });
const valuesOf = async (deviceId: string): Promise<(number | null)[]> =>
  (await findControls(handle.db, [{ deviceId, component: 'M', name: 'meter.7' }])).map(({ value }) => value);

async function aWriter(deviceId: string, intervalMs: number) {
  const design = {
    designCode: 'one',
    readAt: new Date(),
    components: [{ name: 'M', type: 'meter', controls: NAMES.map(control) }],
  };
  await saveDesign(handle.db, deviceId, design);
  const registry = new Registry();
  const metrics = createMetrics(registry);
  const logger = createLogger({ name: 'test', level: 'silent' });
  const writer = createValueWriter({ db: handle.db, intervalMs, metrics, logger });
  onTestFinished(writer.close);
  const written = async (): Promise<number> =>
    (await metrics.values.get()).values.find(({ labels }) => labels.step === 'written')?.value ?? 0;
  return { writer, written };
}

it('of values that are told oftener than they are written, the last is written, and no more than once in an interval', async () => {
  const { writer, written } = await aWriter('often', 60_000);
  writer.put('often', [change('meter.7', -1)], new Date());
  await expect.poll(() => valuesOf('often')).toEqual([-1]);
  for (let round = 1; round <= 200; round++)
    writer.put(
      'often',
      NAMES.map((name) => change(name, round)),
      new Date(),
    );
  await writer.close();
  expect(await valuesOf('often')).toEqual([200]);
  expect(await written()).toBe(1 + NAMES.length);
  writer.put('often', [change('meter.7', 0)], new Date());
  await writer.close();
  expect(await valuesOf('often')).toEqual([200]);
});

it('values of many Cores are written together', async () => {
  const { writer } = await aWriter('one', 20);
  await aWriter('other', 20);
  const measuredAt = new Date();
  for (const id of ['one', 'other', 'unknown']) writer.put(id, [change('meter.7', 5)], measuredAt);
  await expect.poll(async () => [await valuesOf('one'), await valuesOf('other')]).toEqual([[5], [5]]);
});

it('what can not be written waits, and does not undo what was told meanwhile', async () => {
  const { writer } = await aWriter('locked', 20);
  const release = Promise.withResolvers<void>();
  const isLocked = Promise.withResolvers<void>();
  // Its statement is ended by the server, as that of a database that goes away is.
  const lock = handle.sql.begin(async (sql) => {
    await sql`lock table qsys.controls in access exclusive mode`;
    isLocked.resolve();
    await release.promise;
  });
  await isLocked.promise;
  writer.put('locked', [change('meter.7', 1), change('meter.8', 1)], new Date());
  const waiting = (): Promise<{ pid: number }[]> =>
    handle.sql<{ pid: number }[]>`
      select pid from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
  await expect.poll(async () => (await waiting()).length).toBe(1);
  writer.put('locked', [change('meter.7', 2)], new Date());
  for (const { pid } of await waiting()) await handle.sql`select pg_cancel_backend(${pid})`;
  release.resolve();
  await lock;
  await expect.poll(() => valuesOf('locked'), { timeout: 40_000 }).toEqual([2]);
  await expect
    .poll(() => findControls(handle.db, [{ deviceId: 'locked', component: 'M', name: 'meter.8' }]))
    .toMatchObject([{ value: 1 }]);
});
