import { randomUUID } from 'node:crypto';
import { type DisplayDefinition, startDisplays } from '@wheelhouse/simulators/displays/start-displays.ts';
import { type Answer, eventually, startWheelhouse } from './harness.ts';

/** A hundred displays on a busy machine take their time. */
const PATIENCE_MS = 45_000;

const PAYLOAD = `
  settingsChange { id state wanted before readBack code detail at finishedAt requestedBy reason settingsVersion undoes }
  display { id name status settingsVersion power brightnessPercent inputSource }
  plan { id expiresAt changes { setting before after } effects }
  userErrors { field code message }`;

const SET = `mutation ($input: SetDisplaySettingsInput!) { answer: setDisplaySettings(input: $input) { ${PAYLOAD} } }`;
const SET_MANY = `mutation ($input: SetManyDisplaySettingsInput!) {
  answer: setManyDisplaySettings(input: $input) { results { id ${PAYLOAD} } userErrors { field code message } } }`;
const APPLY = `mutation ($input: ApplyPlannedSettingsInput!) { answer: applyPlannedSettings(input: $input) { ${PAYLOAD} } }`;
const UNDO = `mutation ($input: UndoDisplaySettingsInput!) { answer: undoDisplaySettings(input: $input) { ${PAYLOAD} } }`;

/** Displays that can be set through a graph, each known by its name and looked at once. */
export async function startSettableDisplays(
  definitions: (Partial<DisplayDefinition> & { name: string })[],
  settings: Record<string, string> = {},
) {
  const access = { version: 'V2C', community: 'public' } as const;
  const simulated = await startDisplays(
    definitions.map((definition) => ({ profile: 'wheelhouse-fida', access, ...definition })),
  );
  // Patient with a busy machine, since a look that was missed is not made up for where sweeps are an hour apart.
  const patience = { FIDA_SNMP_TIMEOUT_MS: '500', FIDA_SNMP_RETRIES: '3', FIDA_SETTLE_MS: '600' };
  const wheelhouse = await startWheelhouse({ ...patience, ...settings });
  const devices = simulated.displays.map(({ name, snmp }) => ({ name, system: 'FIDA', site: 'museum', snmp }));
  await wheelhouse.importEstate({ devices });
  await wheelhouse.startWorker();
  const ids = await eventually(
    'all displays have been looked at',
    async () => {
      const { data } = await wheelhouse.query(
        '{ devices(first: 1000) { nodes { id name ... on FidaDisplay { measuredAt } } } }',
      );
      const nodes: { id: string; name: string; measuredAt: string | null }[] = data?.devices?.nodes ?? [];
      const isKnown = nodes.length === definitions.length && nodes.every(({ measuredAt }) => measuredAt !== null);
      return isKnown && new Map(nodes.map(({ id, name }) => [name, id]));
    },
    PATIENCE_MS,
  );
  const idOf = (name: string): string => {
    const id = ids.get(name);
    if (id === undefined) throw new Error(`there is no display ${name}`);
    return id;
  };
  const displayOf = (name: string) => {
    const display = simulated.displays.find((candidate) => candidate.name === name);
    if (display === undefined) throw new Error(`there is no display ${name}`);
    return display;
  };
  const ask = async (mutation: string, input: Record<string, unknown>) => {
    // As long as may be waited, for a busy machine.
    const { data, errors }: Answer = await wheelhouse.query(mutation, { input: { waitMs: 8_000, ...input } });
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    return data.answer;
  };
  return {
    wheelhouse,
    idOf,
    displayOf,
    /** Sets a display that is known by its name. */
    set: (name: string, input: Record<string, unknown>) => ask(SET, { id: idOf(name), ...input }),
    /** The same, until the change has come to its end, however long a busy machine takes for it. */
    outcomeOf: (name: string, input: Record<string, unknown>) => {
      const idempotencyKey = randomUUID();
      return eventually(
        'an outcome',
        async () => {
          const answer = await ask(SET, { id: idOf(name), idempotencyKey, ...input });
          return answer.settingsChange?.state !== 'PENDING' && answer;
        },
        PATIENCE_MS,
      );
    },
    setId: (id: string, input: Record<string, unknown>) => ask(SET, { id, ...input }),
    setMany: (input: Record<string, unknown>) => ask(SET_MANY, input),
    apply: (input: Record<string, unknown>) => ask(APPLY, input),
    undo: (input: Record<string, unknown>) => ask(UNDO, input),
    close: async () => {
      await wheelhouse.close();
      await simulated.close();
    },
  };
}
export type SettableDisplays = Awaited<ReturnType<typeof startSettableDisplays>>;
