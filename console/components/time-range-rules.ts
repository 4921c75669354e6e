/** How long a point of a series is; the steps of `history` and `availability`. */
export type Step = 'HOUR' | 'DAY' | 'WEEK' | 'MONTH';

export const PRESETS = ['hour', 'day', 'week', 'month'] as const;
export type Preset = (typeof PRESETS)[number];

/** What an address says of time. `kind: live`: the end moves along. `asOf`: the page is read as it was then. */
export type RangeChoice = ({ kind: 'live'; preset: Preset } | { kind: 'fixed'; from: Date; to: Date }) & {
  asOf: Date | null;
};

export type Span = { from: Date; to: Date; step: Step };

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const PRESET_MS: Readonly<Record<Preset, number>> = {
  hour: HOUR_MS,
  day: DAY_MS,
  week: 7 * DAY_MS,
  month: 30 * DAY_MS,
};
const DEFAULT: Preset = 'day';
/** Samples are taken on the hour: less shows nothing. */
export const SHORTEST_MS = MINUTE_MS;
/** How far back anything in the graph reaches (steps of weeks and months). */
export const LONGEST_MS = 20 * 365 * DAY_MS;

const timeOf = (text: string | null): Date | null => {
  const ms = text === null || !/^\d{4}-\d\d-\d\dT/.test(text) ? Number.NaN : Date.parse(text);
  return Number.isNaN(ms) ? null : new Date(ms);
};

/** What is wrong with a range that somebody asks for; null when nothing is. */
export function faultOfRange(from: Date | null, to: Date | null): 'incomplete' | 'order' | 'tooLong' | null {
  if (from === null || to === null) return 'incomplete';
  const ms = to.getTime() - from.getTime();
  if (ms < SHORTEST_MS) return 'order';
  return ms > LONGEST_MS ? 'tooLong' : null;
}

/** What an address says; what it says wrongly counts as not said, and a time that is still to come is not the past. */
export function readRange(address: URLSearchParams, now: number): RangeChoice {
  const at = timeOf(address.get('at'));
  const asOf = at !== null && at.getTime() < now ? at : null;
  const [from, to] = [timeOf(address.get('from')), timeOf(address.get('to'))];
  if (from !== null && to !== null && faultOfRange(from, to) === null) return { kind: 'fixed', from, to, asOf };
  return { kind: 'live', preset: PRESETS.find((preset) => preset === address.get('range')) ?? DEFAULT, asOf };
}

/** The address for this choice; the default is left out, and parameters that are not ours stay. */
export function writeRange(choice: RangeChoice, address: URLSearchParams): URLSearchParams {
  const next = new URLSearchParams(address);
  for (const name of ['range', 'from', 'to', 'at']) next.delete(name);
  if (choice.asOf !== null) next.set('at', choice.asOf.toISOString());
  if (choice.kind === 'fixed') {
    next.set('from', choice.from.toISOString());
    next.set('to', choice.to.toISOString());
  } else if (choice.preset !== DEFAULT) next.set('range', choice.preset);
  return next;
}

/** The step in which so long a time makes some hundreds of points, within what each step may reach over (docs/graph.md). */
export function stepFor(ms: number): Step {
  if (ms <= 35 * DAY_MS) return 'HOUR';
  if (ms <= 3 * 365 * DAY_MS) return 'DAY';
  return ms <= 10 * 365 * DAY_MS ? 'WEEK' : 'MONTH';
}

/** From when to when. What moves along ends with the minute that is under way, so that it moves once in a minute; in the past it ends there. */
export function spanOf(choice: RangeChoice, now: number): Span {
  if (choice.kind === 'fixed') {
    const { from, to } = choice;
    return { from, to, step: stepFor(to.getTime() - from.getTime()) };
  }
  const to = choice.asOf?.getTime() ?? (Math.floor(now / MINUTE_MS) + 1) * MINUTE_MS;
  const ms = PRESET_MS[choice.preset];
  return { from: new Date(to - ms), to: new Date(to), step: stepFor(ms) };
}

/** The range that is about as long as this one and moves along. */
export function nearestPreset(ms: number): Preset {
  const distance = (preset: Preset): number => Math.abs(Math.log(ms / PRESET_MS[preset]));
  return PRESETS.toSorted((a, b) => distance(a) - distance(b))[0] ?? DEFAULT;
}

/** The whole hours that a range touches, as variables: while it moves along they change once in an hour, and not with each minute. */
export const wholeHours = (from: Date, to: Date): { from: string; to: string } => ({
  from: new Date(Math.floor(from.getTime() / HOUR_MS) * HOUR_MS).toISOString(),
  to: new Date(Math.ceil(to.getTime() / HOUR_MS) * HOUR_MS).toISOString(),
});
