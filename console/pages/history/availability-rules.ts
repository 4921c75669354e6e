import type { PlotPoint } from '../../components/plot/plot-rules.ts';
import type { AvailabilityStepsQuery, AvailabilityTotalsQuery } from '../../generated/history/graphql.ts';
import { type Counting, KINDS } from './view-rules.ts';

export type Total = NonNullable<AvailabilityTotalsQuery['availability']>[number];
export type StepTime = NonNullable<AvailabilityStepsQuery['availability']>[number];
export type Seconds = Pick<
  Total,
  'onlineSeconds' | 'degradedSeconds' | 'offlineSeconds' | 'unknownSeconds' | 'blindSeconds'
>;
export type Kind = 'online' | 'degraded' | 'offline' | 'unknown' | 'blind';

/** From what is worst to what is well: the order of bars and of words. */
export const TIME_KINDS: readonly Kind[] = ['offline', 'degraded', 'unknown', 'blind', 'online'];

const secondsOf = (of: Seconds, kind: Kind): number => of[`${kind}Seconds`];

/** Where the time of a group went, in shares of 1 that add up to it; empty where there is none. */
export function sharesOf(of: Seconds): { kind: Kind; share: number; seconds: number }[] {
  const all = TIME_KINDS.reduce((sum, kind) => sum + secondsOf(of, kind), 0);
  if (all <= 0) return [];
  return TIME_KINDS.map((kind) => ({ kind, seconds: secondsOf(of, kind), share: secondsOf(of, kind) / all })).filter(
    ({ seconds }) => seconds > 0,
  );
}

/** The least that a part of a bar, or of a cell, is wide or high: what there was of an outage is seen. */
const LEAST_SHARE = 0.02;

/** Where the parts of a bar begin and how wide they are, in shares of 1; each that is there is seen, and what is well gives way. */
export function barOf(of: Seconds): { kind: Kind; at: number; width: number }[] {
  const shares = sharesOf(of).map((part) => ({ ...part, width: Math.max(part.share, LEAST_SHARE) }));
  const over = shares.reduce((sum, { width }) => sum + width, 0) - 1;
  const widest = shares.reduce<(typeof shares)[number] | null>(
    (found, part) => (found === null || part.width > found.width ? part : found),
    null,
  );
  let at = 0;
  return shares.map((part) => {
    const width = part === widest ? part.width - over : part.width;
    const start = at;
    at += width;
    return { kind: part.kind, at: start, width };
  });
}

/**
 * How a step looks in a strip: how much of the counted time was lost, and to what most of it; what is left out of the counting, or counts as
 * online, is no loss, however much there is of it. Null height: nothing was counted.
 */
export function cellOf(
  step: Pick<StepTime, 'onlineRatio'> & Seconds,
  counting: Counting,
): { kind: Kind; height: number | null } {
  if (step.onlineRatio === null) return { kind: 'unknown', height: null };
  const lost = 1 - step.onlineRatio;
  const losses: Kind[] = ['offline', ...KINDS.filter((kind) => counting[kind] === 'AS_OFFLINE')];
  const worst = losses.toSorted((a, b) => secondsOf(step, b) - secondsOf(step, a))[0];
  // Half of the height for a tenth lost: an hour of a day is seen, and a whole day is told from it.
  return lost <= 0 ? { kind: 'online', height: 0 } : { kind: worst ?? 'offline', height: Math.max(lost ** 0.3, 0.15) };
}

/** A share as per cent, such as `99.93`; not rounded up to a whole that it is not. */
export function percentText(ratio: number): string {
  const percent = ratio * 100;
  const rounded = percent >= 99.995 && percent < 100 ? 99.99 : percent;
  return rounded.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

/** Seconds as hours with one digit, so that they stand below each other: `1,204.0`, `3.4`, `0.0`; less than a tenth is not nothing. */
export function hoursText(seconds: number): string {
  const hours = seconds / 3_600;
  if (hours > 0 && hours < 0.05) return '< 0.1';
  return hours.toLocaleString('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
}

/** Where a step stands in a range, and how wide it is, in shares of 1: strips of groups that were not always there stand below each other. */
export function placeOf(step: Pick<StepTime, 'from' | 'to'>, range: Pick<StepTime, 'from' | 'to'>) {
  const start = Date.parse(range.from);
  const length = Math.max(Date.parse(range.to) - start, 1);
  const at = (Date.parse(step.from) - start) / length;
  return { at, width: (Date.parse(step.to) - start) / length - at };
}

/** The strips of groups, by group, in the order of time. */
export const stepsByGroup = (steps: readonly StepTime[]): Map<string, StepTime[]> =>
  Map.groupBy(steps, ({ group }) => group);

/** The lowest step of a strip; null where no time of it is counted. */
export const lowest = (steps: readonly StepTime[]): (StepTime & { onlineRatio: number }) | null =>
  steps.reduce<(StepTime & { onlineRatio: number }) | null>((low, step) => {
    const { onlineRatio } = step;
    return onlineRatio !== null && (low === null || onlineRatio < low.onlineRatio) ? { ...step, onlineRatio } : low;
  }, null);

/** A strip as a column of a table, in per cent. */
export const pointsOf = (steps: readonly StepTime[]): PlotPoint[] =>
  steps.map(({ from, to, onlineRatio }) => {
    const value = onlineRatio === null ? null : Math.round(onlineRatio * 100_000) / 1_000;
    return { fromMs: Date.parse(from), toMs: Date.parse(to), value, min: value, max: value };
  });

/** As many groups times steps as one request may have (docs/graph.md). */
const MOST_TOGETHER = 10_000;
const DAYS_OF = { DAY: 1, WEEK: 7, MONTH: 28 };

/** Groups in parts that may be asked for together; null where even one group has too many steps. */
export function inParts<Each>(
  groups: readonly Each[],
  { from, to, step }: { from: string; to: string; step: keyof typeof DAYS_OF },
): Each[][] | null {
  const days = (Date.parse(to) - Date.parse(from)) / 86_400_000;
  // Both ends may cut a step.
  const steps = Math.ceil(days / DAYS_OF[step]) + 2;
  const size = Math.min(Math.floor(MOST_TOGETHER / steps), 1_000);
  if (size < 1) return null;
  return Array.from({ length: Math.ceil(groups.length / size) }, (_, part) =>
    groups.slice(part * size, (part + 1) * size),
  );
}
