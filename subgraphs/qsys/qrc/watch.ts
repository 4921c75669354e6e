import { z } from 'zod';
import type { NoValue, QrcConnection } from './connection.ts';
import { type ControlChange, pollSchema } from './message.ts';

/** Controls whose values are wanted as they change. */
export type Watch = {
  id: string;
  /** How often the Core looks for changes. */
  rateSeconds: number;
  /** Controls by names of their own. */
  named: readonly string[];
  components: readonly { name: string; controls: readonly string[] }[];
};

/** A control that the Core's design lacks, or a whole component of them. */
export type Unknown = { component: string | null; name: string | null };

export type WatchMade = { kind: 'made'; unknown: Unknown[]; changes: ControlChange[] } | NoValue;

const anything = z.unknown();
/** A large mixer has thousands of controls; nobody knows how long a request a Core takes. */
const CONTROLS_IN_REQUEST = 500;
type Part = {
  method: string;
  unknownOf: (name: string | null) => Unknown;
  names: readonly string[];
  paramsOf: (names: readonly string[]) => unknown;
};

function partsOf({ id, named, components }: Watch): Part[] {
  const own: Part = {
    method: 'ChangeGroup.AddControl',
    unknownOf: (name) => ({ component: null, name }),
    names: named,
    paramsOf: (names) => ({ Id: id, Controls: names }),
  };
  const ofComponents = components.map(
    (component): Part => ({
      method: 'ChangeGroup.AddComponentControl',
      unknownOf: (name) => ({ component: component.name, name }),
      names: component.controls,
      paramsOf: (names) => ({ Id: id, Component: { Name: component.name, Controls: names.map((Name) => ({ Name })) } }),
    }),
  );
  return [own, ...ofComponents].filter(({ names }) => names.length > 0);
}

const GIVEN_UP: NoValue = { kind: 'notSent', reason: 'BUSY', detail: 'something else is to be watched by now' };

const inPieces = (names: readonly string[]): (readonly string[])[] =>
  Array.from({ length: Math.ceil(names.length / CONTROLS_IN_REQUEST) }, (_piece, index) =>
    names.slice(index * CONTROLS_IN_REQUEST, (index + 1) * CONTROLS_IN_REQUEST),
  );

/** Adds the controls of one part; those that are unknown are found by adding each by itself. */
async function addPart(
  connection: QrcConnection,
  part: Part,
  names: readonly string[],
  isWanted: () => boolean,
): Promise<Unknown[] | NoValue> {
  if (!isWanted()) return GIVEN_UP;
  const result = await connection.call(part.method, part.paramsOf(names), anything);
  if (result.kind === 'answered') return [];
  if (result.kind !== 'refused') return result;
  if (result.reason === 'UNKNOWN_COMPONENT') return [part.unknownOf(null)];
  // A public mock answers -32602 for both.
  if (result.reason !== 'UNKNOWN_CONTROL' && result.reason !== 'INVALID_PARAMS') return result;
  if (names.length === 1) return [part.unknownOf(names[0] ?? null)];
  const unknown: Unknown[] = [];
  for (const name of names) {
    const one = await addPart(connection, part, [name], isWanted);
    if (!Array.isArray(one)) return one;
    unknown.push(...one);
  }
  return unknown;
}

/** Has the Core forget a group; one that it does not know is forgotten already. */
export const dropWatch = async (connection: QrcConnection, id: string): Promise<void> =>
  void (await connection.call('ChangeGroup.Destroy', { Id: id }, anything));

/**
 * Makes the change group of a watch, and has the Core push what changes. A control that was added counts as changed, so that its
 * value comes with the first push, if it is not among `changes` already.
 *
 * @param isWanted asked before each request: the rest is left out when it is not any more
 */
export async function makeWatch(connection: QrcConnection, watch: Watch, isWanted: () => boolean): Promise<WatchMade> {
  const parts = partsOf(watch);
  const unknown: Unknown[] = [];
  for (const part of parts) {
    for (const names of inPieces(part.names)) {
      const added = await addPart(connection, part, names, isWanted);
      if (!Array.isArray(added)) return added;
      unknown.push(...added);
      // It lacks the whole component.
      if (added.some(({ name }) => name === null)) break;
    }
  }
  const isEmpty = parts.every(({ unknownOf, names }) => {
    const { component } = unknownOf(null);
    const lacking = unknown.filter((one) => one.component === component);
    return lacking.some(({ name }) => name === null) || lacking.length >= names.length;
  });
  if (isEmpty) return { kind: 'made', unknown, changes: [] };
  if (!isWanted()) return GIVEN_UP;
  const params = { Id: watch.id, Rate: watch.rateSeconds };
  const polled = await connection.call('ChangeGroup.AutoPoll', params, anything);
  if (polled.kind !== 'answered') return polled;
  // The help shows what a poll gives; some Cores say `true`.
  const first = pollSchema.safeParse(polled.value);
  return { kind: 'made', unknown, changes: first.success ? first.data.Changes : [] };
}
