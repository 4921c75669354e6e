import { dayOf, type Hours, type Span, spanOf, WEEKDAYS, type Window, weekdayIndex } from './hours.ts';
import { DAY_MINUTES, dayAt, instantOf } from './time-zone.ts';

export type Power = 'ON' | 'OFF';
export type Switching = { at: Date; power: Power };

/** Where the local clock switches, as local minutes since 1970-01-01 00:00. */
type Edge = { minutes: number; power: Power };

type Plan = {
  /** Windows by the place of the weekday. */
  weekly: Window[][];
  /** Windows by days since 1970-01-01. */
  exceptions: Map<number, Window[]>;
};

const planOf = ({ weekly, exceptions }: Hours): Plan => {
  const byWeekday = Map.groupBy(weekly, ({ weekday }) => weekday);
  return {
    weekly: WEEKDAYS.map((weekday) => byWeekday.get(weekday) ?? []),
    exceptions: new Map(exceptions.map(({ date, windows }) => [dayOf(date), windows])),
  };
};

const spansOn = ({ weekly, exceptions }: Plan, day: number): Span[] =>
  (exceptions.get(day) ?? weekly[weekdayIndex(day)] ?? []).map((window) => spanOf(window, day));

/** Spans in their order, those that touch or overlap made one. */
function union(spans: Span[]): Span[] {
  const merged: Span[] = [];
  for (const span of spans.sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last === undefined || span.from > last.to) merged.push({ ...span });
    else last.to = Math.max(last.to, span.to);
  }
  return merged;
}

/** The edges from the beginning of a day to before its end. Only its own windows and those of the day before reach into it. */
function edgesOn(plan: Plan, day: number): Edge[] {
  const start = day * DAY_MINUTES;
  return union([...spansOn(plan, day - 1), ...spansOn(plan, day)])
    .flatMap(({ from, to }): Edge[] => [
      { minutes: from, power: 'ON' },
      { minutes: to, power: 'OFF' },
    ])
    .filter(({ minutes }) => minutes >= start && minutes < start + DAY_MINUTES);
}

const WEEK = [0, 1, 2, 3, 4, 5, 6];

/**
 * Days on which there may be edges, from `start` on or backwards, with no end too soon: where the weekday's windows have edges, so
 * many weeks that not all of them can be days of exceptions or the days after them; then the exceptions that are further away.
 */
function* daysFrom(plan: Plan, start: number, step: 1 | -1): Generator<number> {
  const regular: Plan = { ...plan, exceptions: new Map() };
  const isRegular = WEEK.some((day) => edgesOn(regular, day).length > 0);
  const count = isRegular ? 7 * (2 * plan.exceptions.size + 4) : 0;
  for (let index = 0; index < count; index += 1) yield start + index * step;
  const end = start + count * step;
  const rest = new Set([...plan.exceptions.keys()].flatMap((day) => [day, day + 1]));
  yield* [...rest].filter((day) => (day - end) * step >= 0).sort((a, b) => (a - b) * step);
}

/** Edges of these days that come at one instant are one switching where they are odd in number, and none where they are even. */
function* switchingsOn(plan: Plan, timeZone: string, days: Iterable<number>, step: 1 | -1): Generator<Switching> {
  let held: { at: Date; edges: Edge[] } | null = null;
  // Edges take turns: the state after some of them is what the last one says, and it differs from before when they are odd in number.
  const settle = ({ at, edges }: { at: Date; edges: Edge[] }): Switching[] => {
    const last = step === 1 ? edges.at(-1) : edges[0];
    return last === undefined || edges.length % 2 === 0 ? [] : [{ at, power: last.power }];
  };
  for (const day of days) {
    const edges = edgesOn(plan, day);
    for (const edge of step === 1 ? edges : edges.reverse()) {
      const at = instantOf(edge.minutes, timeZone);
      if (held !== null && held.at.getTime() === at.getTime()) held.edges.push(edge);
      else {
        if (held !== null) yield* settle(held);
        held = { at, edges: [edge] };
      }
    }
  }
  if (held !== null) yield* settle(held);
}

/**
 * Days around a moment's own that its switchings may stand under: clocks that are put back may show the day before again, and a
 * whole day may be left out (Pacific/Apia, 2011-12-30), whose edges come with those of the next.
 */
const DAYS_AROUND = 2;

/** The first switching after `now`; null when none is to come. @throws RangeError for an unknown time zone */
export function nextSwitching(hours: Hours, timeZone: string, now: Date): Switching | null {
  const plan = planOf(hours);
  const days = daysFrom(plan, dayAt(now, timeZone) - DAYS_AROUND, 1);
  for (const switching of switchingsOn(plan, timeZone, days, 1)) if (switching.at > now) return switching;
  return null;
}

/** The last switching at or before `now`; null when there was none. @throws RangeError for an unknown time zone */
export function lastSwitching(hours: Hours, timeZone: string, now: Date): Switching | null {
  const plan = planOf(hours);
  const days = daysFrom(plan, dayAt(now, timeZone) + DAYS_AROUND, -1);
  for (const switching of switchingsOn(plan, timeZone, days, -1)) if (switching.at <= now) return switching;
  return null;
}
