import { parseSort, printSort, type Sort } from '../../components/table-rules.ts';
import type { AvailabilityGroup, AvailabilityStep, TimeCounting } from '../../generated/history/graphql.ts';

export type Counting = { degraded: TimeCounting; unknown: TimeCounting; blind: TimeCounting };

/** What of the past is shown, and how it is counted; all of it is in the address. */
export type View = {
  by: AvailabilityGroup;
  /** Null: what fits the range. */
  step: AvailabilityStep | null;
  system: string | null;
  counting: Counting;
  sort: Sort;
};

export const GROUPS: readonly AvailabilityGroup[] = ['SITE', 'SYSTEM', 'DEVICE'];
export const STEPS: readonly AvailabilityStep[] = ['DAY', 'WEEK', 'MONTH'];
export const COUNTINGS: readonly TimeCounting[] = ['LEFT_OUT', 'AS_ONLINE', 'AS_OFFLINE'];
export const SYSTEMS = ['FIDA', 'ENTERTAINMENT', 'APPSPACE', 'QSYS'] as const;
/** What the graph does where nothing is asked for (subgraphs/history/schema.graphql). */
export const USUAL: Counting = { degraded: 'AS_ONLINE', unknown: 'LEFT_OUT', blind: 'LEFT_OUT' };
export const KINDS = ['degraded', 'unknown', 'blind'] as const;
const COLUMNS = ['group', 'available', 'offline', 'degraded', 'unknown', 'blind', 'devices'];
/** The worst first: that is what a person looks for. */
const DEFAULT_SORT: Sort = { by: 'available', isDescending: false };
const DAY_MS = 86_400_000;

const oneOf = <Value extends string>(values: readonly Value[], text: string | null): Value | null =>
  values.find((value) => value.toLowerCase() === text) ?? null;

/** What an address says; what it says wrongly counts as not said. */
export const readView = (address: URLSearchParams): View => ({
  by: oneOf(GROUPS, address.get('by')) ?? 'SITE',
  step: oneOf(STEPS, address.get('step')),
  system: oneOf(SYSTEMS, address.get('system')),
  counting: {
    degraded: oneOf(COUNTINGS, address.get('degraded')) ?? USUAL.degraded,
    unknown: oneOf(COUNTINGS, address.get('unknown')) ?? USUAL.unknown,
    blind: oneOf(COUNTINGS, address.get('blind')) ?? USUAL.blind,
  },
  sort: parseSort(address.get('sort'), COLUMNS, DEFAULT_SORT),
});

/** The address for this view; what is as usual is left out, and parameters that are not ours stay. */
export function writeView(view: View, address: URLSearchParams): URLSearchParams {
  const next = new URLSearchParams(address);
  const put = (name: string, value: string | null): void => {
    if (value === null) next.delete(name);
    else next.set(name, value);
  };
  put('by', view.by === 'SITE' ? null : view.by.toLowerCase());
  put('step', view.step?.toLowerCase() ?? null);
  put('system', view.system?.toLowerCase() ?? null);
  for (const kind of KINDS) put(kind, view.counting[kind] === USUAL[kind] ? null : view.counting[kind].toLowerCase());
  const sort = printSort(view.sort);
  put('sort', sort === printSort(DEFAULT_SORT) ? null : sort);
  return next;
}

/** The step that cuts a range into some tens of parts. */
export function fittingStep(from: Date, to: Date): AvailabilityStep {
  const days = (to.getTime() - from.getTime()) / DAY_MS;
  if (days <= 93) return 'DAY';
  return days <= 731 ? 'WEEK' : 'MONTH';
}
