import { createLogger } from '@wheelhouse/kit/logger.ts';
import { type Museum, runMuseum } from '@wheelhouse/simulators/museum/run-museum.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiSchema, operations, withoutMissing } from './client-operations.ts';
import { eventually, startWheelhouse, type Wheelhouse } from './harness.ts';

type Node = Record<string, unknown> & { __typename: string; name: string; status: string };

const HOUR_MS = 3_600_000;
/** The first look at each of some forty devices, on a busy machine. */
const WITHIN_MS = 60_000;

const operation = (name: string): string => {
  const document = operations.get(name);
  if (document === undefined) throw new Error(`there is no operation ${name}`);
  return withoutMissing(document, apiSchema);
};

describe('the whole museum', () => {
  let museum: Museum;
  let wheelhouse: Wheelhouse;

  beforeAll(async () => {
    const logger = createLogger({ name: 'test', level: 'silent' });
    museum = await runMuseum({
      ...{ stateFile: null, count: null, silentPercent: 0, isStoryTold: false, seed: 1, logger },
    });
    if (museum.appspace === null) throw new Error('the museum has no Appspace');
    wheelhouse = await startWheelhouse({
      WHEELHOUSE_SWEEP_SECONDS: '2',
      APPSPACE_URL: museum.appspace.url,
      APPSPACE_SUBJECT_ID: museum.appspace.subjectId,
      APPSPACE_REFRESH_TOKEN: museum.appspace.refreshToken,
    });
    const { status } = await wheelhouse.importEstate(museum.estate);
    expect(status).toBe(200);
    await wheelhouse.startWorker();
  }, 60_000);
  afterAll(async () => {
    await wheelhouse.close();
    await museum.close();
  });

  const estate = async (): Promise<Node[]> => {
    const thisHour = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
    const range = { from: new Date(thisHour - HOUR_MS).toISOString(), to: new Date(thisHour + HOUR_MS).toISOString() };
    const { data, errors } = await wheelhouse.query(operation('Estate'), { first: 100, ...range });
    expect(errors).toBeUndefined();
    return data.devices.nodes;
  };

  it('is told by one query, each device with what only its own system knows', { timeout: 90_000 }, async () => {
    const isKnown = (node: Node): boolean =>
      node.status === 'ONLINE' &&
      (node.__typename !== 'AudioCore' || node.engineState !== 'ACTIVE' || node.components !== null);
    const nodes = await eventually(
      'all devices are known',
      async () => {
        const found = await estate();
        return found.every(isKnown) && found;
      },
      WITHIN_MS,
    );
    expect(nodes).toHaveLength(museum.estate.devices.length);
    const byType = Map.groupBy(nodes, ({ __typename }) => __typename);
    expect(Object.fromEntries([...byType].map(([type, { length }]) => [type, length]))).toEqual({
      ...{ FidaDisplay: 24, EntertainmentDevice: 7, SignagePlayer: 5, AudioCore: 3 },
    });
    const named = (name: string): Node | undefined => nodes.find((node) => node.name === name);
    for (const node of nodes) expect(node).toMatchObject({ system: expect.any(String), history: expect.any(Array) });
    for (const display of byType.get('FidaDisplay') ?? [])
      expect(display).toMatchObject({ brightnessPercent: expect.any(Number), model: expect.any(String) });
    for (const pinged of byType.get('EntertainmentDevice') ?? [])
      expect(pinged).toMatchObject({ host: expect.any(String), roundTripTimeMs: expect.any(Number), lossRatio: 0 });
    for (const player of byType.get('SignagePlayer') ?? [])
      expect(player).toMatchObject({ channelName: expect.any(String), lastContactAt: expect.stringMatching(/Z$/) });
    expect(named('Sound Core')).toMatchObject({
      ...{ engineState: 'ACTIVE', isRedundant: true, designName: expect.any(String), platform: expect.any(String) },
      components: { nodes: expect.arrayContaining([{ name: expect.any(String), type: expect.any(String) }]) },
    });
    // One on standby runs no design of which it could tell.
    expect(named('Sound Core backup')).toMatchObject({ engineState: 'STANDBY', status: 'ONLINE' });
  });

  it('counts each system, and tells of a change in any of them with the fields of its type', async () => {
    const { data } = await wheelhouse.query(operation('StatusCounts'));
    expect(data.estateSummary.bySystem).toEqual(
      expect.arrayContaining(
        Object.entries({ FIDA: 24, ENTERTAINMENT: 7, APPSPACE: 5, QSYS: 3 }).map(([system, total]) => ({
          ...{ system, total, online: total, offline: 0 },
        })),
      ),
    );
    const { data: log } = await wheelhouse.query(operation('StatusLog'), {});
    const changes = wheelhouse.subscribe(operation('StatusChanged'), { after: log.statusChanges.pageInfo.endCursor });
    const order = (kind: string, name: string, body: object) =>
      fetch(`${museum.controlUrl}/${kind}/${encodeURIComponent(name)}`, { method: 'POST', body: JSON.stringify(body) });
    const failed = await order('players', 'Hall 1 player', { state: 'FAILED' });
    const silent = await order('exhibits', 'Children marble run', { fault: { kind: 'silent' } });
    expect([failed.status, silent.status]).toEqual([200, 200]);
    for (const name of ['Hall 1 player', 'Children marble run']) {
      const isOffline = ({ data: event }: { data?: { deviceStatusChanged: { to: string; device: Node } } }) =>
        event?.deviceStatusChanged.to === 'OFFLINE' && event.deviceStatusChanged.device.name === name;
      expect(await changes.first(isOffline, WITHIN_MS)).toMatchObject({
        data: { deviceStatusChanged: { from: 'ONLINE' } },
      });
    }
    changes.stop();
  }, 90_000);
});
