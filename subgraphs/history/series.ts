import type { SeriesRows } from './store/samples.ts';
import { DAY_MS } from './time-range.ts';

/** How long a point of a series is; calendar steps in UTC, weeks from Monday (ISO 8601). */
export type Step = 'HOUR' | 'DAY' | 'WEEK' | 'MONTH';

/** What the samples of one metric in a step say together. */
export type MetricSummary = {
  name: string;
  mean: number;
  min: number;
  max: number;
  last: number;
  /** How many samples. */
  samples: number;
};

export type SeriesPoint = {
  deviceId: string;
  /** Where the step begins. */
  from: Date;
  /** Those that have a sample, by name. */
  metrics: MetricSummary[];
};

const HOUR_MS = 3_600_000;
/** 1970-01-01 was a Thursday: the first Monday is four days later. */
const FIRST_MONDAY_MS = 4 * DAY_MS;

const floorTo = (ms: number, lengthMs: number, originMs = 0): number =>
  Math.floor((ms - originMs) / lengthMs) * lengthMs + originMs;

function startOfMonth(ms: number): number {
  const at = new Date(ms);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth());
}

const STARTS: Readonly<Record<Step, (ms: number) => number>> = {
  HOUR: (ms) => floorTo(ms, HOUR_MS),
  DAY: (ms) => floorTo(ms, DAY_MS),
  WEEK: (ms) => floorTo(ms, 7 * DAY_MS, FIRST_MONDAY_MS),
  MONTH: startOfMonth,
};

/** Where the step that holds an instant begins, in milliseconds since the epoch. */
export const startOfStep = (step: Step, ms: number): number => STARTS[step](ms);

/** `lastAtMs` tells which `last` holds. */
type Held = MetricSummary & { lastAtMs: number };

function merge(held: Held, part: Held): void {
  const samples = held.samples + part.samples;
  held.mean += ((part.mean - held.mean) * part.samples) / samples;
  held.samples = samples;
  if (part.min < held.min) held.min = part.min;
  if (part.max > held.max) held.max = part.max;
  if (part.lastAtMs < held.lastAtMs) return;
  held.last = part.last;
  held.lastAtMs = part.lastAtMs;
}

const heldOf = (name: string, value: number, lastAtMs: number): Held => ({
  name,
  mean: value,
  min: value,
  max: value,
  last: value,
  samples: 1,
  lastAtMs,
});

const summaryOf = ({ name, mean, min, max, last, samples }: Held): MetricSummary => ({
  name,
  mean,
  min,
  max,
  last,
  samples,
});

const byName = (one: MetricSummary, other: MetricSummary): number =>
  one.name < other.name ? -1 : one.name > other.name ? 1 : 0;

type Points = Map<number, Held[]>;

/** Adds a metric to those of a point; `isFirst`: the row is the point's first, so that none of it can be there yet. */
function addTo(point: Held[], part: Held, isFirst: boolean): void {
  const held = isFirst ? undefined : point.find(({ name }) => name === part.name);
  if (held === undefined) point.push(part);
  else merge(held, part);
}

/**
 * Puts what one statement gave together, by device in the order of `deviceIds`, then by time. Written for thousands of rows within a
 * request: what depends on the row is looked up once for the row, and nothing is made that does not stay.
 */
export function foldSeries(
  { layouts, rolled, archived, fresh }: SeriesRows,
  { deviceIds, step, metrics }: { deviceIds: readonly string[]; step: Step; metrics: readonly string[] | null },
): SeriesPoint[] {
  const startOf = STARTS[step];
  const devices = new Map<string, Points>(deviceIds.map((id) => [id, new Map()]));
  const wanted = metrics === null ? null : new Set(metrics);
  /** The places of a layout's arrays that are wanted, with their names. */
  const places = Object.fromEntries(
    Object.entries(layouts).map(([id, names]) => [
      id,
      [...names.entries()].filter(([, name]) => wanted === null || wanted.has(name)),
    ]),
  );
  const pointAt = (deviceId: string, ms: number): Held[] => {
    const points = devices.get(deviceId);
    const startMs = startOf(ms);
    const point = points?.get(startMs) ?? [];
    if (point.length === 0) points?.set(startMs, point);
    return point;
  };
  for (const [deviceId, seconds, layoutId, values] of archived) {
    const atMs = seconds * 1_000;
    const point = pointAt(deviceId, atMs);
    const isFirst = point.length === 0;
    for (const [index, name] of places[layoutId] ?? []) {
      const value = values[index];
      if (value != null) addTo(point, heldOf(name, value, atMs), isFirst);
    }
  }
  for (const [deviceId, seconds, values] of fresh) {
    const atMs = seconds * 1_000;
    const point = pointAt(deviceId, atMs);
    const isFirst = point.length === 0;
    for (const name of wanted ?? Object.keys(values)) {
      const value = values[name];
      if (value !== undefined) addTo(point, heldOf(name, value, atMs), isFirst);
    }
  }
  for (const [deviceId, seconds, layoutId, counts, means, mins, maxs, lasts] of rolled) {
    const lastAtMs = seconds * 1_000;
    const point = pointAt(deviceId, lastAtMs);
    const isFirst = point.length === 0;
    for (const [index, name] of places[layoutId] ?? []) {
      const [samples = 0, mean, min, max, last] = [
        counts[index],
        means?.[index],
        mins?.[index],
        maxs?.[index],
        lasts?.[index],
      ];
      if (mean == null || min == null || max == null || last == null) continue;
      addTo(point, { name, mean, min, max, last, samples, lastAtMs }, isFirst);
    }
  }
  const metricsOf = (point: Held[]): MetricSummary[] => point.map(summaryOf).sort(byName);
  return [...devices].flatMap(([deviceId, points]) =>
    [...points]
      .filter(([, point]) => point.length > 0)
      .sort(([one], [other]) => one - other)
      .map(([fromMs, point]) => ({ deviceId, from: new Date(fromMs), metrics: metricsOf(point) })),
  );
}
