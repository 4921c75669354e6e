/** The steps of relative time: below so many seconds, in this unit. */
const STEPS: readonly (readonly [belowSeconds: number, unit: Intl.RelativeTimeFormatUnit, seconds: number])[] = [
  [60, 'second', 1],
  [3_600, 'minute', 60],
  [86_400, 'hour', 3_600],
  [7 * 86_400, 'day', 86_400],
  [30 * 86_400, 'week', 7 * 86_400],
  [365 * 86_400, 'month', 30 * 86_400],
  [Number.POSITIVE_INFINITY, 'year', 365 * 86_400],
];

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always', style: 'short' });

/** How long ago, such as `3 min. ago`; `just now` below ten seconds, and for what lies ahead by no more than clocks differ. */
export function relativeTime(at: string | Date, now: number): string {
  const seconds = (new Date(at).getTime() - now) / 1_000;
  if (seconds > -10 && seconds < 60) return 'just now';
  const [, unit, size] = STEPS.find(([below]) => Math.abs(seconds) < below) ?? ['', 'year' as const, 365 * 86_400];
  return relative.format(Math.trunc(seconds / size), unit);
}

const lengths: Readonly<Record<'minute' | 'hour' | 'day', Intl.NumberFormat>> = {
  minute: new Intl.NumberFormat('en', { style: 'unit', unit: 'minute', unitDisplay: 'short' }),
  hour: new Intl.NumberFormat('en', { style: 'unit', unit: 'hour', unitDisplay: 'short' }),
  day: new Intl.NumberFormat('en', { style: 'unit', unit: 'day', unitDisplay: 'long' }),
};

/** For how long something has been so, in one unit: `5 min`, `2 hr`, `40 days`; null below a minute, and for what lies ahead. */
export function timeSince(at: string | Date, now: number): string | null {
  const minutes = Math.floor((now - new Date(at).getTime()) / 60_000);
  if (minutes < 1) return null;
  if (minutes < 60) return lengths.minute.format(minutes);
  return minutes < 2 * 1_440
    ? lengths.hour.format(Math.floor(minutes / 60))
    : lengths.day.format(Math.floor(minutes / 1_440));
}

/** The viewer's own time zone. */
export const viewerZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

const formats = new Map<string, Intl.DateTimeFormat>();
const format = (timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat => {
  const key = `${timeZone} ${JSON.stringify(options)}`;
  const known = formats.get(key);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-GB', { ...options, timeZone });
  formats.set(key, made);
  return made;
};

/** `26 Nov 2026, 12:03:10` */
export const exactTime = (at: string | Date, timeZone: string): string =>
  format(timeZone, { dateStyle: 'medium', timeStyle: 'medium' }).format(new Date(at));

/** `26 Nov 2026, 12:03` */
export const minuteTime = (at: string | Date, timeZone: string): string =>
  format(timeZone, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(at));

/** `26 Nov 2026` */
export const dayText = (at: string | Date, timeZone: string): string =>
  format(timeZone, { dateStyle: 'medium' }).format(new Date(at));

/** `26 Nov` */
export const dayOfMonth = (at: string | Date, timeZone: string): string =>
  format(timeZone, { day: 'numeric', month: 'short' }).format(new Date(at));

/** `Nov 2026` */
export const monthText = (at: string | Date, timeZone: string): string =>
  format(timeZone, { month: 'short', year: 'numeric' }).format(new Date(at));

/** `12:03:10` */
export const clockTime = (at: string | Date, timeZone: string): string =>
  format(timeZone, { timeStyle: 'medium' }).format(new Date(at));

/** Both zones, for the hover of a time: the site's first, the viewer's where it differs. */
export function exactInBoth(at: string | Date, siteZone: string, ownZone: string): string {
  const there = `${exactTime(at, siteZone)} (${siteZone})`;
  return siteZone === ownZone ? there : `${there}\n${exactTime(at, ownZone)} (${ownZone}, yours)`;
}
