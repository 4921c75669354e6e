import * as ofDevices from '@wheelhouse/devices/samples.ts';
import * as ofFida from '@wheelhouse/fida/samples.ts';
import { gatherRound } from '@wheelhouse/history/gather.ts';
import { archivedBefore } from '@wheelhouse/history/rules.ts';
import { openDatabase } from '@wheelhouse/kit/database.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { takeSamples } from '@wheelhouse/kit/sample-store.ts';
import { type SimulatedDisplays, startDisplays } from '@wheelhouse/simulators/displays/start-displays.ts';
import { EXAMPLE_QUERY } from '@wheelhouse/standalone/example-query.ts';
import { type DocumentNode, parse, print, validate } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiSchema, describedCoordinates, operations, withoutMissing } from './client-operations.ts';
import { eventually, startWheelhouse, type Wheelhouse } from './harness.ts';

const DAY_MS = 86_400_000;
const ADMIN_PASSWORD = 'an admin has many words';

/** Operations that wait, in whole or in part, for what later versions bring. */
const WAITING = new Set(
  `Estate Maintenance Incidents Acknowledge IncidentsLive RecordReadings Readings ReadingsLive Forecast Anomalies Publish RegisterVessel RegisterEquipment Deactivate
   RecordOperation Vessel CostByName Assign StartRun Run RunLive`.split(/\s+/),
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

  const run = async (name: string, variables: Record<string, unknown> = {}, accessToken?: string) => {
    const document = operations.get(name);
    if (document === undefined) throw new Error(`there is no operation ${name}`);
    const answer = await wheelhouse.query(withoutMissing(document, apiSchema), variables, accessToken);
    expect(answer.errors).toBeUndefined();
    return answer.data;
  };

  beforeAll(async () => {
    simulated = await startDisplays([
      { name: 'd1', profile: 'wheelhouse-fida', access: { version: 'V2C', community: 'public' } },
    ]);
    wheelhouse = await startWheelhouse({
      ...{ WHEELHOUSE_SWEEP_SECONDS: '1', FIDA_SNMP_TIMEOUT_MS: '300' },
      ...{ WHEELHOUSE_ADMIN_PASSWORD: ADMIN_PASSWORD, WHEELHOUSE_REGISTRATION: 'open' },
    });
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

  it('set a display, follow the change to its end, and show the display as it was', async () => {
    const [display] = simulated.displays;
    if (display === undefined) throw new Error('no display was started');
    display.setFault(null);
    const added = await run('AddDevice', {
      input: { name: 'above the stairs', system: 'FIDA', site: 'museum/hall-3', snmp: display.snmp },
    });
    const { id } = added.addDevice.device;
    const isMeasured = () =>
      wheelhouse
        .query('query ($id: ID!) { device(id: $id) { status ... on FidaDisplay { brightnessPercent } } }', { id })
        .then(({ data }) => data.device.status === 'ONLINE' && data.device.brightnessPercent !== null);
    await eventually('the display answers', isMeasured);
    const before = display.values.brightnessPercent;

    const input = {
      id,
      brightnessPercent: before - 30,
      reason: 'too bright at night',
      idempotencyKey: 'night',
      waitMs: 8_000,
    };
    const { setDisplaySettings } = await run('SetDisplay', { input });
    expect(setDisplaySettings).toMatchObject({
      settingsChange: {
        state: 'APPLIED',
        wanted: { brightnessPercent: before - 30 },
        readBack: { brightnessPercent: before - 30 },
      },
      display: { id, settingsVersion: 1, brightnessPercent: before - 30 },
      userErrors: [],
    });
    expect(display.values.brightnessPercent).toBe(before - 30);
    const change = setDisplaySettings.settingsChange;
    expect((await run('Change', { id: change.id })).settingsChange).toEqual(change);
    const followed = wheelhouse.subscribe(print(operations.get('ChangeFollowed') as DocumentNode), { id: change.id });
    expect((await followed.first(({ data }) => data)).data).toEqual({ settingsChangeUpdated: change });
    expect((await run('OneDevice', { id })).device).toMatchObject({
      name: 'above the stairs',
      settingsChanges: { nodes: [{ id: change.id, state: 'APPLIED', reason: 'too bright at night' }] },
    });

    const at = new Date().toISOString();
    const { device } = await run('AsOf', { id, at });
    expect(device.asOf).toMatchObject({
      ...{ at, status: 'ONLINE', name: 'above the stairs', site: 'museum/hall-3' },
      settings: { brightnessPercent: before - 30 },
    });
    const from = new Date(Date.now() - 3_600_000).toISOString();
    const { availability } = await run('Availability', { from, to: at });
    expect(availability).toContainEqual(
      expect.objectContaining({ group: 'museum/hall-3', onlineRatio: 1, offlineSeconds: 0, devices: 1 }),
    );
  });

  it('make an account, sign in, and go on with the session', async () => {
    const input = { email: 'ann@example.org', password: 'correct horse battery' };
    const user = { id: expect.any(String), email: input.email, roles: ['VIEWER'] };
    expect((await run('Register', { input })).register).toEqual({ user, userErrors: [] });
    expect((await run('Login', input)).login).toMatchObject({ user, userErrors: [] });
    const { login } = await run('Login', { email: 'admin@wheelhouse.local', password: ADMIN_PASSWORD });
    expect(login).toMatchObject({ user: { roles: ['ADMIN'] }, userErrors: [] });
    const { refreshSession } = await run('Refresh', { token: login.refreshToken });
    expect(refreshSession).toMatchObject({ userErrors: [], expiresAt: expect.stringMatching(/Z$/) });
    const again = (await run('Refresh', { token: login.refreshToken })).refreshSession;
    expect(again).toMatchObject({ accessToken: null, userErrors: [{ field: 'refreshToken', code: 'REFRESH_RACED' }] });

    const { accessToken } = refreshSession;
    expect((await run('Me')).me).toBeNull();
    const { me } = await run('Me', {}, accessToken);
    expect(me).toMatchObject({ email: 'admin@wheelhouse.local', roles: ['ADMIN'], sites: null });
    const wanted = { name: 'BI', scopes: ['estate:read'], sites: ['museum/hall-2'] };
    const { createApiKey } = await run('CreateApiKey', { input: wanted }, accessToken);
    expect(createApiKey).toMatchObject({ apiKey: { name: 'BI', scopes: ['estate:read'] }, userErrors: [] });
    expect((await run('Me', {}, createApiKey.secret)).me).toMatchObject({
      scopes: ['estate:read'],
      sites: ['museum/hall-2'],
    });
    const added = await run(
      'AddDevice',
      {
        input: {
          name: 'audited',
          system: 'FIDA',
          site: 'museum/hall-9',
          snmp: { host: '127.0.0.9', version: 'V2C', community: 'c' },
        },
      },
      accessToken,
    );
    const { auditLog } = await run('Audit', {}, accessToken);
    const told = auditLog.nodes.map(({ actor, action }: { actor: string; action: string }) => `${action} by ${actor}`);
    expect(told).toEqual(
      expect.arrayContaining([
        'accounts.register by ann@example.org',
        'accounts.login by admin@wheelhouse.local',
        'accounts.refreshSession.raced by admin@wheelhouse.local',
        'accounts.createApiKey by admin@wheelhouse.local',
        'devices.addDevice by admin@wheelhouse.local',
      ]),
    );
    await run('RemoveDevice', { id: added.addDevice.device.id }, accessToken);
    expect((await run('Logout', {}, accessToken)).logout).toEqual({ ok: true });
    await eventually('the router hears that the session is over', async () => {
      const { errors } = await wheelhouse.query('{ me { id } }', {}, accessToken);
      return errors?.[0]?.extensions?.code === 'UNAUTHENTICATED';
    });
  });

  it('tell what is archived of samples that the services took', async () => {
    const { db, close } = openDatabase(wheelhouse.databaseUrl, { maxConnections: 1 });
    const start = archivedBefore(new Date()).getTime() - DAY_MS;
    for (let hour = start; hour <= start + DAY_MS; hour += DAY_MS / 24) {
      const when = { hour: new Date(hour), now: new Date() };
      await takeSamples(db, ofFida.sampleTables, ofFida.sampleSources, when);
      await takeSamples(db, ofDevices.sampleTables, ofDevices.sampleSources, when);
    }
    const { signal } = new AbortController();
    const logger = createLogger({ name: 'test', level: 'silent' });
    await gatherRound({ db, logger, signal, now: new Date() });
    await close();
    const { archivedDays } = await run('Archive');
    const [day] = archivedDays.nodes.filter(({ sealedAt }: { sealedAt: string | null }) => sealedAt !== null);
    expect(day.day).toBe(new Date(start).toISOString().slice(0, 10));
    expect(day.byService.map(({ service }: { service: string }) => service)).toEqual(['devices', 'fida']);
    expect(day.byService.every(({ samples }: { samples: number }) => samples > 0)).toBe(true);
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
