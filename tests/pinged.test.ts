import { type SimulatedExhibits, startExhibits } from '@wheelhouse/simulators/exhibits/start-exhibits.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, type Subscription, startWheelhouse, type Wheelhouse } from './harness.ts';
import { has, maySendIcmp } from './programs.ts';

const DEVICES = `query {
  devices(filter: { systems: [ENTERTAINMENT] }) {
    nodes {
      __typename name status address
      ... on EntertainmentDevice { host method port roundTripTimeMs lossRatio measuredAt lookProblem }
    }
  }
}`;
const CHANGES = `subscription ($after: String) {
  deviceStatusChanged(after: $after) { from to reason device { __typename name ... on EntertainmentDevice { host lossRatio } } }
}`;
const ADD =
  'mutation ($input: AddDeviceInput!) { addDevice(input: $input) { device { id name address } userErrors { field code message } } }';
const UPDATE =
  'mutation ($input: UpdateDeviceInput!) { updateDevice(input: $input) { device { address } userErrors { field message } } }';

/** Three slots of a second, the last look's deadline, and the way to the client, with some room for a busy machine. */
const WITHIN_MS = 15_000;

describe('pinged exhibits', () => {
  let wheelhouse: Wheelhouse;
  let simulated: SimulatedExhibits;
  let changes: Subscription;

  beforeAll(async () => {
    simulated = await startExhibits(['marble run', 'magnet wall'].map((name) => ({ name })));
    wheelhouse = await startWheelhouse({
      WHEELHOUSE_SWEEP_SECONDS: '1',
      ENTERTAINMENT_PING_TIMEOUT_MS: '300',
      ENTERTAINMENT_PING_RETRIES: '0',
    });
    const { data } = await wheelhouse.query('{ statusCursor }');
    changes = wheelhouse.subscribe(CHANGES, { after: data.statusCursor });
    const devices = simulated.exhibits.map(({ name, ping }) => ({
      ...{ name, system: 'ENTERTAINMENT', site: 'museum/children', ping },
    }));
    expect(await wheelhouse.importEstate({ sites: [], devices })).toMatchObject({ status: 200, body: { added: 2 } });
    await wheelhouse.startWorker();
  });
  afterAll(async () => {
    changes.stop();
    await wheelhouse.close();
    await simulated.close();
  });

  const exhibit = (name: string) => {
    const found = simulated.exhibits.find((one) => one.name === name);
    if (found === undefined) throw new Error(`there is no exhibit ${name}`);
    return found;
  };
  const changeOf = (name: string, to: string) =>
    changes.first(({ data }) => {
      const change = data?.deviceStatusChanged;
      return change?.device.name === name && change.to === to;
    }, WITHIN_MS);
  const nodeOf = async (name: string) => {
    const { data } = await wheelhouse.query(DEVICES);
    return data.devices.nodes.find((node: { name: string }) => node.name === name);
  };

  it('come ONLINE with their round trips', async () => {
    for (const { name, ping } of simulated.exhibits) {
      await changeOf(name, 'ONLINE');
      const node = await eventually(`${name} is measured`, async () => {
        const found = await nodeOf(name);
        return found?.measuredAt && found;
      });
      expect(node).toMatchObject({
        ...{ __typename: 'EntertainmentDevice', status: 'ONLINE', address: `127.0.0.1:${ping.port}`, ...ping },
        ...{ roundTripTimeMs: expect.any(Number), lossRatio: 0, lookProblem: null },
      });
    }
  });

  it('stay ONLINE when they refuse connections, since who refuses is there', async () => {
    await exhibit('magnet wall').setFault({ kind: 'refusing' });
    const before = (await nodeOf('magnet wall')).measuredAt;
    const after = await eventually('it was looked at again', async () => {
      const node = await nodeOf('magnet wall');
      return node.measuredAt > before && node;
    });
    expect(after).toMatchObject({ status: 'ONLINE', lossRatio: 0, roundTripTimeMs: expect.any(Number) });
  });

  it('reach a subscriber as OFFLINE when they die, and as ONLINE when they are back', async () => {
    await exhibit('marble run').setFault({ kind: 'silent' });
    const { data } = await changeOf('marble run', 'OFFLINE');
    expect(data.deviceStatusChanged).toMatchObject({
      from: 'ONLINE',
      reason: 'no answer within 300 ms, 3 looks in a row',
      device: { __typename: 'EntertainmentDevice', host: '127.0.0.1' },
    });
    const dead = await nodeOf('marble run');
    expect(dead).toMatchObject({ roundTripTimeMs: null, lookProblem: 'no answer within 300 ms' });
    expect(dead.lossRatio).toBeGreaterThan(0);
    changes.events.length = 0;
    await exhibit('marble run').setFault(null);
    expect((await changeOf('marble run', 'ONLINE')).data.deviceStatusChanged).toMatchObject({ from: 'OFFLINE' });
  });

  it('whose name has no address are UNKNOWN with the reason, and hold nobody up', async () => {
    const ping = { host: 'no-such-exhibit.invalid', method: 'TCP', port: 80 };
    await wheelhouse.query(ADD, { input: { name: 'nameless', system: 'ENTERTAINMENT', site: 'museum', ping } });
    const node = await eventually('it was looked at', async () => {
      const found = await nodeOf('nameless');
      return found?.lookProblem && found;
    });
    expect(node).toMatchObject({ status: 'UNKNOWN', roundTripTimeMs: null, lossRatio: null, measuredAt: null });
    expect(node.lookProblem).toMatch(/^HOST_NOT_FOUND: .*no-such-exhibit\.invalid/);
  });

  describe.skipIf(!has('fping') || !maySendIcmp('fping'))('by ICMP', () => {
    it('are ONLINE as soon as they are added', async () => {
      const ping = { host: '127.0.0.77' };
      const { data } = await wheelhouse.query(ADD, {
        input: { name: 'by ICMP', system: 'ENTERTAINMENT', site: 'museum', ping },
      });
      expect(data.addDevice).toMatchObject({ device: { address: '127.0.0.77' }, userErrors: [] });
      await changeOf('by ICMP', 'ONLINE');
      const wanted = {
        method: 'ICMP',
        port: null,
        host: '127.0.0.77',
        lossRatio: 0,
        roundTripTimeMs: expect.any(Number),
      };
      await expect.poll(() => nodeOf('by ICMP')).toMatchObject(wanted);
      const moved = await wheelhouse.query(UPDATE, {
        input: { id: data.addDevice.device.id, expectedVersion: 1, ping: { method: 'TCP', port: 9 } },
      });
      expect(moved.data?.updateDevice ?? moved).toMatchObject({ device: { address: '127.0.0.77:9' }, userErrors: [] });
    });
  });

  it.each([
    ['TCP without a port', { host: 'h', method: 'TCP' }, 'input.ping.port', 'port is needed for method TCP'],
    ['ICMP with a port', { host: 'h', method: 'ICMP', port: 7 }, 'input.ping.port', 'port is not used by method ICMP'],
    ['a port to no method', { host: 'h', port: 7 }, 'input.ping.port', 'port is not used by method ICMP'],
    ['a port too low', { host: 'h', method: 'TCP', port: 0 }, 'input.ping.port', '65535'],
    ['a port too high', { host: 'h', method: 'TCP', port: 65_536 }, 'input.ping.port', '65535'],
    ['no host', { method: 'ICMP' }, 'input.ping.host', 'host is needed'],
    ['what is an option and no host', { host: '-f/etc/passwd' }, 'input.ping.host', 'host name or an IP address'],
    ['a list of hosts', { host: '10.0.0.1 10.0.0.2' }, 'input.ping.host', 'host name or an IP address'],
  ])('with %s are refused', async (_what, ping, field, message) => {
    const { data } = await wheelhouse.query(ADD, {
      input: { name: 'x', system: 'ENTERTAINMENT', site: 'museum', ping },
    });
    expect(data.addDevice).toMatchObject({
      device: null,
      userErrors: [{ field, message: expect.stringContaining(message) }],
    });
  });
});
