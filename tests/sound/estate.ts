import { openDatabase } from '@wheelhouse/kit/database.ts';
import { type Core, startCores } from '@wheelhouse/simulators/qsys/start-cores.ts';
import { aDesign } from '@wheelhouse/simulators/qsys/testing/design.ts';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { startWheelhouse } from '../harness.ts';

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
const PAYLOAD = `{
  settingsChange { id state code detail wanted before readBack reason undoes settingsVersion }
  core { settingsVersion component(name: "Café Gain") { control(name: "gain") { value string } } }
  plan { id expiresAt changes { setting before after } effects }
  userErrors { field code message }
}`;
const SET = `mutation ($input: SetAudioControlsInput!) { answer: setAudioControls(input: $input) ${PAYLOAD} }`;
const APPLY = `mutation ($input: ApplyPlannedAudioControlsInput!) { answer: applyPlannedAudioControls(input: $input) ${PAYLOAD} }`;
const UNDO = `mutation ($input: UndoAudioControlsInput!) { answer: undoAudioControls(input: $input) ${PAYLOAD} }`;

/** Three slots of a second, the last look's deadline, and the way to the client, with some room for a busy machine. */
const WITHIN_MS = 15_000;
export const PASSWORD = 'pin-8472-secret';

/** A gain as it is asked for. */
export const gainTo = (value: number, more: Record<string, unknown> = {}) => ({
  ...{ component: 'Café Gain', name: 'gain', value, ...more },
});

async function startSound() {
  const logLines: string[] = [];
  const simulated = await startCores(
    [
      { design: aDesign(), core: { name: 'main' }, backup: { name: 'backup' } },
      { design: aDesign(), core: { name: 'alone', user: { name: 'museum', password: PASSWORD } } },
      { design: aDesign(), core: { name: 'by websocket' } },
    ],
    { tickMs: 10 },
  );
  const wheelhouse = await startWheelhouse(
    { WHEELHOUSE_SWEEP_SECONDS: '1', QSYS_TIMEOUT_MS: '500', QSYS_SETTLE_MS: '300' },
    { logLines },
  );
  const { data: head } = await wheelhouse.query('{ statusCursor }');
  const changes = wheelhouse.subscribe(CHANGES, { after: head.statusCursor });
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
  const ask = async (mutation: string, input: Record<string, unknown>) => {
    const answer = await wheelhouse.query(mutation, { input: { waitMs: 8_000, ...input } });
    return answer.data?.answer ?? answer;
  };
  const set = async (name: string, controls: unknown[] | null, more: Record<string, unknown> = {}) => {
    const { id } = await nodeOf(name);
    return ask(SET, { id, controls, ...more });
  };
  return {
    ...{ wheelhouse, simulated, changes, logLines, everyRow, coreNamed, changeOf, nodeOf, set },
    apply: (plan: string) => ask(APPLY, { plan }),
    undo: (id: string, more: Record<string, unknown> = {}) => ask(UNDO, { id, ...more }),
    close: async () => {
      changes.stop();
      await wheelhouse.close();
      await simulated.close();
    },
  };
}
export type Sound = Awaited<ReturnType<typeof startSound>>;

/** Four Cores and what watches them, for all tests of a file; what is asked of it is there when the first test begins. */
export function useSound(): Sound {
  const sound = {} as Sound;
  beforeAll(async () => {
    Object.assign(sound, await startSound());
  });
  afterAll(() => sound.close());
  beforeEach(() => {
    for (const core of sound.simulated.cores) core.setFault(null);
  });
  return sound;
}
