import type { SeriesRows } from './store/samples.ts';

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
const DAY_MS = 24 * HOUR_MS;
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

/** What is known of a metric's samples from some time of a step on; `lastAtMs` tells which `last` holds. */
type Part = Omit<MetricSummary, 'name'> & { lastAtMs: number };
type Held = MetricSummary & { lastAtMs: number };

function addTo(held: Held, part: Part): void {
  const samples = held.samples + part.samples;
  held.mean += ((part.mean - held.mean) * part.samples) / samples;
  held.samples = samples;
  if (part.min < held.min) held.min = part.min;
  if (part.max > held.max) held.max = part.max;
  if (part.lastAtMs < held.lastAtMs) return;
  held.last = part.last;
  held.lastAtMs = part.lastAtMs;
}

const sampleOf = (value: number, lastAtMs: number): Part => ({
  ...{ mean: value, min: value, max: value, last: value, samples: 1 },
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

/** Puts what one statement gave together, by device in the order of `deviceIds`, then by time. */
export function foldSeries(
  { layouts, rolled, archived, fresh }: SeriesRows,
  { deviceIds, step, metrics }: { deviceIds: readonly string[]; step: Step; metrics: readonly string[] | null },
): SeriesPoint[] {
  const wanted = metrics === null ? null : new Set(metrics);
  const devices = new Map(deviceIds.map((id) => [id, new Map<number, Map<string, Held>>()]));
  const add = (deviceId: string, seconds: number, name: string, part: Part): void => {
    if (wanted !== null && !wanted.has(name)) return;
    const points = devices.get(deviceId);
    if (points === undefined) return;
    const startMs = startOfStep(step, seconds * 1_000);
    let point = points.get(startMs);
    if (point === undefined) {
      point = new Map();
      points.set(startMs, point);
    }
    const held = point.get(name);
    if (held === undefined) point.set(name, { name, ...part });
    else addTo(held, part);
  };
  for (const [deviceId, seconds, layoutId, values] of archived) {
    const names = layouts[layoutId] ?? [];
    for (const [index, value] of values.entries())
      if (value !== null) add(deviceId, seconds, names[index] ?? '', sampleOf(value, seconds * 1_000));
  }
  for (const [deviceId, seconds, values] of fresh)
    for (const [name, value] of Object.entries(values)) add(deviceId, seconds, name, sampleOf(value, seconds * 1_000));
  for (const [deviceId, seconds, layoutId, counts, means, mins, maxs, lasts] of rolled) {
    const names = layouts[layoutId] ?? [];
    for (const [index, samples] of counts.entries()) {
      const [mean, min, max, last] = [means?.[index], mins?.[index], maxs?.[index], lasts?.[index]];
      if (mean == null || min == null || max == null || last == null) continue;
      add(deviceId, seconds, names[index] ?? '', { mean, min, max, last, samples, lastAtMs: seconds * 1_000 });
    }
  }
  return [...devices].flatMap(([deviceId, points]) =>
    [...points]
      .sort(([one], [other]) => one - other)
      .map(([fromMs, point]) => ({
        deviceId,
        from: new Date(fromMs),
        metrics: [...point.values()].map(summaryOf).sort(byName),
      })),
  );
}
