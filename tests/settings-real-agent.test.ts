import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, startWheelhouse, type Wheelhouse } from './harness.ts';
import { has } from './programs.ts';
import { SETTING_OIDS, type Snmpd, snmpget, startSnmpd } from './snmpd.ts';

const SET = `mutation ($input: SetDisplaySettingsInput!) { setDisplaySettings(input: $input) {
  settingsChange { state before readBack code detail } display { brightnessPercent } userErrors { message } } }`;

describe.skipIf(!has('snmpd') || !has('snmpget'))("Debian's snmpd that is set through the graph", () => {
  let wheelhouse: Wheelhouse;
  let agent: Snmpd;
  let ids: Map<string, string>;

  beforeAll(async () => {
    agent = await startSnmpd({ readOnly: [SETTING_OIDS.power] });
    const settings = { WHEELHOUSE_SWEEP_SECONDS: '2', FIDA_SNMP_TIMEOUT_MS: '1000', FIDA_SETTLE_MS: '500' };
    wheelhouse = await startWheelhouse(settings);
    const { host, port, community, v3 } = agent;
    const device = { system: 'FIDA', site: 'museum' };
    await wheelhouse.importEstate({
      devices: [
        { ...device, name: 'V2C', snmp: { host, port, version: 'V2C', community } },
        { ...device, name: 'V3', snmp: { host, port, version: 'V3', ...v3 } },
      ],
    });
    await wheelhouse.startWorker();
    ids = await eventually('both have answered', async () => {
      const { data } = await wheelhouse.query('{ devices { nodes { id name ... on FidaDisplay { measuredAt } } } }');
      const nodes: { id: string; name: string; measuredAt: string | null }[] = data?.devices?.nodes ?? [];
      const isKnown = nodes.length === 2 && nodes.every(({ measuredAt }) => measuredAt !== null);
      return isKnown && new Map(nodes.map(({ id, name }) => [name, id]));
    });
  });
  afterAll(async () => {
    await wheelhouse?.close();
    await agent?.close();
  });

  const set = async (name: string, values: Record<string, unknown>) => {
    const { data, errors } = await wheelhouse.query(SET, { input: { id: ids.get(name), waitMs: 8_000, ...values } });
    expect(errors).toBeUndefined();
    return data.setDisplaySettings;
  };

  it.each([
    ['V2C', 41],
    ['V3', 42],
  ] as const)('over %s ends APPLIED, and snmpget sees it', async (version, brightnessPercent) => {
    const { settingsChange, display } = await set(version, { brightnessPercent });
    expect(settingsChange).toMatchObject({ state: 'APPLIED', readBack: { brightnessPercent }, code: null });
    expect(display).toEqual({ brightnessPercent });
    expect(await snmpget(agent, SETTING_OIDS.brightnessPercent, version)).toBe(`INTEGER: ${brightnessPercent}`);
  });

  it.each(['V2C', 'V3'] as const)(
    "over %s a read-only object ends REJECTED with SNMP's own reason",
    async (version) => {
      const { settingsChange } = await set(version, { power: 'OFF' });
      expect(settingsChange).toEqual({
        ...{ state: 'REJECTED', before: { power: 'ON' }, readBack: null },
        ...{ code: 'NOT_WRITABLE', detail: 'power: notWritable (17)' },
      });
      expect(await snmpget(agent, SETTING_OIDS.power, version)).toBe('INTEGER: 1');
    },
  );
});
