import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, startWheelhouse, type Wheelhouse } from './harness.ts';

const FEW = 5;
const MANY = 400;
const MOST_RUNS = 30;

type Case = {
  query: string;
  variables: (site: string) => Record<string, unknown>;
  /** What the operation may cost, whatever the number of devices. */
  cost: { devices: number; fida: number; history: number; fetches: number };
};

const CASES: Record<string, Case> = {
  'a list with fields of both subgraphs, parents and a count': {
    query: `query ($site: String!) {
      devices(filter: { sites: [$site] }, first: 1000) {
        totalCount pageInfo { hasNextPage }
        nodes { id name status stale tags parents { id name parents { id } } ... on FidaDisplay { brightnessPercent power problems } }
      }
    }`,
    variables: (site) => ({ site }),
    // The list, its count, the parents, the parents' parents; the displays.
    cost: { devices: 4, fida: 1, history: 0, fetches: 2 },
  },
  'the counts by status': {
    query: '{ estateSummary { total online bySystem { system total } } }',
    variables: () => ({}),
    cost: { devices: 1, fida: 0, history: 0, fetches: 1 },
  },
  'the status log with its devices': {
    query: `query ($site: String!) {
      statusChanges(filter: { sites: [$site] }, first: 1000) { nodes { cursor to device { id name ... on FidaDisplay { model } } } }
    }`,
    variables: (site) => ({ site }),
    // The log's head, its rows, their devices; the displays.
    cost: { devices: 3, fida: 1, history: 0, fetches: 2 },
  },
  'a list with settings and the last day': {
    query: `query ($site: String!, $from: DateTime!, $to: DateTime!) {
      devices(filter: { sites: [$site] }, first: 1000) {
        nodes {
          id status ... on FidaDisplay { brightnessPercent power }
          settingsChanges(first: 3) { nodes { id state } }
          history(from: $from, to: $to, step: HOUR) { from onlineRatio metrics { name last } }
        }
      }
    }`,
    variables: (site) => ({ site, from: '2026-11-22T00:00:00Z', to: '2026-11-23T00:00:00Z' }),
    // Changes of settings; units, samples, what is sealed, the time of statuses.
    cost: { devices: 1, fida: 1, history: 5, fetches: 3 },
  },
  'a list as it was, with what happened': {
    query: `query ($site: String!, $from: DateTime!, $to: DateTime!) {
      devices(filter: { sites: [$site] }, first: 1000) {
        nodes {
          id
          asOf(at: $from) { status metrics { name last } settings }
          changes(from: $from, to: $to, first: 3) { nodes { at what } }
        }
      }
    }`,
    variables: (site) => ({ site, from: '2026-11-22T00:00:00Z', to: '2026-11-23T00:00:00Z' }),
    // Entries, samples, what was read back, units, what is a setting; what happened of each kind.
    cost: { devices: 1, fida: 0, history: 8, fetches: 2 },
  },
  'the sites with their time zones': {
    query: 'query ($site: String!) { sites(under: $site, first: 1000) { nodes { path timeZone } } }',
    variables: (site) => ({ site }),
    cost: { devices: 2, fida: 0, history: 0, fetches: 1 },
  },
};

describe('what an operation costs', () => {
  let wheelhouse: Wheelhouse;

  const estateOf = (site: string, count: number) => ({
    devices: Array.from({ length: count }, (_, index) => ({
      externalId: `${site}-${index}`,
      name: `display ${index}`,
      system: 'FIDA',
      site: `${site}/hall-${index % 7}`,
      parents: index === 0 ? [] : [`${site}-${Math.floor((index - 1) / 3)}`],
      snmp: { host: '127.0.0.1', port: 9, version: 'V2C', community: 'public' },
    })),
  });

  beforeAll(async () => {
    // Unanswered looks at port 9 make a row of the status log for each device.
    wheelhouse = await startWheelhouse({
      WHEELHOUSE_SWEEP_SECONDS: '1',
      WHEELHOUSE_MISSES_TO_OFFLINE: '1',
      FIDA_SNMP_TIMEOUT_MS: '100',
      FIDA_SNMP_RETRIES: '0',
    });
    expect((await wheelhouse.importEstate(estateOf('few', FEW))).status).toBe(200);
    expect((await wheelhouse.importEstate(estateOf('many', MANY))).status).toBe(200);
    await wheelhouse.startWorker();
    await eventually('a status change of every device', async () => {
      const { data } = await wheelhouse.query('{ statusChanges(first: 1000) { nodes { cursor } } }');
      return data.statusChanges.nodes.length >= FEW + MANY;
    });
    await wheelhouse.stopWorker();
  });
  afterAll(() => wheelhouse.close());

  /**
   * The least of several runs, and of more while it is above what is allowed: what the services do on their own every second is counted
   * too, and on a busy machine a run takes longer than that.
   */
  async function costOf({ query, variables, cost }: Case, site: string): Promise<Case['cost'] & { nodes: number }> {
    const read = () =>
      Promise.all([
        ...(['devices', 'fida', 'history'] as const).map((service) => wheelhouse.statements(service)),
        wheelhouse.subgraphFetches(),
      ]);
    let least = { devices: Infinity, fida: Infinity, history: Infinity, fetches: Infinity, nodes: 0 };
    const isAbove = () => Object.entries(cost).some(([name, most]) => least[name as keyof typeof cost] > most);
    for (let run = 0; run < 6 || (run < MOST_RUNS && isAbove()); run += 1) {
      const before = await read();
      const { data, errors } = await wheelhouse.query(query, variables(site));
      expect(errors).toBeUndefined();
      const after = await read();
      const spent = (place: number): number => (after[place] ?? 0) - (before[place] ?? 0);
      const nodes = JSON.stringify(data).match(/"(id|path|cursor)":/g)?.length ?? 0;
      least = {
        devices: Math.min(least.devices, spent(0)),
        fida: Math.min(least.fida, spent(1)),
        history: Math.min(least.history, spent(2)),
        fetches: Math.min(least.fetches, spent(3)),
        nodes,
      };
    }
    return least;
  }

  it.each(Object.entries(CASES))('is the same for few devices and for many: %s', async (_name, operation) => {
    const few = await costOf(operation, 'few');
    const many = await costOf(operation, 'many');
    expect({ ...few, nodes: 0 }).toEqual({ ...operation.cost, nodes: 0 });
    expect({ ...many, nodes: 0 }).toEqual({ ...operation.cost, nodes: 0 });
    if (operation.query.includes('first: 1000) {\n')) expect(many.nodes).toBeGreaterThan(few.nodes);
  });

  it('is the same for the import of few devices and of many', async () => {
    const importing = async (site: string, count: number): Promise<number> => {
      const before = await wheelhouse.statements('devices');
      expect((await wheelhouse.importEstate(estateOf(site, count))).body).toMatchObject({ added: count });
      return (await wheelhouse.statements('devices')) - before;
    };
    const few = await importing('import-few', FEW);
    const many = await importing('import-many', MANY);
    // Two log tails and the freshness tick may each add a statement or two while it runs.
    expect(many).toBeLessThanOrEqual(few + 12);
  });
});
