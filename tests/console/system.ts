import { createLogger } from '@wheelhouse/kit/logger.ts';
import type { Fault } from '@wheelhouse/simulators/displays/faults.ts';
import { type Museum, runMuseum } from '@wheelhouse/simulators/museum/run-museum.ts';
import { type House, openHouse } from '../access/house.ts';
import { HOSTILE_NAME, HOSTILE_TAG } from './hostile.ts';
import { type RouterProcess, startRouterProcess } from './router-process.ts';

const SERVICE_TOKEN = 'a token of all services of this test';
/** Short, so that what happens in the museum is known soon after. */
const SETTINGS = { WHEELHOUSE_SWEEP_SECONDS: '2', WHEELHOUSE_MISSES_TO_OFFLINE: '1' };
/** Nobody listens there, and it is called what no device should be. */
const HOSTILE_DEVICE = {
  ...{ externalId: 'hostile', name: HOSTILE_NAME, system: 'FIDA', site: 'museum/foyer', tags: [HOSTILE_TAG] },
  snmp: { host: '127.0.0.1', port: 9, version: 'V2C', community: 'c', profile: 'wheelhouse-fida' },
};

export type Order = { fault?: Fault | null; values?: { brightnessPercent?: number } };
export type StatusChange = { cursor: string; at: string; to: string; device: { id: string; name: string } };

/** The simulated museum with a Wheelhouse of real accounts that watches it, and a router in a process of its own. */
export type System = {
  house: House;
  router: RouterProcess;
  /** An id of each device by its name. */
  ids: ReadonlyMap<string, string>;
  idOf: (name: string) => string;
  /** What a display is told at the simulators' door. */
  order: (display: string, order: Order) => Promise<void>;
  brightnessOf: (display: string) => Promise<number>;
  /** The status log behind a cursor, whole. */
  changesAfter: (cursor: string) => Promise<StatusChange[]>;
  cursor: () => Promise<string>;
  close: () => Promise<void>;
};

export async function startSystem(): Promise<System> {
  const logger = createLogger({ name: 'test', level: 'silent' });
  const museum: Museum = await runMuseum({
    ...{ stateFile: null, count: null, silentPercent: 0, isStoryTold: false, seed: 1, logger },
  });
  const { appspace, controlUrl, estate } = museum;
  if (appspace === null) throw new Error('the museum has no Appspace');
  const house = await openHouse({
    ...SETTINGS,
    WHEELHOUSE_SERVICE_TOKEN: SERVICE_TOKEN,
    APPSPACE_URL: appspace.url,
    APPSPACE_SUBJECT_ID: appspace.subjectId,
    APPSPACE_REFRESH_TOKEN: appspace.refreshToken,
  });
  const imported = await house.importEstate({ ...estate, devices: [...estate.devices, HOSTILE_DEVICE] });
  if (imported.status !== 200) throw new Error(`the estate was refused: ${JSON.stringify(imported.body)}`);
  await house.startWorker();
  const router = await startRouterProcess(house.subgraphUrls, {
    WHEELHOUSE_SERVICE_TOKEN: SERVICE_TOKEN,
    ...{ WHEELHOUSE_ANONYMOUS_ROLE: 'NONE', ROUTER_SUBGRAPH_TIMEOUT_MS: '50000' },
    ...{ ROUTER_RATE_OPERATIONS: '0', ROUTER_RATE_COST: '0', ROUTER_RATE_WORK: '0' },
  });
  const { nodes } = await house.told(house.chief, '{ devices(first: 1000) { nodes { id name } } }');
  const ids = new Map<string, string>(nodes.map(({ id, name }: { id: string; name: string }) => [name, id]));
  const doorOf = (display: string): string => `${controlUrl}/displays/${encodeURIComponent(display)}`;
  return {
    ...{ house, router, ids },
    idOf: (name) => {
      const id = ids.get(name);
      if (id === undefined) throw new Error(`there is no device ${name}`);
      return id;
    },
    order: async (display, order) => {
      const { status, ...response } = await fetch(doorOf(display), { method: 'POST', body: JSON.stringify(order) });
      if (status !== 200) throw new Error(`${display} was not told: ${JSON.stringify(response)}`);
    },
    brightnessOf: async (display) => {
      const { values } = (await (await fetch(doorOf(display))).json()) as { values: { brightnessPercent: number } };
      return values.brightnessPercent;
    },
    cursor: () => house.told(house.chief, '{ statusCursor }'),
    changesAfter: async (cursor) => {
      const query = `query ($after: String!) { statusChanges(after: $after, first: 1000) { nodes { cursor at to device { id name } } } }`;
      return (await house.told(house.chief, query, { after: cursor })).nodes;
    },
    close: async () => {
      await router.kill();
      await house.close();
      await museum.close();
    },
  };
}
