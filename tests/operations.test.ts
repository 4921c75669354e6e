import { type SimulatedDisplays, startDisplays } from '@wheelhouse/simulators/displays/start-displays.ts';
import { EXAMPLE_QUERY } from '@wheelhouse/standalone/example-query.ts';
import { parse, validate } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiSchema, describedCoordinates, operations, withoutMissing } from './client-operations.ts';
import { eventually, startWheelhouse, type Wheelhouse } from './harness.ts';

/** Operations that wait, in whole or in part, for what later versions bring. */
const WAITING = new Set(
  `Estate StatusChanged SetDisplay SetAudio Maintenance Incidents Acknowledge IncidentsLive RecordReadings Readings ReadingsLive Forecast Anomalies Publish RegisterVessel RegisterEquipment Deactivate
   RecordOperation Vessel CostByName Assign StartRun Run RunLive Register Login Refresh Logout Me CreateApiKey Audit`.split(
    /\s+/,
  ),
);

/** Faults that vanish when the graph grows; every other fault is one of the graph as it is. */
const MISSING =
  /^(Cannot query field|Unknown type|Unknown argument|Fragment cannot be spread|Variable "\$\w+" is never used)/;

describe('operations that outside clients rely on', () => {
  it.each([...operations].filter(([name]) => !WAITING.has(name)))('%s validates', (_name, document) => {
    expect(validate(apiSchema, document).map(({ message }) => message)).toEqual([]);
  });

  it.each([...operations].filter(([name]) => WAITING.has(name)))(
    '%s waits for what is missing and for nothing else',
    (_name, document) => {
      const faults = validate(apiSchema, document).map(({ message }) => message);
      expect(faults.length, 'it validates by now: take it off the list').toBeGreaterThan(0);
      expect(faults.filter((fault) => !MISSING.test(fault))).toEqual([]);
    },
  );

  it('validates as GraphiQL shows it to a newcomer', () => {
    expect(validate(apiSchema, parse(EXAMPLE_QUERY))).toEqual([]);
  });

  it('lists no operation that does not exist', () => {
    expect([...WAITING].filter((name) => !operations.has(name))).toEqual([]);
  });
});

describe('the graph as a manual', () => {
  it('describes every type, field and value', () => {
    const bare = [...describedCoordinates(apiSchema)]
      .filter(([, description]) => !description)
      .map(([coordinate]) => coordinate);
    expect(bare).toEqual([]);
  });
});

