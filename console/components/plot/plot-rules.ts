import type { Status } from '../status-rules.ts';

/** A step of a series; times are ms since the epoch. `value` null: there is no data. */
export type PlotPoint = { fromMs: number; toMs: number; value: number | null; min: number | null; max: number | null };

/** A time that is shaded. ONLINE is not: normal is quiet. */
export type PlotSpan = { fromMs: number; toMs: number; kind: Exclude<Status, 'ONLINE'> | 'MAINTENANCE' };

/** Something that happened, drawn as a tick at the top. `text` is told when the cursor is there. */
export type PlotTick = { atMs: number; kind: Status | 'OTHER'; text: string };

/** A stretch from one pixel to another. */
export type Stretch = readonly [from: number, to: number];

/** Columns as uPlot wants them: times, then the largest and the smallest of each step, and above these the values. */
export type PlotColumns = [number[], (number | null)[], (number | null)[], (number | null)[]];

/**
 * The columns of a series. A value stands where its step begins, and with `isWhole`, where it says something of the step as a whole, in its
 * middle. A stepped line needs the end of the last step as well.
 */
export function columnsOf(points: readonly PlotPoint[], { isStepped, isWhole }: PlotShape): PlotColumns {
  const last = points.at(-1);
  const shown = isStepped && last !== undefined ? [...points, { ...last, fromMs: last.toMs }] : points;
  return [
    shown.map(({ fromMs, toMs }) => (isWhole && !isStepped ? (fromMs + toMs) / 2 : fromMs)),
    shown.map(({ max }) => max),
    shown.map(({ min }) => min),
    shown.map(({ value }) => value),
  ];
}

export type PlotShape = { isStepped: boolean; isWhole: boolean };

/** Stretches in their order, those that touch as one: of what uPlot leaves out nothing may overlap. */
export function joined(stretches: readonly Stretch[]): Stretch[] {
  const all: Stretch[] = [];
  for (const [from, to] of stretches.toSorted(([a], [b]) => a - b)) {
    const last = all.at(-1);
    if (last === undefined || from > last[1]) all.push([from, to]);
    else all[all.length - 1] = [last[0], Math.max(last[1], to)];
  }
  return all;
}

/** Values that have no neighbour to draw a line to: they are drawn as points, or nobody would see them. */
export const alone = (values: readonly (number | null | undefined)[]): number[] =>
  values.flatMap((value, at) => {
    const isAlone = (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null;
    return typeof value === 'number' && isAlone ? [at] : [];
  });

/** From where to where the axis goes: with room on both sides, and not below nothing for what is never negative. */
export function rangeOf(min: number | null, max: number | null): [number, number] {
  if (min === null || max === null || !Number.isFinite(min) || !Number.isFinite(max)) return [0, 1];
  const room = max > min ? (max - min) * 0.12 : Math.abs(max) * 0.1 || 1;
  return [min >= 0 ? Math.max(0, min - room) : min - room, max + room];
}

export type PlotSummary = { min: number; max: number; last: number };

/** The smallest, the largest and the last value; null where there is none at all. */
export const summaryOf = (points: readonly PlotPoint[]): PlotSummary | null =>
  points.reduce<PlotSummary | null>((summary, { value, min, max }) => {
    if (value === null) return summary;
    return {
      min: Math.min(summary?.min ?? value, min ?? value),
      max: Math.max(summary?.max ?? value, max ?? value),
      last: value,
    };
  }, null);

/** What is near enough to a place to be meant by it; `atPx` is where each stands. */
export const nearest = <Each>(all: readonly Each[], atPx: (each: Each) => number, px: number, withinPx = 6): Each[] =>
  all.filter((each) => Math.abs(atPx(each) - px) <= withinPx);

/** What somebody dragged over, as times, ordered; null for less than a press that slipped. */
export function draggedRange(
  startMs: number,
  endMs: number,
  { widthPx, leastMs }: { widthPx: number; leastMs: number },
): { from: Date; to: Date } | null {
  const [from, to] = startMs <= endMs ? [startMs, endMs] : [endMs, startMs];
  if (Math.abs(widthPx) < 4 || to - from < leastMs) return null;
  return { from: new Date(Math.round(from)), to: new Date(Math.round(to)) };
}

/** A number of a plot, with as many digits as tell it from its neighbours: `31.25`, `1,204`, `0.0012`. */
export function plotNumber(value: number): string {
  const size = Math.abs(value);
  const digits = size === 0 || size >= 100 ? (Number.isInteger(value) ? 0 : 1) : size >= 1 ? 2 : 4;
  return value.toLocaleString('en', { maximumFractionDigits: digits });
}
