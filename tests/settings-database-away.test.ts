import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { eventually } from './harness.ts';
import { type SettableDisplays, startSettableDisplays } from './settings-graph.ts';

let estate: SettableDisplays;
let admin: postgres.Sql;
beforeAll(async () => {
  estate = await startSettableDisplays([{ name: 'slow' }], {
    WHEELHOUSE_SWEEP_SECONDS: '3600',
    FIDA_SETTLE_MS: '6000',
  });
  admin = postgres(inject('postgresAdminUrl'), { max: 1, onnotice: () => {} });
}, 60_000);
afterAll(async () => {
  await admin.end();
  await estate.close();
});

/** The database takes no connections, and has none. */
async function goAway(): Promise<() => Promise<unknown>> {
  const name = new URL(estate.wheelhouse.databaseUrl).pathname.slice(1);
  await admin.unsafe(`alter database ${name} allow_connections false`);
  await admin`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${name}`;
  return () => admin.unsafe(`alter database ${name} allow_connections true`);
}

it('a database that goes away between SET and read-back costs time, and neither the change nor a second SET', async () => {
  const display = estate.displayOf('slow');
  display.setFault({ kind: 'obeysLate', delayMs: 1_500 });
  const input = { brightnessPercent: 40, idempotencyKey: randomUUID() };
  const asked = estate.wheelhouse.query(
    'mutation ($input: SetDisplaySettingsInput!) { setDisplaySettings(input: $input) { settingsChange { state } } }',
    { input: { id: estate.idOf('slow'), ...input, waitMs: 2_500 } },
  );
  await eventually('the SET has come', () => display.setsReceived === 1);
  const comeBack = await goAway();
  // Who asked is told that it was accepted, although nobody can say what came of it.
  expect(await asked).toMatchObject({ data: { setDisplaySettings: { settingsChange: { state: 'PENDING' } } } });
  await eventually('the display obeys', () => display.values.brightnessPercent === 40);
  await comeBack();
  const ended = await eventually(
    'the change has ended',
    async () => {
      const { settingsChange } = await estate.set('slow', input).catch(() => ({ settingsChange: null }));
      return settingsChange?.state !== 'PENDING' && settingsChange;
    },
    45_000,
  );
  expect(ended).toMatchObject({
    state: 'APPLIED',
    before: { brightnessPercent: 70 },
    readBack: { brightnessPercent: 40 },
  });
  expect(display.setsReceived).toBe(1);
}, 90_000);
