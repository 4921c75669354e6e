import { DAY_MINUTES } from './time-zone.ts';

export const WEEKDAYS = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/**
 * Local times, `09:00`; `off` may be `24:00`. An `off` that is not after `on` is on the next day, so that a window is never longer
 * than a day. A window belongs to the day on which it begins.
 */
export type Window = { on: string; off: string };
export type OpeningHours = Window & { weekday: Weekday };
/** The windows of one day, in place of its weekday's; none: it is closed. */
export type HoursException = { date: string; windows: Window[] };
export type Hours = { weekly: OpeningHours[]; exceptions: HoursException[] };

export const NO_HOURS: Hours = { weekly: [], exceptions: [] };
export const isNone = ({ weekly, exceptions }: Hours): boolean => weekly.length === 0 && exceptions.length === 0;

export const MAX_WINDOWS_A_DAY = 4;
/** A year, day by day. */
export const MAX_EXCEPTIONS = 366;

/** Local minutes since 1970-01-01 00:00, half-open. */
export type Span = { from: number; to: number };

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

/** When a window that begins on this day is on. @param day as days since 1970-01-01 */
export function spanOf({ on, off }: Window, day: number): Span {
  const from = minutesOf(on);
  const to = minutesOf(off);
  return { from: day * DAY_MINUTES + from, to: (to > from ? day : day + 1) * DAY_MINUTES + to };
}

/** A day of the calendar as days since 1970-01-01. */
export const dayOf = (date: string): number => Date.parse(`${date}T00:00:00Z`) / (DAY_MINUTES * 60_000);

/** The place in WEEKDAYS of a day. 1970-01-01 was a Thursday. */
export const weekdayIndex = (day: number): number => (((day + 3) % 7) + 7) % 7;

/** The same hours in one order, so that equal hours are equal text. */
export function inOrder({ weekly, exceptions }: Hours): Hours {
  const byOn = (a: Window, b: Window): number => minutesOf(a.on) - minutesOf(b.on);
  return {
    weekly: weekly
      .map(({ weekday, on, off }) => ({ weekday, on, off }))
      .sort((a, b) => WEEKDAYS.indexOf(a.weekday) - WEEKDAYS.indexOf(b.weekday) || byOn(a, b)),
    exceptions: exceptions
      .map(({ date, windows }) => ({ date, windows: windows.map(({ on, off }) => ({ on, off })).sort(byOn) }))
      .sort((a, b) => (a.date < b.date ? -1 : 1)),
  };
}
