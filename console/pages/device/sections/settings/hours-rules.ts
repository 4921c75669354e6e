export const WEEKDAYS = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** Local times; an `off` that is not after `on` is on the next day, so that a window is a day long at most. */
export type Window = { readonly on: string; readonly off: string };
export type OpeningHours = Window & { readonly weekday: Weekday };
export type HoursException = { readonly date: string; readonly windows: readonly Window[] };
/** The windows that begin on each day of the week, in their order. */
export type Week = Readonly<Record<Weekday, readonly Window[]>>;

/** Minutes of a day, half-open; what ends after 1440 goes on over midnight. */
export type Stretch = { from: number; to: number };

export const DAY_MINUTES = 1_440;
/** The graph takes no more (subgraphs/fida/schema.graphql). */
export const MAX_WINDOWS_A_DAY = 4;

const two = (value: number): string => String(value).padStart(2, '0');
const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
/** `18:00`, and `24:00` for the end of the day. */
export const clockOf = (minutes: number): string =>
  minutes === DAY_MINUTES
    ? '24:00'
    : `${two(Math.floor((minutes % DAY_MINUTES) / 60))}:${two((minutes % DAY_MINUTES) % 60)}`;

export function stretchOf({ on, off }: Window): Stretch {
  const [from, to] = [minutesOf(on), minutesOf(off)];
  return { from, to: to > from ? to : to + DAY_MINUTES };
}
const windowOf = ({ from, to }: Stretch): Window => ({ on: clockOf(from), off: clockOf(to) });
const inOrder = (windows: readonly Window[]): Window[] =>
  windows.toSorted((a, b) => minutesOf(a.on) - minutesOf(b.on)).map(({ on, off }) => ({ on, off }));

export const weekOf = (hours: readonly OpeningHours[]): Week => {
  const days = Map.groupBy(hours, ({ weekday }) => weekday);
  return mapWeek((weekday) => inOrder(days.get(weekday) ?? []));
};
export const hoursOf = (week: Week): OpeningHours[] =>
  WEEKDAYS.flatMap((weekday) => week[weekday].map(({ on, off }) => ({ weekday, on, off })));

export const mapWeek = <Value>(of: (weekday: Weekday) => Value): Record<Weekday, Value> => ({
  MONDAY: of('MONDAY'),
  TUESDAY: of('TUESDAY'),
  WEDNESDAY: of('WEDNESDAY'),
  THURSDAY: of('THURSDAY'),
  FRIDAY: of('FRIDAY'),
  SATURDAY: of('SATURDAY'),
  SUNDAY: of('SUNDAY'),
});

/** The weekday that is so many days later. */
const dayAfter = (weekday: Weekday, days: number): Weekday =>
  WEEKDAYS[(WEEKDAYS.indexOf(weekday) + days + 7) % 7] ?? weekday;

export const weekdayOf = (date: string): Weekday =>
  // 1970-01-01 was a Thursday.
  dayAfter('THURSDAY', (Date.parse(`${date}T00:00Z`) / (DAY_MINUTES * 60_000)) % 7);

/** `09:00–18:00, 20:00–02:00`; nothing where there is no window. */
export const printWindows = (windows: readonly Window[]): string =>
  windows.map(({ on, off }) => `${on}–${off}`).join(', ');

const WHOLE_DAY: Window = { on: '00:00', off: '24:00' };
const WINDOW = /^(\d{1,2})(?::(\d\d))?\s*(?:-|–|—|to)\s*(\d{1,2})(?::(\d\d))?$/;

/**
 * What somebody typed as the windows of a day, as freely as is plain: `9-18`, `09:00–12:30, 14 to 18`, `closed`, `all day`. Null where it
 * says nothing that can be understood.
 */
