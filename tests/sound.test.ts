import { openDatabase } from '@wheelhouse/kit/database.ts';
import { type Core, type SimulatedCores, startCores } from '@wheelhouse/simulators/qsys/start-cores.ts';
import { aDesign } from '@wheelhouse/simulators/qsys/testing/design.ts';
import { anIndependentClient, commands } from '@wheelhouse/simulators/qsys/testing/independent-client.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually, type Subscription, startWheelhouse, type Wheelhouse } from './harness.ts';

const CORES = `query {
  devices(filter: { systems: [QSYS] }) {
    nodes {
      __typename id name status address
      ... on AudioCore {
        platform designName designCode engineState isRedundant isEmulator problems measuredAt roundTripMs lookProblem settingsVersion
        components(first: 2) { nodes { name type } pageInfo { hasNextPage endCursor } }
        component(name: "Café Gain") { type controls(first: 3) { name type value string position min max direction measuredAt } }
      }
    }
  }
}`;
const CHANGES = `subscription ($after: String) {
  deviceStatusChanged(after: $after) { from to reason device { __typename name ... on AudioCore { designName engineState } } }
}`;
const SET = `mutation ($input: SetAudioControlsInput!) {
  setAudioControls(input: $input) {
    settingsChange { id state code detail wanted before readBack }
    core { settingsVersion component(name: "Café Gain") { control(name: "gain") { value string } } }
    userErrors { field code message }
  }
}`;

/** Three slots of a second, the last look's deadline, and the way to the client, with some room for a busy machine. */
const WITHIN_MS = 15_000;
const PASSWORD = 'pin-8472-secret';

