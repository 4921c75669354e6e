import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type DatabaseHandle, openDatabase } from '@wheelhouse/kit/database.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, startWheelhouse, type Wheelhouse } from '../../tests/harness.ts';

const HOUR_MS = 3_600_000;
/** Slots of a second, and the way to the client, with room for a machine that is busy. */
const WITHIN_MS = 60_000;
const TEST_MS = 120_000;
const ADD = 'mutation ($input: AddDeviceInput!) { addDevice(input: $input) { device { id } userErrors { message } } }';
const CHANGES = `subscription ($after: String) {
  deviceStatusChanged(after: $after) { to device { name ... on Light { roundTripMs lookProblem } } }
}`;
const HISTORY = `query ($id: ID!, $from: DateTime!, $to: DateTime!) {
  device(id: $id) { history(from: $from, to: $to, step: HOUR) { metrics { name unit mean } } }
}`;

describe('a light', () => {
  let light: Server;
  let wheelhouse: Wheelhouse;
  let handle: DatabaseHandle;
  let id = '';

  beforeAll(async () => {
    light = createServer((_request, response) => response.end('on')).listen(0, '127.0.0.1');
    await once(light, 'listening');
    wheelhouse = await startWheelhouse({ WHEELHOUSE_SWEEP_SECONDS: '1' });
    handle = openDatabase(wheelhouse.databaseUrl);
  }, TEST_MS);
  afterAll(async () => {
    light.closeAllConnections();
    light.close();
    await handle.close();
    await wheelhouse.close();
  });

  it(
    'goes ONLINE, and whoever subscribed sees how long its answer took',
    async () => {
      const { data } = await wheelhouse.query('{ statusCursor }');
      const changes = wheelhouse.subscribe(CHANGES, { after: data.statusCursor });
      const { port } = light.address() as AddressInfo;
      const input = { name: 'Hall lamp', system: 'LIGHTS', site: 'museum/hall', light: { host: '127.0.0.1', port } };
      const added = await wheelhouse.query(ADD, { input });
      expect(added).toMatchObject({ data: { addDevice: { userErrors: [] } } });
      id = added.data.addDevice.device.id;
      await wheelhouse.startWorker();
      const online = await changes.first(({ data: event }) => event?.deviceStatusChanged.to === 'ONLINE', WITHIN_MS);
      const device = { name: 'Hall lamp', roundTripMs: expect.any(Number), lookProblem: null };
      expect(online).toEqual({ data: { deviceStatusChanged: { to: 'ONLINE', device } } });
      changes.stop();
    },
    TEST_MS,
  );

  it(
    'is sampled on the hour, and its history says what was sampled',
    async () => {
      const isSampled = async (): Promise<boolean> => {
        const present = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
        // A worker that starts samples the present hour at once where the last one was sampled (kit/sampler.ts).
        const last = new Date(present - HOUR_MS).toISOString();
        await handle.sql`insert into lights.sample_runs values (${last}, ${last}, 0) on conflict do nothing`;
        await wheelhouse.stopWorker();
        await wheelhouse.startWorker();
        return (await handle.sql`select 1 from lights.samples where subject = ${id}`).length > 0;
      };
      await eventually('a sample', isSampled, WITHIN_MS);
      const variables = {
        id,
        from: new Date(Date.now() - 2 * HOUR_MS).toISOString(),
        to: new Date(Date.now() + HOUR_MS).toISOString(),
      };
      const { data, errors } = await wheelhouse.query(HISTORY, variables);
      expect(errors).toBeUndefined();
      const metrics = data.device.history.flatMap((point: { metrics: unknown[] }) => point.metrics);
      expect(metrics).toContainEqual({ name: 'roundTripMs', unit: 'ms', mean: expect.any(Number) });
    },
    TEST_MS,
  );
});
