import {
  dayOf,
  type Hours,
  type HoursException,
  inOrder,
  MAX_EXCEPTIONS,
  MAX_WINDOWS_A_DAY,
  type OpeningHours,
  type Span,
  spanOf,
  WEEKDAYS,
  type Window,
  weekdayIndex,
} from './hours.ts';
import { DAY_MINUTES } from './time-zone.ts';

/** A mistake in hours that someone wants to set; its path is that of the input's field. */
export type HoursFault = { path: (string | number)[]; message: string };

/** What someone wants to set; what is left out or null stays as it is. */
export type HoursInput = {
  hoursOfOperation?: readonly OpeningHours[] | null | undefined;
  hoursExceptions?: readonly HoursException[] | null | undefined;
};

const WEEK_MINUTES = 7 * DAY_MINUTES;
const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;
const END_OF_DAY = '24:00';
/** Further away a day is a slip of the pen, and what lies past the year 9999 has no time that RFC 3339 can write. */
const FIRST_DATE = '2000-01-01';
const LAST_DATE = '2199-12-31';

type Path = (string | number)[];
/** A window with when it is on, where it stands in the input (null: it was there before), and how it is spoken of. */
type Placed = Span & { path: Path | null; text: string };

const SHOWN_CHARACTERS = 20;
const shown = (text: string): string => JSON.stringify(text.slice(0, SHOWN_CHARACTERS));

function timeFaults({ on, off }: Window, path: Path): HoursFault[] {
  const faults: HoursFault[] = [];
  const rule = 'a local time from 00:00 to 23:59, such as 09:00';
  if (!TIME.test(on)) faults.push({ path: [...path, 'on'], message: `on must be ${rule}; got ${shown(on)}` });
  if (!TIME.test(off) && off !== END_OF_DAY)
    faults.push({ path: [...path, 'off'], message: `off must be ${rule}, or 24:00; got ${shown(off)}` });
  return faults;
}

function weeklyFaults(weekly: readonly OpeningHours[], path: Path): HoursFault[] {
  const most = 7 * MAX_WINDOWS_A_DAY;
  if (weekly.length > most)
    return [{ path, message: `hoursOfOperation must have at most ${most} items, ${MAX_WINDOWS_A_DAY} a day` }];
  const counts = new Map<string, number>();
  return weekly.flatMap((window, index): HoursFault[] => {
    const count = (counts.get(window.weekday) ?? 0) + 1;
    counts.set(window.weekday, count);
    const own = [...path, index];
    const message = `${window.weekday} must have at most ${MAX_WINDOWS_A_DAY} windows`;
    return [...timeFaults(window, own), ...(count > MAX_WINDOWS_A_DAY ? [{ path: own, message }] : [])];
  });
}

function exceptionFaults(exceptions: readonly HoursException[], path: Path): HoursFault[] {
  if (exceptions.length > MAX_EXCEPTIONS)
    return [{ path, message: `hoursExceptions must have at most ${MAX_EXCEPTIONS} items` }];
  const seen = new Map<string, number>();
  return exceptions.flatMap(({ date, windows }, index): HoursFault[] => {
    const faults: HoursFault[] = [];
    const datePath = [...path, index, 'date'];
    const first = seen.get(date);
    if (first !== undefined)
      faults.push({ path: datePath, message: `date ${date} is that of item ${first + 1} already` });
    else seen.set(date, index);
    if (date < FIRST_DATE || date > LAST_DATE)
      faults.push({
        path: datePath,
        message: `date must lie between ${FIRST_DATE} and ${LAST_DATE}; got ${shown(date)}`,
      });
    const listPath = [...path, index, 'windows'];
    if (windows.length > MAX_WINDOWS_A_DAY)
      return [...faults, { path: listPath, message: `windows must have at most ${MAX_WINDOWS_A_DAY} items` }];
    return [...faults, ...windows.flatMap((window, place) => timeFaults(window, [...listPath, place]))];
  });
}

