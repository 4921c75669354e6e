import { openDatabase } from '@wheelhouse/kit/database.ts';
import { print } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations } from './client-operations.ts';
import { eventually } from './harness.ts';
import { type SettableDisplays, startSettableDisplays } from './settings-graph.ts';

describe('a display of which something else is wrong than what it says', () => {
  let estate: SettableDisplays;
  const v3 = { version: 'V3', user: 'wheelhouse', authProtocol: 'SHA', authKey: 'the right password' } as const;
  beforeAll(async () => {
    estate = await startSettableDisplays(
      [{ name: 'secured', access: v3 }, { name: 'removed' }, { name: 'sealed' }, { name: 'asked' }],
      { WHEELHOUSE_SWEEP_SECONDS: '3600' },
    );
  });
  afterAll(() => estate.close());

  /** Changes what fida knows of a display while no worker runs, after a change was requested, and gives what came of that. */
  const outcomeAfter = async (name: string, alter: string) => {
    await estate.wheelhouse.stopWorker();
    const input = { brightnessPercent: 40, idempotencyKey: name };
    expect((await estate.set(name, { ...input, waitMs: 0 })).settingsChange.state).toBe('PENDING');
    const { sql, close } = openDatabase(estate.wheelhouse.databaseUrl, { maxConnections: 1 });
    await sql.unsafe(`update fida.targets set ${alter} where device_id = '${estate.idOf(name)}'`);
    await estate.wheelhouse.startWorker();
    const ended = await eventually('the change has ended', async () => {
      const [row] = await sql`select state, code, detail from fida.settings_changes where idempotency_key = ${name}`;
      return row?.state !== 'PENDING' && row?.state !== 'SENDING' && row;
    });
    await close();
    return ended;
  };

  it('is set over SNMPv3, and REJECTED once its password is another one', async () => {
    expect((await estate.set('secured', { brightnessPercent: 40 })).settingsChange.state).toBe('APPLIED');
    await estate.wheelhouse.query(
      'mutation ($input: UpdateDeviceInput!) { updateDevice(input: $input) { userErrors { message } } }',
      { input: { id: estate.idOf('secured'), snmp: { authKey: 'another password' } } },
    );
    const rejected = await eventually('the worker has learnt the new password', async () => {
      const { settingsChange } = await estate.set('secured', { brightnessPercent: 40 });
      return settingsChange.state !== 'APPLIED' && settingsChange;
    });
    expect(rejected).toMatchObject({ state: 'REJECTED', code: 'CREDENTIALS_REJECTED', readBack: null });
    expect(estate.displayOf('secured').setsReceived).toBe(1);
  });

  it('is REJECTED when it was removed meanwhile', async () => {
    expect(await outcomeAfter('removed', 'removed = true')).toMatchObject({ state: 'REJECTED', code: 'NOT_FOUND' });
    expect(estate.displayOf('removed').setsReceived).toBe(0);
  });

  it('is UNREACHABLE when its secret does not open, and the secret is not told', async () => {
    const ended = await outcomeAfter('sealed', "sealed = 'v1.a.b.c'");
    expect(ended).toMatchObject({ state: 'UNREACHABLE', code: 'INVALID_TARGET' });
    expect(ended.detail).toContain('nothing was sent');
    expect(estate.displayOf('sealed').setsReceived).toBe(0);
  });

  it('answers the operation that outside clients are written against', async () => {
    const document = operations.get('SetDisplay');
    const input = { id: estate.idOf('asked'), power: 'OFF', reason: 'closing' };
    const { data, errors } = await estate.wheelhouse.query(document ? print(document) : '', { input });
    expect(errors).toBeUndefined();
    expect(data.setDisplaySettings).toMatchObject({
      settingsChange: { state: 'APPLIED', wanted: { power: 'OFF' }, readBack: { power: 'OFF' }, detail: null },
      display: { id: input.id, settingsVersion: 1, power: 'OFF', brightnessPercent: 70 },
      userErrors: [],
    });
  });
});
