import type { SetManyDisplaysMutation } from '../../../generated/devices/graphql.ts';
import { texts } from './texts.ts';

/** What is to be set on many displays. */
export type BulkValues = { power?: 'ON' | 'OFF'; brightnessPercent?: number };
export type Target = { id: string; name: string; site: string };
/** `SENDING`: it was not answered yet. `REFUSED`: nothing was asked of it. Else as the states of a change (docs/graph.md). */
export type BulkState = 'SENDING' | 'APPLIED' | 'MISMATCH' | 'UNREACHABLE' | 'REJECTED' | 'SUPERSEDED' | 'REFUSED';
export type BulkOutcome = { state: BulkState; detail: string | null };
export type Result = NonNullable<SetManyDisplaysMutation['setManyDisplaySettings']>['results'][number];

/** From what needs a person to what needs nobody. */
export const BULK_STATES: readonly BulkState[] = [
  'REFUSED',
  'REJECTED',
  'UNREACHABLE',
  'MISMATCH',
  'SUPERSEDED',
  'SENDING',
  'APPLIED',
];
/** One request takes no more (subgraphs/fida/schema.graphql). */
const MAX_IDS = 200;

export const SENDING: BulkOutcome = { state: 'SENDING', detail: null };

export const chunksOf = <Item>(items: readonly Item[], size = MAX_IDS): Item[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));

/** The smallest place that holds all of them; null where there is none. */
export function placeOf(sites: readonly string[]): string | null {
  const [first = '', ...others] = sites.map((site) => site.split('/'));
  const shared = [...first];
  for (const parts of others) {
    const at = shared.findIndex((part, index) => parts[index] !== part);
    if (at >= 0) shared.length = at;
  }
  return shared.length === 0 ? null : (shared.at(-1) ?? null);
}

/** The deed in words: `Switch off 12 displays in hall-2`. */
export function deedOf(values: BulkValues, targets: readonly Target[]): string {
  const what = texts.displays(targets.length);
  const sites = [...new Set(targets.map(({ site }) => site))];
  const place = placeOf(sites);
  const where = place === null ? texts.atSites(sites.length) : texts.inPlace(place);
  if (values.power !== undefined) return `${texts.switch[values.power](what)} ${where}`;
  return `${texts.dim(what, values.brightnessPercent ?? 0)} ${where}`;
}

/** What became of one display, by the answer to the request. */
export function outcomeOf({ settingsChange, userErrors }: Result): BulkOutcome {
  if (settingsChange === null)
    return { state: 'REFUSED', detail: userErrors.map(({ message }) => message).join('; ') || null };
  const { state, detail } = settingsChange;
  // A dry run is PLANNED, and no outcome; it is asked for elsewhere.
  return { state: state === 'PENDING' || state === 'PLANNED' ? 'SENDING' : state, detail };
}

export type Forecast = {
  /** How many would be set to something else, and how many are so already. */
  changing: number;
  already: number;
  /** Why others are refused, and how many for that reason. */
  refused: readonly { message: string; count: number }[];
};

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** What a dry run says of all of them together. */
export function forecastOf(results: readonly Result[]): Forecast {
  const planned = results.flatMap(({ plan }) => (plan === null ? [] : [plan]));
  const already = planned.filter(({ changes }) => changes.every(({ before, after }) => isSame(before, after))).length;
  const messages = results.flatMap(({ plan, userErrors }) =>
    plan === null ? [userErrors.map(({ message }) => message).join('; ')] : [],
  );
  const refused = [...Map.groupBy(messages, (message) => message)].map(([message, all]) => ({
    message,
    count: all.length,
  }));
  return { changing: planned.length - already, already, refused: refused.sort((a, b) => b.count - a.count) };
}

/** Those on which it did not take, though it may another time: what was refused before it was asked is refused again, what was overtaken has another say. */
export const untaken = (targets: readonly Target[], outcomes: ReadonlyMap<string, BulkOutcome>): readonly Target[] =>
  targets.filter(({ id }) => {
    const state = outcomes.get(id)?.state;
    return state === 'MISMATCH' || state === 'UNREACHABLE' || state === 'REJECTED';
  });

/** How many are in each state, the worst first; those with none are left out. */
export const countsOf = (outcomes: Iterable<BulkOutcome>): { state: BulkState; count: number }[] => {
  const all = [...outcomes];
  return BULK_STATES.map((state) => ({ state, count: all.filter((outcome) => outcome.state === state).length })).filter(
    ({ count }) => count > 0,
  );
};