/** Where windows are on at a time at which another one is, told at the one that begins later, if it stands in the input. */
function overlaps(placed: readonly Placed[]): HoursFault[] {
  const faults: HoursFault[] = [];
  let longest: Placed | null = null;
  for (const window of placed.toSorted((a, b) => a.from - b.from)) {
    if (longest !== null && window.from < longest.to) {
      const [at, other]: [Placed, Placed] = window.path === null ? [longest, window] : [window, longest];
      if (at.path !== null) faults.push({ path: at.path, message: `${at.text} overlaps ${other.text}` });
    }
    if (longest === null || window.to > longest.to) longest = window;
  }
  return faults;
}

const spoken = (day: string, { on, off }: Window): string =>
  `${day} ${on} to ${off}${off > on ? '' : ' of the next day'}`;

const inWeek = (weekly: readonly OpeningHours[], path: Path | null): (Placed & { day: number })[] =>
  weekly.map((window, index) => {
    const day = WEEKDAYS.indexOf(window.weekday);
    return { ...spanOf(window, day), day, path: path && [...path, index], text: spoken(window.weekday, window) };
  });

/** Overlaps of the week with itself: Sunday's windows may reach into Monday. */
function weekOverlaps(weekly: readonly OpeningHours[], path: Path): HoursFault[] {
  const week = inWeek(weekly, path);
  const before = week
    .filter(({ to }) => to > WEEK_MINUTES)
    .map((window) => ({ ...window, from: window.from - WEEK_MINUTES, to: window.to - WEEK_MINUTES, path: null }));
  return overlaps([...before, ...week]);
}

/** Overlaps of the days of exceptions, and of those just before and after them. */
function exceptionOverlaps(hours: Hours, paths: { weekly: Path | null; exceptions: Path | null }): HoursFault[] {
  const week = inWeek(hours.weekly, paths.weekly);
  const byDay = new Map(hours.exceptions.map(({ date, windows }, index) => [dayOf(date), { date, windows, index }]));
  const placedOn = (day: number): Placed[] => {
    const exception = byDay.get(day);
    if (exception === undefined) {
      const moved = (day - weekdayIndex(day)) * DAY_MINUTES;
      return week
        .filter((window) => window.day === weekdayIndex(day))
        .map((window) => ({ ...window, from: window.from + moved, to: window.to + moved }));
    }
    const { date, windows, index } = exception;
    return windows.map((window, place) => ({
      ...spanOf(window, day),
      path: paths.exceptions && [...paths.exceptions, index, 'windows', place],
      text: spoken(date, window),
    }));
  };
  const days = new Set([...byDay.keys()].flatMap((day) => [day - 1, day, day + 1]));
  return overlaps([...days].flatMap(placedOn));
}

/**
 * Checks what someone wants to set against the hours that are there.
 *
 * @param options.path of the input
 * @param options.today the day at the site: exceptions that were there before and are over are in nobody's way
 * @returns the hours as they are to be, in one order, or all faults at once
 */
export function checkHours(
  input: HoursInput,
  before: Hours,
  options: { path: Path; today: string },
): { hours: Hours } | { faults: HoursFault[] } {
  const { path, today } = options;
  const weekly = input.hoursOfOperation ?? null;
  const exceptions = input.hoursExceptions ?? null;
  const paths = {
    weekly: weekly && [...path, 'hoursOfOperation'],
    exceptions: exceptions && [...path, 'hoursExceptions'],
  };
  const faults = [
    ...(weekly && paths.weekly ? weeklyFaults(weekly, paths.weekly) : []),
    ...(exceptions && paths.exceptions ? exceptionFaults(exceptions, paths.exceptions) : []),
  ];
  if (faults.length > 0) return { faults };
  if (weekly && paths.weekly) faults.push(...weekOverlaps(weekly, paths.weekly));
  // The week is checked by itself, with a path for each of its windows: what is found here is about exceptions.
  if (faults.length === 0) {
    const inTheWay = exceptions ?? before.exceptions.filter(({ date }) => date >= today);
    faults.push(...exceptionOverlaps({ weekly: [...(weekly ?? before.weekly)], exceptions: [...inTheWay] }, paths));
  }
  if (faults.length > 0) return { faults };
  const hours = { weekly: [...(weekly ?? before.weekly)], exceptions: [...(exceptions ?? before.exceptions)] };
  return { hours: inOrder(hours) };
}
