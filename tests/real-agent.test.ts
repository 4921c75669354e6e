import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, type Subscription, startWheelhouse, type Wheelhouse } from './harness.ts';
import { has } from './programs.ts';
import { SETTING_OIDS, type Snmpd, snmpget, startSnmpd } from './snmpd.ts';

const DISPLAYS = `query {
  devices(filter: { systems: [FIDA] }) {
    nodes {
      name status stale observedAt address
      ... on FidaDisplay { power brightnessPercent temperatureCelsius inputSource backlightHours model serialNumber firmware profile problems }
    }
  }
}`;

const CHANGES = `subscription ($after: String) {
  deviceStatusChanged(after: $after) {
    cursor at from to reason
    device { __typename id name site ... on FidaDisplay { brightnessPercent serialNumber } }
  }
}`;

const SET = `mutation ($input: SetDisplaySettingsInput!) {
  setDisplaySettings(input: $input) {
    settingsChange { id state code detail wanted before readBack requestedBy }
    display { brightnessPercent power settingsVersion }
    userErrors { field code message }
  }
}`;

/** With misses to OFFLINE at 3 and sweeps each second: three slots, the last look's deadline, and the way to the client. */
const OFFLINE_WITHIN_MS = 10_000;

describe.skipIf(!has('snmpd') || !has('snmpget'))('a real SNMP agent in the estate', () => {
  let wheelhouse: Wheelhouse;
  let agent: Snmpd;
  let changes: Subscription;

  beforeAll(async () => {
    agent = await startSnmpd({ readOnly: [SETTING_OIDS.power] });
    wheelhouse = await startWheelhouse({ WHEELHOUSE_SWEEP_SECONDS: '1', FIDA_SNMP_TIMEOUT_MS: '300' });
    const { data } = await wheelhouse.query('{ statusCursor }');
    changes = wheelhouse.subscribe(CHANGES, { after: data.statusCursor });
    const { host, port, community, v3 } = agent;
    const imported = await wheelhouse.importEstate({
      sites: [{ path: 'museum', timeZone: 'Africa/Cairo' }],
      devices: [
        {
          name: 'by community',
          system: 'FIDA',
          site: 'museum/hall-1',
          snmp: { host, port, version: 'V2C', community },
        },
        { name: 'by user', system: 'FIDA', site: 'museum/hall-2', snmp: { host, port, version: 'V3', ...v3 } },
      ],
    });
    expect(imported).toEqual({ status: 200, body: { added: 2, updated: 0, unchanged: 0 } });
    await wheelhouse.startWorker();
  });
  afterAll(async () => {
    await wheelhouse.close();
    await agent.close();
  });

  const changesTo = (status: string) =>
    eventually(
      `both displays are ${status}`,
      () => {
        const events = changes.events.filter(({ data }) => data?.deviceStatusChanged.to === status);
        return new Set(events.map(({ data }) => data.deviceStatusChanged.device.name)).size === 2 ? events : null;
      },
      OFFLINE_WITHIN_MS,
    );

  it('comes ONLINE over v2c and over v3 authPriv, with its values', async () => {
    await changesTo('ONLINE');
    const { data, errors } = await wheelhouse.query(DISPLAYS);
    expect(errors).toBeUndefined();
    expect(data.devices.nodes).toHaveLength(2);
    for (const node of data.devices.nodes) {
      expect(node).toMatchObject({
        status: 'ONLINE',
        stale: false,
        power: 'ON',
        brightnessPercent: 70,
        temperatureCelsius: 42.3,
        model: 'FIDA-55',
        serialNumber: 'SN-REAL-1',
        profile: 'wheelhouse-fida',
        problems: [],
      });
    }
  });

  describe('when it is set', () => {
    const idOf = async (name: string): Promise<string> => {
      const { data } = await wheelhouse.query(
        'query ($name: String) { devices(filter: { search: $name }) { nodes { id } } }',
        {
          name,
        },
      );
      return data.devices.nodes[0].id;
    };

    it.each([
      ['by community', 'V2C', 41],
      ['by user', 'V3', 42],
    ] as const)('%s (%s), obeys, is read back, and snmpget sees it', async (name, version, brightnessPercent) => {
      const before = await snmpget(agent, SETTING_OIDS.brightnessPercent, version);
      const input = { id: await idOf(name), brightnessPercent, waitMs: 8_000 };
      const { data, errors } = await wheelhouse.query(SET, { input });
      expect(errors).toBeUndefined();
      expect(data.setDisplaySettings).toMatchObject({
        settingsChange: {
          state: 'APPLIED',
          wanted: { brightnessPercent },
          before: { brightnessPercent: Number(/\d+/.exec(before)?.[0]) },
          readBack: { brightnessPercent },
          requestedBy: 'anonymous',
        },
        display: { brightnessPercent, settingsVersion: 1 },
        userErrors: [],
      });
      expect(await snmpget(agent, SETTING_OIDS.brightnessPercent, version)).toBe(`INTEGER: ${brightnessPercent}`);
    });

    it.each(['by community', 'by user'])(
      "%s, refuses a read-only object with SNMP's own reason, and nothing is set",
      async (name) => {
        const before = await snmpget(agent, SETTING_OIDS.brightnessPercent, 'V2C');
        const input = { id: await idOf(name), power: 'OFF', brightnessPercent: 99, waitMs: 8_000 };
        const { data } = await wheelhouse.query(SET, { input });
        expect(data.setDisplaySettings).toMatchObject({
          settingsChange: { state: 'REJECTED', code: 'NOT_WRITABLE', detail: 'power: notWritable (17)' },
          userErrors: [],
        });
        expect(await snmpget(agent, SETTING_OIDS.brightnessPercent, 'V2C')).toBe(before);
      },
    );
  });

  it('reaches a subscriber as OFFLINE when it stops and as ONLINE when it goes on, with fields of both subgraphs', async () => {
    // It is one agent under two names: each shows what the other was set to after its next look.
    await eventually('both displays show what was set last', async () => {
      const { data } = await wheelhouse.query(DISPLAYS);
      return data.devices.nodes.every(
        ({ brightnessPercent }: { brightnessPercent: number }) => brightnessPercent === 42,
      );
    });
    changes.events.length = 0;
    agent.pause();
    const offline = await changesTo('OFFLINE');
    expect(offline[0]?.data.deviceStatusChanged).toMatchObject({
      from: 'ONLINE',
      reason: expect.stringContaining('3 looks in a row'),
      device: {
        __typename: 'FidaDisplay',
        site: expect.stringContaining('museum/hall-'),
        brightnessPercent: 42,
        serialNumber: 'SN-REAL-1',
      },
    });
    agent.resume();
    const online = await changesTo('ONLINE');
    expect(online[0]?.data.deviceStatusChanged).toMatchObject({
      from: 'OFFLINE',
      reason: null,
      device: { brightnessPercent: 42 },
    });
    expect(changes.events.flatMap(({ errors }) => errors ?? [])).toEqual([]);
  });
});
