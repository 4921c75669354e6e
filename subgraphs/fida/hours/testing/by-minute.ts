import type { Hours } from '../hours.ts';

const MINUTE_MS = 60_000;

/** What the clocks of a zone show, by Intl alone. */
function createClock(timeZone: string): (instant: Date) => { date: string; weekday: string; minute: number } {
  const format = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone, year: 'numeric', month: '2-digit', day: '2-digit', weekday: 'long' },
    ...{ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  });
  return (instant) => {
    const parts = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, value]));
    const date = `${parts.year}-${parts.month}-${parts.day}`;
    return {
      date,
      weekday: String(parts.weekday).toUpperCase(),
      minute: Number(parts.hour) * 60 + Number(parts.minute),
    };
  };
}

const minuteOf = (time: string): number => Number(time.split(':')[0]) * 60 + Number(time.split(':')[1]);

type Day = { date: string; weekday: string };
/** What local time has come to at an instant. */
export type Minute = Day & { at: Date; minute: number };

/**
 * Where local time is at each minute of a range, by a walk that knows nothing of time zones but what Intl says of a moment: it goes on
 * with the clocks, stands still while they show once more what they have shown, and jumps where they do.
 */
export function walk(timeZone: string, from: Date, to: Date): Minute[] {
  const clock = createClock(timeZone);
  const minutes: Minute[] = [];
  let reached = { date: '', weekday: '', minute: 0 };
  // From two days before, so that a range may begin in the middle of an hour that is shown twice.
  for (let ms = from.getTime() - 2 * 24 * 60 * MINUTE_MS; ms <= to.getTime(); ms += MINUTE_MS) {
    const shown = clock(new Date(ms));
    if (shown.date > reached.date || (shown.date === reached.date && shown.minute > reached.minute)) reached = shown;
    if (ms >= from.getTime()) minutes.push({ at: new Date(ms), ...reached });
  }
  return minutes;
}

/** Whether hours are on at each minute of a walk. */
export function stateByMinute(hours: Hours, minutes: readonly Minute[]): boolean[] {
  const dayBefore = (date: string): Day => {
    const day = new Date(Date.parse(`${date}T00:00:00Z`) - 24 * 60 * MINUTE_MS);
    const weekday = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', weekday: 'long' }).format(day);
    return { date: day.toISOString().slice(0, 10), weekday: weekday.toUpperCase() };
  };
  const windowsOf = ({ date, weekday }: Day): { on: number; off: number }[] =>
    (
      hours.exceptions.find((exception) => exception.date === date)?.windows ??
      hours.weekly.filter((window) => window.weekday === weekday)
    ).map(({ on, off }) => ({ on: minuteOf(on), off: minuteOf(off) }));
  const days = new Map<string, { on: number; off: number }[]>();
  /** A day's own windows and those of the day before, in minutes of this day. */
  const windowsOn = (day: Day): { on: number; off: number }[] => {
    const windows = days.get(day.date) ?? [
      ...windowsOf(day).map(({ on, off }) => ({ on, off: off > on ? off : off + 1_440 })),
      ...windowsOf(dayBefore(day.date))
        .filter(({ on, off }) => off <= on)
        .map(({ off }) => ({ on: 0, off })),
    ];
    days.set(day.date, windows);
    return windows;
  };
  return minutes.map((reached) =>
    windowsOn(reached).some(({ on, off }) => on <= reached.minute && reached.minute < off),
  );
}