describe('Q-SYS Cores', () => {
  let wheelhouse: Wheelhouse;
  let simulated: SimulatedCores;
  let changes: Subscription;
  const logLines: string[] = [];

  beforeAll(async () => {
    simulated = await startCores(
      [
        { design: aDesign(), core: { name: 'main' }, backup: { name: 'backup' } },
        { design: aDesign(), core: { name: 'alone', user: { name: 'museum', password: PASSWORD } } },
        { design: aDesign(), core: { name: 'by websocket' } },
      ],
      { tickMs: 10 },
    );
    wheelhouse = await startWheelhouse(
      {
        WHEELHOUSE_SWEEP_SECONDS: '1',
        QSYS_TIMEOUT_MS: '500',
        QSYS_SETTLE_MS: '300',
      },
      { logLines },
    );
    const { data } = await wheelhouse.query('{ statusCursor }');
    changes = wheelhouse.subscribe(CHANGES, { after: data.statusCursor });
    const devices = simulated.cores.map(({ name, host, tcpPort, webSocketPort, user }) => ({
      ...{ name, system: 'QSYS', site: 'museum' },
      qrc: {
        host,
        ...(name === 'by websocket' ? { port: webSocketPort, transport: 'WEBSOCKET' } : { port: tcpPort }),
        ...(user && { user: user.name, password: user.password }),
      },
    }));
    expect(await wheelhouse.importEstate({ sites: [], devices })).toMatchObject({ status: 200, body: { added: 4 } });
    await wheelhouse.startWorker();
  });
  afterAll(async () => {
    changes.stop();
    await wheelhouse.close();
    await simulated.close();
  });
  beforeEach(() => {
    for (const core of simulated.cores) core.setFault(null);
  });

  /** All that is stored, jobs too. */
  const everyRow = async (): Promise<string[]> => {
    const { sql, close } = openDatabase(wheelhouse.databaseUrl, { maxConnections: 1 });
    const tables = await sql<{ schema: string; name: string }[]>`
      select table_schema as schema, table_name as name from information_schema.tables
      where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`;
    const rows: string[] = [];
    for (const { schema, name } of tables)
      rows.push(JSON.stringify(await sql`select to_json(t)::text as row from ${sql(schema)}.${sql(name)} as t`));
    await close();
    return rows;
  };
  const coreNamed = (name: string): Core => {
    const found = simulated.cores.find((one) => one.name === name);
    if (found === undefined) throw new Error(`there is no Core ${name}`);
    return found;
  };
  const changeOf = (name: string, to: string) =>
    changes.first(({ data }) => {
      const change = data?.deviceStatusChanged;
      return change?.device.name === name && change.to === to;
    }, WITHIN_MS);
  const nodeOf = async (name: string) => {
    const { data } = await wheelhouse.query(CORES);
    return data.devices.nodes.find((node: { name: string }) => node.name === name);
  };

  it('come ONLINE with what they say of themselves, and with the components of their design', async () => {
    for (const { name } of simulated.cores) await changeOf(name, 'ONLINE');
    for (const name of ['main', 'alone', 'by websocket']) {
      const node = await eventually(`the components of ${name} are read`, async () => {
        const found = await nodeOf(name);
        return found?.components && found;
      });
      expect(node).toMatchObject({
        ...{
          __typename: 'AudioCore',
          status: 'ONLINE',
          platform: 'Core 110f',
          designName: 'Café',
          engineState: 'ACTIVE',
        },
        ...{ isRedundant: name === 'main', isEmulator: false, problems: [], lookProblem: null, settingsVersion: 0 },
        ...{ designCode: 'qTest1', measuredAt: expect.any(String), roundTripMs: expect.any(Number) },
        components: {
          nodes: [
            { name: 'Amplifier', type: 'cxq_amplifier' },
            { name: 'Café Gain', type: 'gain' },
          ],
          pageInfo: { hasNextPage: true, endCursor: expect.any(String) },
        },
        component: {
          type: 'gain',
          controls: [
            {
              ...{ name: 'gain', type: 'Float', value: -6, string: '-6.0dB', min: -100, max: 20 },
              ...{ position: expect.closeTo(0.7833, 3), direction: 'READ_WRITE' },
            },
            { name: 'mute', type: 'Boolean', value: 0, string: 'unmuted', min: null, max: null },
            { name: 'source', type: 'Integer', value: 1, min: 1, max: 8 },
          ],
        },
      });
    }
  });

  it('that wait as the backup of a pair are ONLINE, and no fault', async () => {
    await changeOf('backup', 'ONLINE');
    expect(await nodeOf('backup')).toMatchObject({
      ...{
        status: 'ONLINE',
        engineState: 'STANDBY',
        isRedundant: true,
        problems: [],
        components: null,
        component: null,
      },
    });
  });

  it('tell what has changed in their controls', async () => {
    const { client } = await anIndependentClient(coreNamed('main').tcpPort);
    await client.send(commands.setNamedControl('CafeGain', -33));
    const control = await eventually('the change is read', async () => {
      const [gain] = (await nodeOf('main')).component.controls;
      return gain.value === -33 && gain;
    });
    expect(control).toMatchObject({ string: '-33.0dB' });
  });

  it('are DEGRADED with their own words while they report a fault', async () => {
    changes.events.length = 0;
    coreNamed('alone').setStatus({ code: 2, text: 'Amplifier 3 is over temperature' });
    const { data } = await changeOf('alone', 'DEGRADED');
    expect(data.deviceStatusChanged.reason).toContain('Fault: Amplifier 3 is over temperature');
    coreNamed('alone').setStatus({ code: 0, text: 'OK' });
    await changeOf('alone', 'ONLINE');
  });

  it('reach a subscriber as OFFLINE when they die, and as ONLINE when they are back', async () => {
    changes.events.length = 0;
    coreNamed('by websocket').setFault({ kind: 'silent' });
    const { data } = await changeOf('by websocket', 'OFFLINE');
    expect(data.deviceStatusChanged).toMatchObject({
      ...{ from: 'ONLINE', device: { __typename: 'AudioCore', designName: 'Café' } },
      reason: expect.stringContaining('no answer within 500 ms'),
    });
    coreNamed('by websocket').setFault(null);
    expect((await changeOf('by websocket', 'ONLINE')).data.deviceStatusChanged).toMatchObject({ from: 'OFFLINE' });
  });

  it('tell their values again after a restart', async () => {
    const before = (await nodeOf('alone')).component.controls[0];
    await coreNamed('alone').restart({ awayMs: 100 });
    const after = await eventually('the values were told again', async () => {
      const [gain] = (await nodeOf('alone')).component.controls;
      return gain.measuredAt > before.measuredAt && gain;
    });
    expect(after).toMatchObject({ value: -6 });
  });

  const set = async (name: string, controls: unknown[], more: Record<string, unknown> = {}) => {
    const { id } = await nodeOf(name);
    const answer = await wheelhouse.query(SET, { input: { id, controls, waitMs: 8_000, ...more } });
    return answer.data?.setAudioControls ?? answer;
  };
  const gainTo = (value: number, more: Record<string, unknown> = {}) => ({
    ...{ component: 'Café Gain', name: 'gain', value, ...more },
  });

  it('take a gain, which is read back and seen by an independent client', async () => {
    const { client } = await anIndependentClient(coreNamed('main').tcpPort);
    const payload = await set('main', [gainTo(-12.5), { name: 'CafeMute', value: 1 }], { reason: 'it is too loud' });
    expect(payload).toMatchObject({
      settingsChange: {
        ...{ state: 'APPLIED', code: null },
        wanted: { 'Café Gain/gain': { value: -12.5 }, CafeMute: { value: 1 } },
        before: { 'Café Gain/gain': { value: -33, string: '-33.0dB' }, CafeMute: { value: 0, string: 'unmuted' } },
        readBack: { 'Café Gain/gain': { value: -12.5, string: '-12.5dB' }, CafeMute: { value: 1, string: 'muted' } },
      },
      core: { settingsVersion: 1, component: { control: { value: -12.5, string: '-12.5dB' } } },
      userErrors: [],
    });
    expect(await client.send(commands.getNamedControls('CafeGain', 'CafeMute'))).toMatchObject([
      { Value: -12.5 },
      { String: 'muted' },
    ]);
    const { data } = await wheelhouse.query(
      'query ($id: ID!) { settingsChange(id: $id) { state requestedBy reason } }',
      {
        id: payload.settingsChange.id,
      },
    );
    expect(data.settingsChange).toEqual({ state: 'APPLIED', requestedBy: 'anonymous', reason: 'it is too loud' });
  });

  it('take the cross-points of a mixer, a position, a text, and a mute, together', async () => {
    const payload = await set('main', [
      { component: 'Mixer', name: 'input.2.output.3.gain', value: -3 },
      { component: 'Mixer', name: 'input.2.output.3.mute', mute: false },
      { component: 'Café Gain', name: 'gain', position: 0.5 },
      { component: 'Café Gain', name: 'label', text: 'Terrasse 🎻' },
      { component: 'Café Gain', name: 'mute', mute: false },
      { component: 'Café Gain', name: 'source', value: 4 },
    ]);
    expect(payload).toMatchObject({ settingsChange: { state: 'APPLIED' }, userErrors: [] });
    expect(payload.settingsChange.readBack).toMatchObject({
      ...{ 'Mixer/input.2.output.3.gain': { value: -3 }, 'Café Gain/gain': { value: -40 } },
      ...{ 'Café Gain/label': { string: 'Terrasse 🎻' }, 'Café Gain/source': { value: 4 } },
    });
  });

  it('are waited for while a ramp lasts', async () => {
    const startedMs = performance.now();
    const payload = await set('main', [gainTo(0, { rampSeconds: 1 })]);
    expect(payload).toMatchObject({ settingsChange: { state: 'APPLIED' } });
    expect(performance.now() - startedMs).toBeGreaterThan(900);
  });

  it('that clamp what they are told end as a MISMATCH with what was read', async () => {
    coreNamed('main').setFault({ kind: 'clampsSets', minPosition: 0, maxPosition: 0.5 });
    const payload = await set('main', [gainTo(10)]);
    expect(payload.settingsChange).toMatchObject({
      ...{ state: 'MISMATCH', code: 'MISMATCH', readBack: { 'Café Gain/gain': { value: -40 } } },
    });
  });

  it('that refuse are REJECTED in their own words', async () => {
    coreNamed('main').setFault({ kind: 'refusesSets', error: 'server' });
    expect((await set('main', [gainTo(-20)])).settingsChange).toMatchObject({
      state: 'REJECTED',
      code: 'SERVER_ERROR',
    });
    coreNamed('main').setFault(null);
    expect((await set('main', [{ name: 'NoSuchControl', value: 1 }])).settingsChange).toMatchObject({
      ...{ state: 'REJECTED', code: 'UNKNOWN_CONTROL' },
    });
  });

  it('fire a trigger once', async () => {
    const chime = coreNamed('main').design.controlOf('Café Gain', 'chime');
    const payload = await set('main', [{ component: 'Café Gain', name: 'chime', trigger: true }]);
    expect(payload.settingsChange).toMatchObject({ state: 'APPLIED' });
    expect(chime.setsDone).toBe(1);
  });

  it.each([true, false])('are never told a trigger twice where the answer was lost, obeyed: %s', async (obeys) => {
    const core = coreNamed('main');
    const chime = core.design.controlOf('Café Gain', 'chime');
    const [told, done] = [core.setsReceived, chime.setsDone];
    core.setFault({ kind: 'dropsAtSet', obeys });
    const payload = await set('main', [{ component: 'Café Gain', name: 'chime', trigger: true }]);
    expect(payload.settingsChange).toMatchObject({ state: 'UNREACHABLE', code: 'MAY_HAVE_TAKEN_EFFECT' });
    expect(payload.settingsChange.detail).toMatch(/may have taken effect/);
    expect(core.setsReceived - told).toBe(1);
    expect(chime.setsDone - done).toBe(obeys ? 1 : 0);
  });

  it('are not told a trigger by who takes over from a worker that may have told it', async () => {
    const told = coreNamed('main').setsReceived;
    await wheelhouse.stopWorker();
    const { settingsChange } = await set('main', [{ component: 'Café Gain', name: 'chime', trigger: true }], {
      waitMs: 0,
    });
    expect(settingsChange.state).toBe('PENDING');
    const { sql, close } = openDatabase(wheelhouse.databaseUrl, { maxConnections: 1 });
    await sql`update qsys.settings_changes set state = 'SENDING', sent_at = now(), before = '{}' where id = ${settingsChange.id}`;
    await close();
    await wheelhouse.startWorker();
    const ended = await eventually('the change has ended', async () => {
      const { data } = await wheelhouse.query('query ($id: ID!) { settingsChange(id: $id) { state code } }', {
        id: settingsChange.id,
      });
      return data.settingsChange.state !== 'PENDING' && data.settingsChange;
    });
    expect(ended).toEqual({ state: 'UNREACHABLE', code: 'MAY_HAVE_TAKEN_EFFECT' });
    expect(coreNamed('main').setsReceived).toBe(told);
  });

  it('are told a gain again only where it did not take effect', async () => {
    const core = coreNamed('main');
    const told = core.setsReceived;
    core.setFault({ kind: 'dropsAtSet', obeys: true });
    expect((await set('main', [gainTo(-7)])).settingsChange).toMatchObject({ state: 'APPLIED' });
    expect(core.setsReceived - told).toBe(1);
  });

  it('are not touched by a dry run, nor by a change that expects another version', async () => {
    const told = coreNamed('main').setsReceived;
    expect(await set('main', [gainTo(5)], { dryRun: true })).toMatchObject({
      settingsChange: { state: 'PLANNED', before: { 'Café Gain/gain': { value: -7 } } },
    });
    expect(await set('main', [gainTo(5)], { expectedSettingsVersion: 1 })).toMatchObject({
      settingsChange: null,
      userErrors: [{ field: 'input.expectedSettingsVersion', code: 'CONFLICT' }],
    });
    expect(coreNamed('main').setsReceived).toBe(told);
  });

  it('answer a request that was sent again with the change that it made', async () => {
    const more = { idempotencyKey: 'evening' };
    const first = await set('main', [gainTo(-9)], more);
    const second = await set('main', [gainTo(-9)], more);
    expect(second.settingsChange).toMatchObject({ id: first.settingsChange.id, state: 'APPLIED' });
    expect(await set('main', [gainTo(-8)], more)).toMatchObject({
      userErrors: [{ field: 'input.idempotencyKey', code: 'CONFLICT' }],
    });
  });

  it.each([
    ['no control', [], 'input.controls', 'INVALID', '1 to 50'],
    ['nothing to set', [{ name: 'x' }], 'input.controls.0', 'INVALID', 'exactly one of value'],
    ['two things', [{ name: 'x', value: 1, mute: true }], 'input.controls.0', 'INVALID', 'value and mute'],
    ['too much', [gainTo(21)], 'input.controls.0.value', 'OUT_OF_RANGE', '-100 to 20'],
    ['a position too far', [{ name: 'x', position: 1.1 }], 'input.controls.0.position', 'OUT_OF_RANGE', '0 to 1'],
    ['a long ramp', [gainTo(1, { rampSeconds: 61 })], 'input.controls.0.rampSeconds', 'OUT_OF_RANGE', '0 to 60'],
    ['a control twice', [gainTo(1), gainTo(2)], 'input.controls.1.name', 'INVALID', 'once'],
    [
      'an unknown component',
      [{ component: 'Attic', name: 'gain', value: 1 }],
      'input.controls.0.component',
      'NOT_FOUND',
      'Attic',
    ],
    ['an unknown control', [{ component: 'Mixer', name: 'no', value: 1 }], 'input.controls.0.name', 'NOT_FOUND', 'no'],
    [
      'a meter',
      [{ component: 'Amplifier', name: 'psu.temp', value: 1 }],
      'input.controls.0.name',
      'NOT_SETTABLE',
      'read only',
    ],
    [
      'a mute of a gain',
      [{ component: 'Café Gain', name: 'gain', mute: true }],
      'input.controls.0.mute',
      'INVALID',
      'Float',
    ],
    [
      'a value of a trigger',
      [{ component: 'Café Gain', name: 'chime', value: 1 }],
      'input.controls.0.value',
      'INVALID',
      'give trigger',
    ],
  ])('are asked for %s in vain', async (_what, controls, field, code, message) => {
    expect(await set('main', controls)).toMatchObject({
      settingsChange: null,
      userErrors: [{ field, code, message: expect.stringContaining(message) }],
    });
  });

  it.each([
    ['a port too high', { host: 'h', port: 65_536 }, 'port', '65535'],
    ['no host', { port: 1710 }, 'host', 'host is needed'],
    ['another transport', { host: 'h', transport: 'UDP' }, 'transport', 'TCP, WEBSOCKET'],
    ['a user without a password', { host: 'h', user: 'u' }, 'password', 'needed where user is given'],
    ['a password without a user', { host: 'h', password: 'p' }, 'user', 'needed where password is given'],
    ['an overlong password', { host: 'h', user: 'u', password: 'p'.repeat(201) }, 'password', '200'],
  ])('with %s are refused', async (_what, qrc, field, message) => {
    const devices = [{ name: 'x', system: 'QSYS', site: 'museum', qrc }];
    const { status, body } = await wheelhouse.importEstate({ sites: [], devices });
    expect(status).toBe(422);
    expect(JSON.stringify(body)).toContain(message);
    expect(JSON.stringify(body)).toContain(`"qrc","${field}"`);
  });

  it('with a wrong password say so, and no password stands anywhere', async () => {
    const { id } = await nodeOf('alone');
    const wrong = 'wrong-6193-secret';
    const { data } = await wheelhouse.query(
      'mutation ($input: UpdateDeviceInput!) { updateDevice(input: $input) { device { id } userErrors { field message } } }',
      { input: { id, expectedVersion: 1, qrc: { password: wrong } } },
    );
    expect(data.updateDevice.userErrors).toEqual([]);
    await eventually('the look says so', async () =>
      (await nodeOf('alone')).lookProblem?.startsWith('CREDENTIALS_REJECTED'),
    );
    expect((await set('alone', [gainTo(1)])).settingsChange).toMatchObject({
      ...{ state: 'REJECTED', code: 'CREDENTIALS_REJECTED' },
    });
    const told = JSON.stringify([changes.events, await nodeOf('alone'), await everyRow(), logLines]);
    expect(told).toContain('CREDENTIALS_REJECTED');
    expect(told).not.toContain(wrong);
    expect(told).not.toContain(PASSWORD);
  });
});
