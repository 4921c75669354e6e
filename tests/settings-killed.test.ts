import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { settingsTables } from '@wheelhouse/fida/tables.ts';
import { openDatabase } from '@wheelhouse/kit/database.ts';
import { isOpen } from '@wheelhouse/kit/settings-changes.ts';
import { findChanges } from '@wheelhouse/kit/settings-store.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './harness.ts';
import { has } from './programs.ts';
import { startRedis } from './redis.ts';
import { type SettableDisplays, startSettableDisplays } from './settings-graph.ts';

const PROGRAM = fileURLToPath(new URL('../subgraphs/fida/main.ts', import.meta.url));
/** A lease of 10 s, the reconciler's 10 s, and time for a busy machine. */
const TAKEN_OVER_MS = 45_000;

const backends = [
  { name: 'PostgreSQL', isMissing: false, start: () => Promise.resolve(null) },
  { name: 'Redis', isMissing: !has('redis-server'), start: startRedis },
];

// Beside each other: they wait for a lease most of the time.
describe.concurrent.each(backends)('with the queues in $name', ({ isMissing, start }) => {
  if (isMissing) return void it.skip('needs a program that is not installed', () => {});
  let estate: SettableDisplays;
  let redis: Awaited<ReturnType<typeof startRedis>> | null;
  let worker: ChildProcess | null = null;
  const settings: Record<string, string> = {
    WHEELHOUSE_SECRET_KEY: randomBytes(32).toString('hex'),
    WHEELHOUSE_SWEEP_SECONDS: '3600',
    FIDA_SETTLE_MS: '6000',
  };

  beforeAll(async () => {
    redis = await start();
    if (redis !== null) settings.REDIS_URL = redis.url;
    estate = await startSettableDisplays([{ name: 'slow' }, { name: 'next' }], settings);
    await estate.wheelhouse.stopWorker();
  }, 60_000);
  afterAll(async () => {
    worker?.kill('SIGKILL');
    await estate.close();
    await redis?.close();
  });

  it('a worker killed between SET and read-back leaves a change that ends in the truth, with one SET sent', async () => {
    const display = estate.displayOf('slow');
    display.setFault({ kind: 'obeysLate', delayMs: 4_000 });
    worker = spawn(process.execPath, [PROGRAM], {
      env: {
        ...{
          PATH: process.env.PATH,
          NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
          ...settings,
          RUN: 'worker',
          PORT: '0',
          DATABASE_URL: estate.wheelhouse.databaseUrl,
        },
        ...{
          DEVICES_URL: 'http://127.0.0.1:1',
          WHEELHOUSE_SERVICE_TOKEN: 'no service is asked',
          FIDA_SNMP_TIMEOUT_MS: '300',
          LOG_LEVEL: 'fatal',
        },
      },
      stdio: 'inherit',
    });
    const exited = once(worker, 'exit');
    const { settingsChange: pending } = await estate.set('slow', { brightnessPercent: 40, waitMs: 0 });
    const { settingsChange: queued } = await estate.set('slow', { inputSource: 'DVI', waitMs: 0 });
    await eventually('the SET has come', () => display.setsReceived === 1, 20_000);
    worker.kill('SIGKILL');
    await exited;
    // It was cut off before it could read that the display obeyed.
    expect(display.values.brightnessPercent).toBe(70);
    await estate.wheelhouse.startWorker();
    const ids = [pending.id, queued.id];
    await eventually(
      'both are over',
      async () => (await changes(ids)).every(({ state }) => !isOpen(state)),
      TAKEN_OVER_MS,
    );
    expect(await changes(ids)).toMatchObject([
      { state: 'APPLIED', before: { brightnessPercent: 70 }, readBack: { brightnessPercent: 40 } },
      { state: 'APPLIED', before: { inputSource: 'HDMI1' }, readBack: { inputSource: 'DVI' } },
    ]);
    expect(display.values).toMatchObject({ brightnessPercent: 40, inputSource: 'DVI' });
    // One of each change.
    expect(display.setsReceived).toBe(2);
  }, 90_000);

  /** The rows of these changes, in their order. */
  const changes = async (ids: string[]) => {
    const { db, close } = openDatabase(estate.wheelhouse.databaseUrl, { maxConnections: 1 });
    const rows = await findChanges(db, settingsTables, ids);
    await close();
    return rows.toSorted((one, other) => one.settingsVersion - other.settingsVersion);
  };
});
