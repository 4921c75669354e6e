import { callerError } from '@wheelhouse/kit/errors.ts';
import type { Context } from '../context.ts';
import { DEFAULT_COUNTING, onlineRatio } from '../counting.ts';
import type { DeviceResolvers, HistoryPoint } from '../generated/types.ts';
import { type SubjectLoader, subjectLoader } from '../loaders.ts';
import type { Step } from '../series.ts';
import { stepsOf } from '../steps.ts';
import { readUnits } from '../store/metric-names.ts';
import { readSeries } from '../store/samples.ts';
import { readStatusTime } from '../store/status-time.ts';
import { checkSpan, DAY_MS, type Span } from '../time-range.ts';
import { createTogetherCheck } from '../together.ts';

export type HistoryQuestion = { span: Span; step: Step; metrics: readonly string[] | null };
export type HistoryLoader = SubjectLoader<HistoryQuestion, HistoryPoint[]>;

const SHOWN_CHARACTERS = 60;

/** @throws BAD_USER_INPUT when there is no metric of one of these names, with the names there are */
function checkMetrics(names: readonly string[], known: ReadonlyMap<string, unknown>): void {
  const unknown = names.find((name) => !known.has(name));
  if (unknown === undefined) return;
  const there = known.size === 0 ? 'there are none yet' : `there are ${[...known.keys()].join(', ')}`;
  const message = `metrics names ${JSON.stringify(unknown.slice(0, SHOWN_CHARACTERS))}, which no service samples: ${there}`;
  throw callerError('BAD_USER_INPUT', message, 'metrics');
}

type Read = Pick<Context, 'db' | 'sampledServices' | 'now' | 'maySeePast'>;

/** The points of all these devices: as many statements as for one. Plain objects, since there may be tens of thousands of values. */
async function readHistory(
  { db, sampledServices, now, maySeePast }: Read,
  deviceIds: readonly string[],
  { span, step, metrics }: HistoryQuestion,
  checkTogether: ReturnType<typeof createTogetherCheck>,
): Promise<Map<string, HistoryPoint[]>> {
  const steps = stepsOf(step, span);
  const [first, last] = [steps[0], steps.at(-1)];
  if (first === undefined || last === undefined) return new Map();
  // Weeks and months are made from days.
  checkTogether(deviceIds.length, Math.max(steps.length, Math.ceil((last.toMs - first.fromMs) / DAY_MS)));
  const units = await readUnits(db, sampledServices);
  checkMetrics(metrics ?? [], units);
  const own = await maySeePast.only(deviceIds);
  const range = { from: new Date(first.fromMs), to: new Date(last.toMs) };
  const [points, times] = await Promise.all([
    readSeries(db, sampledServices, { ...range, deviceIds: own, step, metrics }),
    readStatusTime(db, {
      parts: steps,
      now: now(),
      groupBy: 'DEVICE',
      filter: { deviceIds: own, sites: null, systems: null },
    }),
  ]);
  const pointsOf = emptyPoints(steps);
  const places = new Map(steps.map(({ fromMs }, place) => [fromMs, place]));
  const history = new Map(deviceIds.map((id) => [id, pointsOf()]));
  for (const { deviceId, from, metrics: summaries } of points) {
    const point = history.get(deviceId)?.[places.get(from.getTime()) ?? -1];
    if (point === undefined) continue;
    point.metrics = summaries.map((summary) => ({ ...summary, unit: units.get(summary.name) ?? null }));
  }
  for (const { group, part, ...seconds } of times) {
    const point = history.get(group)?.[part];
    if (point !== undefined) point.onlineRatio = onlineRatio({ ...seconds, maintenanceSeconds: 0 }, DEFAULT_COUNTING);
  }
  return history;
}

type Point = { from: Date; to: Date; onlineRatio: number | null; metrics: HistoryPoint['metrics'] };

/** An instant that thousands of points have in common: its text, which costs more to make than all else about a point, is made once. */
class SharedInstant extends Date {
  #text: string | null = null;
  override toISOString(): string {
    this.#text ??= super.toISOString();
    return this.#text;
  }
}

/** Makes points about which nothing is known, one for each step; their times are the same objects in all. */
function emptyPoints(steps: readonly Span[]): () => Point[] {
  const bounds = steps.map(({ fromMs, toMs }) => ({ from: new SharedInstant(fromMs), to: new SharedInstant(toMs) }));
  return () => bounds.map(({ from, to }) => ({ from, to, onlineRatio: null, metrics: [] }));
}

export function historyLoader(read: Read): HistoryLoader {
  const checkTogether = createTogetherCheck('step');
  return subjectLoader<HistoryQuestion, HistoryPoint[]>(
    (deviceIds, question) => readHistory(read, deviceIds, question, checkTogether),
    () => [],
  );
}

export const historyDevice: Pick<DeviceResolvers, 'history'> = {
  history: ({ id }, { from, to, step, metrics }, { historyOf }) =>
    historyOf.load(id, { span: checkSpan({ from, to }), step, metrics: metrics ?? null }),
};
