import type { PastStateFragment } from '../../../../generated/device/sections/past/graphql.ts';
import { valueWords } from '../../value-words.ts';

export type PastState = Pick<
  PastStateFragment,
  'status' | 'statusSince' | 'statusReason' | 'name' | 'site' | 'metrics' | 'settings'
>;

/** A line of the comparison; texts are null where nothing is known. */
export type PastRow = {
  group: 'state' | 'settings' | 'metrics';
  /** A setting or metric by its name in the graph, a part of the state by its field. */
  name: string;
  unit: string | null;
  past: string | null;
  other: string | null;
  /** When a sample was taken, of metrics. */
  pastAt: string | null;
  otherAt: string | null;
  isChanged: boolean;
};

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};

const wordsOf = (name: string, value: unknown): string | null =>
  value === undefined || value === null ? null : valueWords(name, value);

const namesIn = (...lists: readonly (readonly string[])[]): string[] => [...new Set(lists.flat())].sort();

const rowOf = (group: PastRow['group'], name: string, past: string | null, other: string | null): PastRow => ({
  ...{ group, name, unit: null, past, other, pastAt: null, otherAt: null },
  isChanged: past !== other,
});

const STATE = ['status', 'statusSince', 'statusReason', 'name', 'site'] as const;

/** A device at two times, line by line; null for a time at which it was not in the registry. */
export function compareStates(past: PastState | null, other: PastState | null): PastRow[] {
  const state = STATE.map((name) => rowOf('state', name, past?.[name] ?? null, other?.[name] ?? null));
  const [old, recent] = [recordOf(past?.settings), recordOf(other?.settings)];
  const settings = namesIn(Object.keys(old), Object.keys(recent)).map((name) =>
    rowOf('settings', name, wordsOf(name, old[name]), wordsOf(name, recent[name])),
  );
  const metricIn = (of: PastState | null, name: string) => of?.metrics.find((metric) => metric.name === name) ?? null;
  const metrics = namesIn(...[past, other].map((of) => of?.metrics.map(({ name }) => name) ?? [])).map((name) => {
    const [one, two] = [metricIn(past, name), metricIn(other, name)];
    return {
      ...rowOf('metrics', name, wordsOf(name, one?.last), wordsOf(name, two?.last)),
      ...{ unit: one?.unit ?? two?.unit ?? null, pastAt: one?.at ?? null, otherAt: two?.at ?? null },
    };
  });
  return [...state, ...settings, ...metrics];
}

/** With which past time the page is compared, as its address says; null: with the present. */
export function readOther(address: URLSearchParams, now: number): Date | null {
  const text = address.get('with');
  const ms = text === null || !/^\d{4}-\d\d-\d\dT/.test(text) ? Number.NaN : Date.parse(text);
  return Number.isNaN(ms) || ms >= now ? null : new Date(ms);
}

/** The last whole minute: "now" for who asks for the past, which must not lie ahead of the server's clock. */
export const lastMinute = (now: number): Date => new Date(Math.floor((now - 5_000) / 60_000) * 60_000);

/** From the earlier to after the later of two times; null where they are the same. */
export function between(one: Date, other: Date): { from: string; to: string } | null {
  const [from, to] = [one, other].sort((a, b) => a.getTime() - b.getTime());
  if (from === undefined || to === undefined || from.getTime() === to.getTime()) return null;
  return { from: from.toISOString(), to: to.toISOString() };
}
