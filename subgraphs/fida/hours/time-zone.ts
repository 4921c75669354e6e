import { Temporal } from 'temporal-polyfill';

export const DAY_MINUTES = 1_440;
const MINUTE_MS = 60_000;
const DAY_MS = DAY_MINUTES * MINUTE_MS;

/** Whether this machine knows a time zone. */
export function knowsTimeZone(timeZone: string): boolean {
  try {
    return clockMs(0, timeZone) !== null;
  } catch {
    return false;
  }
}

/** The edition of the time zone database by which this machine reckons, such as `2026c`. */
export const timeZoneRules = (): string => process.versions.tz ?? 'unknown';

/** Where the clocks of a time zone stand at an instant, as milliseconds since they showed 1970-01-01 00:00. */
function clockMs(instantMs: number, timeZone: string): number {
  const { offsetNanoseconds } = Temporal.Instant.fromEpochMilliseconds(instantMs).toZonedDateTimeISO(timeZone);
  return instantMs + offsetNanoseconds / 1_000_000;
}

/** The day that a time zone's calendar shows at an instant, as days since 1970-01-01. @throws RangeError for an unknown zone */
export const dayAt = (instant: Date, timeZone: string): number =>
  Math.floor(clockMs(instant.getTime(), timeZone) / DAY_MS);

/** The day that a time zone's calendar shows at an instant: `2026-11-25`. @throws RangeError for an unknown zone */
export const dateAt = (instant: Date, timeZone: string): string =>
  new Date(clockMs(instant.getTime(), timeZone)).toISOString().slice(0, 10);

/** What a time zone's clocks show at an instant: `09:00`. @throws RangeError for an unknown zone */
export const clockAt = (instant: Date, timeZone: string): string =>
  new Date(clockMs(instant.getTime(), timeZone)).toISOString().slice(11, 16);

/**
 * The first instant at which a time zone's clocks have reached a time: where they jump over it, the instant of the jump; where they
 * show it twice, the first of the two. A later time is never reached before an earlier one.
 *
 * @param minutes the local time as minutes since 1970-01-01 00:00
 * @throws RangeError for a time zone that this machine does not know
 */
export function instantOf(minutes: number, timeZone: string): Date {
  const wantedMs = minutes * MINUTE_MS;
  const wanted = new Date(wantedMs);
  const plain = new Temporal.PlainDateTime(
    wanted.getUTCFullYear(),
    wanted.getUTCMonth() + 1,
    wanted.getUTCDate(),
    wanted.getUTCHours(),
    wanted.getUTCMinutes(),
  );
  const earlier = plain.toZonedDateTime(timeZone, { disambiguation: 'earlier' });
  if (earlier.epochMilliseconds + earlier.offsetNanoseconds / 1_000_000 === wantedMs)
    return new Date(earlier.epochMilliseconds);
  // The clocks never show it. Temporal then gives an instant before the jump and one after it, and the jump is found in between:
  // its getTimeZoneTransition could miss one of two jumps close to each other (fullcalendar/temporal-polyfill issue 73).
  let before = earlier.epochMilliseconds / 1_000;
  let after = plain.toZonedDateTime(timeZone, { disambiguation: 'later' }).epochMilliseconds / 1_000;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (clockMs(middle * 1_000, timeZone) < wantedMs) before = middle;
    else after = middle;
  }
  return new Date(after * 1_000);
}
