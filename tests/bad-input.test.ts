import { type SimulatedDisplays, startDisplays } from '@wheelhouse/simulators/displays/start-displays.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { eventually, startWheelhouse, type Wheelhouse } from './harness.ts';

const ADD =
  'mutation ($input: AddDeviceInput!) { addDevice(input: $input) { device { id } userErrors { field code message } } }';
const snmp = { host: '127.0.0.1', port: 9, version: 'V2C', community: 'public' };

describe('bad input', () => {
  let wheelhouse: Wheelhouse;
  let simulated: SimulatedDisplays;

  beforeAll(async () => {
    const access = { version: 'V2C', community: 'right' } as const;
    simulated = await startDisplays(['garbled', 'shut'].map((name) => ({ name, profile: 'wheelhouse-fida', access })));
    wheelhouse = await startWheelhouse({
      WHEELHOUSE_SWEEP_SECONDS: '1',
      FIDA_SNMP_TIMEOUT_MS: '100',
      FIDA_SNMP_RETRIES: '0',
    });
    await wheelhouse.startWorker();
  });
  afterAll(async () => {
    await wheelhouse.close();
    await simulated.close();
  });

  const add = async (input: Record<string, unknown>) =>
    (await wheelhouse.query(ADD, { input: { name: 'x', system: 'FIDA', site: 'museum', snmp, ...input } })).data
      .addDevice;
  const deviceCount = async (): Promise<number> =>
    (await wheelhouse.query('{ devices(filter: { includeRemoved: true }) { totalCount } }')).data.devices.totalCount;

  it.each([
    ['an overlong name', { name: 'x'.repeat(121) }, 'input.name', '120'],
    ['an empty name', { name: '  ' }, 'input.name', 'empty'],
    ['a site that is no path', { site: 'museum//hall' }, 'input.site', 'path'],
    ['a site too deep', { site: 'a/b/c/d/e/f/g/h/i' }, 'input.site', '8'],
    ['an overlong tag', { tags: ['ok', 'y'.repeat(61)] }, 'input.tags.1', '60'],
    ['too many parents', { parentIds: Array.from({ length: 21 }, (_, index) => `p${index}`) }, 'input.parentIds', '20'],
    ['an unknown parent', { parentIds: ['nobody'] }, 'input.parentIds.0', 'nobody'],
    ['a missing connection', { snmp: null }, 'input.snmp', 'needed'],
    ['a port out of range', { snmp: { ...snmp, port: 70_000 } }, 'input.snmp.port', '65535'],
    ['an overlong community', { snmp: { ...snmp, community: 'c'.repeat(201) } }, 'input.snmp.community', '200'],
    ['a community missing', { snmp: { host: 'h', version: 'V2C' } }, 'input.snmp.community', 'needed'],
    [
      'a short key',
      { snmp: { host: 'h', version: 'V3', user: 'u', authProtocol: 'SHA', authKey: 'short' } },
      'input.snmp.authKey',
      '8',
    ],
    [
      'privacy without authentication',
      { snmp: { host: 'h', version: 'V3', user: 'u', privProtocol: 'AES', privKey: 'long enough' } },
      'input.snmp.authKey',
      'needed',
    ],
    ['a community missing over V1', { snmp: { host: 'h', version: 'V1' } }, 'input.snmp.community', 'needed'],
    ['a profile that does not exist', { snmp: { ...snmp, profile: 'betamax' } }, 'input.snmp.profile', 'lg-commercial'],
  ])('%s is answered with the field and the limit, and nothing is added', async (_what, input, field, part) => {
    const before = await deviceCount();
    const { device, userErrors } = await add(input);
    expect(device).toBeNull();
    const fault = userErrors.find((error: { field: string }) => error.field === field);
    expect(fault, JSON.stringify(userErrors)).toBeDefined();
    expect(fault.message).toContain(part);
    expect(await deviceCount()).toBe(before);
  });

  it('says when an id is unknown', async () => {
    const { data, errors } = await wheelhouse.query(`mutation {
      updateDevice(input: { id: "nobody", name: "x" }) { device { id } userErrors { field code } }
      removeDevice(id: "nobody") { removedId userErrors { field code } }
    }`);
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      updateDevice: { device: null, userErrors: [{ field: 'input.id', code: 'NOT_FOUND' }] },
      removeDevice: { removedId: null, userErrors: [{ field: 'id', code: 'NOT_FOUND' }] },
    });
    expect(await wheelhouse.query('{ device(id: "nobody") { id } }')).toEqual({ data: { device: null } });
  });

  it.each([
    ['{ devices(first: 0) { totalCount } }', 'first must be 1 to 1000'],
    ['{ devices(first: 1001) { totalCount } }', 'first must be 1 to 1000'],
    ['{ devices(after: "rubbish") { totalCount } }', 'after is not a cursor'],
    ['{ statusChanges(after: "rubbish") { nodes { cursor } } }', 'after is not a cursor'],
    [`{ devices(filter: { search: "${'s'.repeat(101)}" }) { totalCount } }`, '100'],
    [`{ devices(filter: { tags: [${'"t",'.repeat(1001)}] }) { totalCount } }`, '1000'],
  ])('%s is refused by the limit it breaks', async (query, part) => {
    const { errors } = await wheelhouse.query(query);
    expect(errors?.[0]?.message).toContain(part);
    expect(errors?.[0]?.extensions?.code).toMatch(/^(BAD_USER_INPUT|CURSOR_INVALID)$/);
  });

  it('a subscription from a cursor that is none ends with an error that says so', async () => {
    const rubbish = wheelhouse.subscribe('subscription { deviceStatusChanged(after: "rubbish") { cursor } }');
    const refused = await rubbish.first((event) => event.errors !== undefined);
    // An error of the request, not an event: the stream never began.
    expect(refused).not.toHaveProperty('data');
    const { errors } = refused;
    expect(errors?.[0]).toMatchObject({
      message: expect.stringContaining('after is not a cursor'),
      extensions: { code: 'CURSOR_INVALID' },
    });
  });

  it('a query of depth 1,000 and one of 100,000 tokens are refused quickly on both doors', async () => {
    const deep = `{ devices { nodes { ${'parents { '.repeat(1_000)} id ${'}'.repeat(1_000)} } } }`;
    const long = `{ ${'a: __typename '.repeat(50_000)} }`;
    for (const query of [deep, long]) {
      const startedAt = performance.now();
      const { data, errors } = await wheelhouse.query(query);
      expect(data).toBeUndefined();
      expect(errors?.[0]?.message).toMatch(/limit|at most|tokens/i);
      const refused = wheelhouse.subscribe(query);
      await refused.first((event) => event.errors !== undefined);
      expect(performance.now() - startedAt).toBeLessThan(15_000);
    }
  });

  it('a body that is not JSON, too large, or a frame of rubbish harms nobody', async () => {
    const post = (body: string) =>
      fetch(wheelhouse.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    expect((await post('{ "query": ')).status).toBe(400);
    expect((await post(JSON.stringify({ query: ' '.repeat(5_000_000) }))).status).toBe(413);
    const socket = new WebSocket(wheelhouse.url.replace('http', 'ws'), 'graphql-transport-ws');
    const closed = new Promise<number>((resolve) => socket.on('close', resolve));
    socket.on('error', () => {});
    socket.on('open', () => socket.send('rubbish'));
    // 4400: Invalid message, as the protocol of graphql-transport-ws has it.
    expect(await closed).toBe(4400);
    expect((await wheelhouse.query('{ __typename }')).data).toEqual({ __typename: 'Query' });
  });

  it('an estate file with six faults is refused with all six, and nothing of it is done', async () => {
    const before = await deviceCount();
    const good = { name: 'good', system: 'FIDA', site: 'museum', snmp };
    const { status, body } = await wheelhouse.importEstate({
      sites: [{ path: 'museum', timeZone: 'Mars/Olympus' }],
      devices: [
        good,
        { ...good, name: 'no such system', system: 'FIDO' },
        { ...good, name: 'two faults', snmp: { ...snmp, port: 0 }, parents: ['no one'] },
        { ...good, name: 'unknown key', colour: 'red' },
        { ...good, name: 'no such parent', parents: ['nobody'] },
      ],
    });
    expect(status).toBe(422);
    const { faults } = body as { faults: { path: unknown[] }[] };
    expect(faults.map(({ path }) => path.join('.')).sort()).toEqual([
      'devices.1.system',
      'devices.2.parents.0',
      'devices.2.snmp.port',
      'devices.3.colour',
      'devices.4.parents.0',
      'sites.0.timeZone',
    ]);
    expect(await deviceCount()).toBe(before);
  });

  it('a wrong community ends OFFLINE and says what may be the matter; garbled answers end neither ONLINE nor OFFLINE', async () => {
    const [garbled, shut] = simulated.displays;
    if (!garbled || !shut) throw new Error('no displays were started');
    garbled.setFault({ kind: 'malformed' });
    const wrong = await add({ name: 'wrong community', snmp: { ...shut.snmp, community: 'wrong' } });
    const noise = await add({ name: 'noise', snmp: garbled.snmp });
    expect([...wrong.userErrors, ...noise.userErrors]).toEqual([]);
    const state = async (id: string) =>
      (
        await wheelhouse.query(
          'query ($id: ID!) { device(id: $id) { status statusReason ... on FidaDisplay { lookProblem } } }',
          { id },
        )
      ).data.device;
    const offline = await eventually('the one with the wrong community is OFFLINE', async () => {
      const device = await state(wrong.device.id);
      return device.status === 'OFFLINE' ? device : null;
    });
    expect(offline.statusReason).toMatch(/community/);
    const unknown = await eventually('the garbled one says why it could not be looked at', async () => {
      const device = await state(noise.device.id);
      return device.lookProblem?.startsWith('MALFORMED_ANSWER') && device.statusReason?.startsWith('could not look')
        ? device
        : null;
    });
    expect(unknown.status).toBe('UNKNOWN');
  });
});
