import type { PlotPoint, PlotSpan, PlotTick } from '../../../../components/plot/plot-rules.ts';
import type { PlottedSeries } from '../../../../components/plot/plot-table.tsx';
import { inStatusWords } from '../../../../components/status-rules.ts';
import type { Step } from '../../../../components/time-range-rules.ts';
import { nameForPeople } from '../../../../data/names.ts';
import type { DeviceHistoryQuery } from '../../../../generated/device/sections/history/graphql.ts';

type Device = NonNullable<DeviceHistoryQuery['device']>;
export type HistoryPoint = NonNullable<Device['history']>[number];
export type HistoryChange = NonNullable<Device['changes']>['nodes'][number];
type Status = NonNullable<HistoryChange['status']>;

const DAY_MS = 86_400_000;
/** What an export may reach over (docs/analysts.md). */
export const EXPORT_DAYS = 400;

/** A plotted metric, under its name in the graph. */
export type MetricSeries = PlottedSeries & { name: string };

/** A series for each metric that has samples, by name; steps without any are gaps. */
export function seriesOf(points: readonly HistoryPoint[]): MetricSeries[] {
  const units = new Map(points.flatMap(({ metrics }) => metrics.map(({ name, unit }) => [name, unit])));
  return [...units]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, unit]) => ({
      ...{ name, unit, label: nameForPeople(name, unit) },
      points: points.map(({ from, to, metrics }): PlotPoint => {
        const { mean = null, min = null, max = null } = metrics.find((metric) => metric.name === name) ?? {};
        return { fromMs: Date.parse(from), toMs: Date.parse(to), value: mean, min, max };
      }),
    }));
}

/** How much of each step the device was available, in per cent; null where nothing is known. */
export const availabilityOf = (points: readonly HistoryPoint[]): PlotPoint[] =>
  points.map(({ from, to, onlineRatio }) => {
    const value = onlineRatio === null ? null : onlineRatio * 100;
    return { fromMs: Date.parse(from), toMs: Date.parse(to), value, min: value, max: value };
  });

/**
 * The times in which a device was not ONLINE, from `fromMs` to before `toMs`.
 *
 * @param before its status at `fromMs`; null: it was not in the registry
 * @param changes oldest first
 */
export function spansOf(
  before: Status | null,
  changes: readonly Pick<HistoryChange, 'at' | 'status'>[],
  { fromMs, toMs }: { fromMs: number; toMs: number },
): PlotSpan[] {
  const spans: PlotSpan[] = [];
  let [status, since] = [before, fromMs];
  const end = (atMs: number): void => {
    if (status !== null && status !== 'ONLINE' && atMs > since) spans.push({ fromMs: since, toMs: atMs, kind: status });
  };
  for (const { at, status: next } of changes) {
    if (next === null) continue;
    end(Date.parse(at));
    [status, since] = [next, Date.parse(at)];
  }
  end(toMs);
  return spans;
}

/** What happened, as ticks: a status in its own shape, all else in one. */
export const ticksOf = (
  changes: readonly HistoryChange[],
  words: { timeOf: (at: string) => string; statuses: Readonly<Record<Status, string>> },
): PlotTick[] =>
  changes.map(({ at, what, reason, actor, status }) => {
    const text = status === null ? what : inStatusWords(what, words.statuses);
    const parts = [`${words.timeOf(at)} ${text}`, actor, reason].filter((part) => part !== null);
    return { atMs: Date.parse(at), kind: status ?? 'OTHER', text: parts.join(' · ') };
  });

/** The step that fits, where the graph refused one and says which would do; null when it says nothing of the kind. */
export function fittingStep(messages: readonly string[]): Step | null {
  const found = messages.map((message) => /: (HOUR|DAY|WEEK|MONTH) fits$/.exec(message)?.[1]).find(Boolean);
  return (['HOUR', 'DAY', 'WEEK', 'MONTH'] as const).find((step) => step === found) ?? null;
}

/** Where the samples of a device in a range are had as a file; null where the range is too long for one. */
export function exportHref(
  device: string,
  { from, to, step, format }: { from: Date; to: Date; step: Step; format: 'csv' | 'ndjson' },
): string | null {
  if (to.getTime() - from.getTime() > EXPORT_DAYS * DAY_MS) return null;
  const range = { from: from.toISOString(), to: to.toISOString() };
  return `/export/history?${new URLSearchParams({ device, ...range, step: step === 'HOUR' ? 'HOUR' : 'DAY', format })}`;
}
