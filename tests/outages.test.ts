import { type SimulatedDisplays, startDisplays } from '@wheelhouse/simulators/displays/start-displays.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, type Subscription, startWheelhouse, type Wheelhouse } from './harness.ts';

const LIST = '{ devices { nodes { name status stale statusReason ... on FidaDisplay { power model } } } }';

describe('when a part of Wheelhouse is away', () => {
  let wheelhouse: Wheelhouse;
  let simulated: SimulatedDisplays;
  let changes: Subscription;

  beforeAll(async () => {
    const access = { version: 'V2C', community: 'public' } as const;
    simulated = await startDisplays(['a', 'b', 'c'].map((name) => ({ name, profile: 'wheelhouse-fida', access })));
    wheelhouse = await startWheelhouse({ WHEELHOUSE_SWEEP_SECONDS: '1', FIDA_SNMP_TIMEOUT_MS: '300' });
    changes = wheelhouse.subscribe('subscription { deviceStatusChanged { from to at reason device { name } } }');
    const devices = simulated.displays.map(({ name, snmp }) => ({ name, system: 'FIDA', site: 'museum', snmp }));
    await wheelhouse.importEstate({ devices });
    await wheelhouse.startWorker();
    await eventually('all displays are ONLINE', async () => {
      const { data } = await wheelhouse.query('{ estateSummary { online } }');
      return data.estateSummary.online === 3;
    });
  });
  afterAll(async () => {
    await wheelhouse.close();
    await simulated.close();
  });

  const nodes = async () =>
    (await wheelhouse.query(LIST)).data.devices.nodes as { status: string; stale: boolean; statusReason: string }[];

  it('devices are stale, then UNKNOWN, and never OFFLINE, while no worker runs', async () => {
    // With sweeps each second, stale is 10 s and UNKNOWN 20 s without a look: five minutes and more of a sweep each minute.
    await wheelhouse.stopWorker();
    changes.events.length = 0;
    await eventually(
      'all displays are stale and still ONLINE',
      async () => (await nodes()).every(({ stale, status }) => stale && status === 'ONLINE'),
      15_000,
    );
    await eventually(
      'all displays are UNKNOWN',
      async () => (await nodes()).every(({ status }) => status === 'UNKNOWN'),
      20_000,
    );
    expect((await nodes())[0]?.statusReason).toContain('nobody looked');
    await wheelhouse.startWorker();
    await eventually('all displays are ONLINE again', async () =>
      (await nodes()).every(({ status, stale }) => status === 'ONLINE' && !stale),
    );
    // The list may know of a change before its subscribers do.
    await eventually('all changes are told', () => changes.events.length >= 6);
    const steps = changes.events.map(({ data }) => `${data.deviceStatusChanged.from} ${data.deviceStatusChanged.to}`);
    expect(steps.filter((step) => step === 'ONLINE UNKNOWN')).toHaveLength(3);
    expect(steps.filter((step) => step === 'UNKNOWN ONLINE')).toHaveLength(3);
    expect(steps).toHaveLength(6);
  }, 60_000);

  it("a query over devices loses fida's fields and nothing else while fida's server is away", async () => {
    await wheelhouse.stopFidaServer();
    const { data, errors } = await wheelhouse.query(LIST);
    expect(data.devices.nodes).toEqual(
      ['a', 'b', 'c'].map((name) => ({
        name,
        status: 'ONLINE',
        stale: false,
        statusReason: null,
        power: null,
        model: null,
      })),
    );
    expect(errors?.[0]).toMatchObject({ extensions: { code: 'SUBGRAPH_UNAVAILABLE', serviceName: 'fida' } });
    expect(JSON.stringify(errors)).not.toMatch(/127\.0\.0\.1|ECONN|node_modules/);
    changes.stop();
  });
});