export function parseWindows(text: string): readonly Window[] | null {
  const plain = text.trim().toLowerCase();
  if (plain === '' || plain === 'closed' || plain === 'off' || plain === '-') return [];
  if (plain === 'all day' || plain === 'on') return [WHOLE_DAY];
  const windows = plain.split(/\s*[,;]\s*|\s+and\s+/).map((part): Window | null => {
    const [, onHour, onMinute = '00', offHour, offMinute = '00'] = WINDOW.exec(part.trim()) ?? [];
    if (onHour === undefined || offHour === undefined) return null;
    const window = { on: `${onHour.padStart(2, '0')}:${onMinute}`, off: `${offHour.padStart(2, '0')}:${offMinute}` };
    const isFine = (time: string, most: number): boolean => Number(time.slice(3)) < 60 && minutesOf(time) <= most;
    return isFine(window.on, DAY_MINUTES - 1) && isFine(window.off, DAY_MINUTES) ? window : null;
  });
  return windows.includes(null) ? null : inOrder(windows.filter((window) => window !== null));
}

/** What is wrong with the windows of each day of a week; a day that is fine is left out. */
export function weekFaults(week: Week): Partial<Record<Weekday, 'tooMany' | 'overlap'>> {
  const faults: Partial<Record<Weekday, 'tooMany' | 'overlap'>> = {};
  for (const weekday of WEEKDAYS) {
    const stretches = week[weekday].map(stretchOf);
    const carried = carriedInto(week, weekday);
    const isOver = [...carried, ...stretches].some(({ to }, index, all) =>
      all.slice(index + 1).some(({ from }) => from < to),
    );
    if (stretches.length > MAX_WINDOWS_A_DAY) faults[weekday] = 'tooMany';
    else if (isOver) faults[weekday] = 'overlap';
  }
  return faults;
}

/** What goes on from the day before, in this day's minutes. */
export const carriedInto = (week: Week, weekday: Weekday): Stretch[] =>
  week[dayAfter(weekday, -1)]
    .map(stretchOf)
    .filter(({ to }) => to > DAY_MINUTES)
    .map(({ to }) => ({ from: 0, to: to - DAY_MINUTES }));

const without = (stretches: readonly Stretch[], hole: Stretch): Stretch[] =>
  stretches
    .flatMap(({ from, to }) => [
      { from, to: Math.min(to, hole.from) },
      { from: Math.max(from, hole.to), to },
    ])
    .filter(({ from, to }) => from < to);

/** What touches or overlaps becomes one, unless that would be longer than a day. */
function joined(stretches: readonly Stretch[]): Stretch[] {
  const whole: Stretch[] = [];
  for (const next of stretches.toSorted((a, b) => a.from - b.from)) {
    const last = whole.at(-1);
    const to = Math.max(last?.to ?? 0, next.to);
    if (last !== undefined && next.from <= last.to && to - last.from <= DAY_MINUTES) last.to = to;
    else whole.push({ from: Math.max(next.from, last?.to ?? 0), to: next.to });
  }
  return whole.filter(({ from, to }) => from < to);
}

/**
 * The week after somebody painted over a part of a day: on or off. What goes on from the day before is painted over as well; what is left
 * of it after midnight begins on its own day then.
 */
export function paint(week: Week, weekday: Weekday, part: Stretch, isOn: boolean): Week {
  const yesterday = dayAfter(weekday, -1);
  const today = week[weekday].map(stretchOf);
  if (isOn) {
    const fresh = carriedInto(week, weekday).reduce((left, carried) => without(left, carried), [part]);
    return { ...week, [weekday]: joined([...today, ...fresh]).map(windowOf) };
  }
  const before = without(week[yesterday].map(stretchOf), {
    from: part.from + DAY_MINUTES,
    to: part.to + DAY_MINUTES,
  });
  const left = before
    .filter(({ from }) => from >= DAY_MINUTES)
    .map(({ from, to }) => ({ from: from - DAY_MINUTES, to: to - DAY_MINUTES }));
  return {
    ...week,
    [yesterday]: before.filter(({ from }) => from < DAY_MINUTES).map(windowOf),
    [weekday]: joined([...without(today, part), ...left]).map(windowOf),
  };
}

/** Whether the display is on at this minute of the day. */
export const isOnAt = (week: Week, weekday: Weekday, minute: number): boolean =>
  [...carriedInto(week, weekday), ...week[weekday].map(stretchOf)].some(
    ({ from, to }) => from <= minute && minute < to,
  );