describe('the operations at work', () => {
  let wheelhouse: Wheelhouse;
  let simulated: SimulatedDisplays;

  const run = async (name: string, variables: Record<string, unknown> = {}) => {
    const document = operations.get(name);
    if (document === undefined) throw new Error(`there is no operation ${name}`);
    const answer = await wheelhouse.query(withoutMissing(document, apiSchema), variables);
    expect(answer.errors).toBeUndefined();
    return answer.data;
  };

  beforeAll(async () => {
    simulated = await startDisplays([
      { name: 'd1', profile: 'wheelhouse-fida', access: { version: 'V2C', community: 'public' } },
    ]);
    wheelhouse = await startWheelhouse({ WHEELHOUSE_SWEEP_SECONDS: '1', FIDA_SNMP_TIMEOUT_MS: '300' });
    await wheelhouse.startWorker();
  });
  afterAll(async () => {
    await wheelhouse.close();
    await simulated.close();
  });

  it('tell the life of a display from being added to being removed', async () => {
    const [display] = simulated.displays;
    if (display === undefined) throw new Error('no display was started');
    const { statusCursor } = await run('StatusCursor');
    const document = operations.get('StatusChanged');
    const live = wheelhouse.subscribe(
      withoutMissing(document ?? { kind: 'Document' as never, definitions: [] }, apiSchema),
      { after: statusCursor },
    );

    const { addDevice } = await run('AddDevice', {
      input: { name: 'left of the door', system: 'FIDA', site: 'museum/hall-2', tags: ['b', 'a'], snmp: display.snmp },
    });
    expect(addDevice).toMatchObject({
      device: { name: 'left of the door', system: 'FIDA', status: 'UNKNOWN' },
      userErrors: [],
    });
    const { id } = addDevice.device;

    const online = await live.first(({ data }) => data?.deviceStatusChanged.to === 'ONLINE');
    expect(online.data.deviceStatusChanged).toMatchObject({
      from: 'UNKNOWN',
      device: { __typename: 'FidaDisplay', id, brightnessPercent: display.values.brightnessPercent },
    });

    expect((await run('SiteSettings')).setSiteSettings).toEqual({
      site: { path: 'museum', timeZone: 'Africa/Cairo' },
      userErrors: [],
    });
    const { data } = await wheelhouse.query('{ sites(under: "museum") { nodes { path timeZone hasOwnTimeZone } } }');
    expect(data.sites.nodes).toEqual([
      { path: 'museum', timeZone: 'Africa/Cairo', hasOwnTimeZone: true },
      { path: 'museum/hall-2', timeZone: 'Africa/Cairo', hasOwnTimeZone: false },
    ]);

    const { updateDevice } = await run('UpdateDevice', {
      input: { id, name: 'right of the door', expectedVersion: 1 },
    });
    expect(updateDevice).toEqual({
      device: { id, name: 'right of the door', site: 'museum/hall-2', version: 2 },
      userErrors: [],
    });
    const hour = 3_600_000;
    const thisHour = Math.floor(Date.now() / hour) * hour;
    const lastDay = { from: new Date(thisHour - 23 * hour).toISOString(), to: new Date(thisHour + hour).toISOString() };
    const { devices } = await run('Estate', { filter: { search: 'RIGHT' }, first: 10, ...lastDay });
    expect(devices.nodes[0].history).toHaveLength(24);
    expect(devices).toMatchObject({
      totalCount: 1,
      nodes: [{ id, tags: ['a', 'b'], status: 'ONLINE', stale: false, parents: [] }],
    });
    expect((await run('OneDevice', { id })).device).toMatchObject({ id, name: 'right of the door' });
    expect((await run('StatusCounts')).estateSummary).toMatchObject({
      total: 1,
      online: 1,
      bySystem: [{ system: 'FIDA', total: 1, online: 1, offline: 0 }],
    });

    // The instant of its last change; a moment later would lie behind what is asked of.
    const since = online.data.deviceStatusChanged.at;
    expect((await run('AsOf', { id, at: since })).device.asOf).toMatchObject({
      ...{ at: since, status: 'ONLINE', statusSince: since, site: 'museum/hall-2', metrics: [] },
    });
    const { availability } = await run('Availability', lastDay);
    expect(availability).toEqual([
      {
        ...{ group: 'museum/hall-2', onlineRatio: 1, offlineSeconds: 0, maintenanceSeconds: 0, devices: 1 },
        unknownSeconds: expect.any(Number),
      },
    ]);

    display.setFault({ kind: 'silent' });
    const offline = await live.first(({ data }) => data?.deviceStatusChanged.to === 'OFFLINE');
    const { statusChanges } = await run('StatusLog', { after: online.data.deviceStatusChanged.cursor });
    expect(statusChanges.nodes[0]).toMatchObject({
      cursor: offline.data.deviceStatusChanged.cursor,
      from: 'ONLINE',
      to: 'OFFLINE',
      device: { id },
    });
    expect(statusChanges.pageInfo).toEqual({ hasNextPage: false, endCursor: offline.data.deviceStatusChanged.cursor });

    expect((await run('RemoveDevice', { id })).removeDevice).toEqual({ removedId: id, userErrors: [] });
    expect((await run('Estate', lastDay)).devices.totalCount).toBe(0);
    const tombstone = await wheelhouse.query('query ($id: ID!) { device(id: $id) { id removedAt } }', { id });
    expect(tombstone.data.device).toEqual({ id, removedAt: expect.stringMatching(/Z$/) });
    live.stop();
  });

  it('resume a stream from its cursor without missing or repeating a change', async () => {
    const all = await wheelhouse.query('{ statusChanges(first: 1000) { nodes { cursor } } }');
    const cursors: string[] = all.data.statusChanges.nodes.map(({ cursor }: { cursor: string }) => cursor);
    expect(cursors.length).toBeGreaterThanOrEqual(2);
    const resumed = wheelhouse.subscribe(
      'subscription ($after: String) { deviceStatusChanged(after: $after) { cursor } }',
      { after: cursors[0] },
    );
    await eventually('all changes behind the cursor', () => resumed.events.length >= cursors.length - 1);
    expect(resumed.events.map(({ data }) => data.deviceStatusChanged.cursor)).toEqual(cursors.slice(1));
    resumed.stop();
  });
});
