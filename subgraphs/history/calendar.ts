import { callerError } from '@wheelhouse/kit/errors.ts';
import { Temporal } from 'temporal-polyfill';
import type { Span } from './time-range.ts';

export type CalendarStep = 'DAY' | 'WEEK' | 'MONTH';

const LENGTHS: Readonly<Record<CalendarStep, Temporal.DurationLike>> = {
  DAY: { days: 1 },
  WEEK: { weeks: 1 },
  MONTH: { months: 1 },
};

const SHOWN_CHARACTERS = 60;

/** @throws BAD_USER_INPUT unless `name` is an IANA time zone; offsets such as +02:00 know nothing of daylight saving */
export function checkTimeZone(name: string): string {
  try {
    if (!/^[+-]/.test(name)) {
      new Intl.DateTimeFormat('en', { timeZone: name });
      return name;
    }
  } catch {
    // Falls through to the refusal.
  }
  const shown = JSON.stringify(name.slice(0, SHOWN_CHARACTERS));
  const message = `timeZone must be the IANA name of a time zone, such as Africa/Cairo, and ${shown} is none`;
  throw callerError('BAD_USER_INPUT', message, 'timeZone');
}

/** The day with which the step that holds `date` begins. */
function firstDayOf(step: CalendarStep, date: Temporal.PlainDate): Temporal.PlainDate {
  if (step === 'DAY') return date;
  return step === 'WEEK' ? date.subtract({ days: date.dayOfWeek - 1 }) : date.with({ day: 1 });
}

/**
 * A range cut where days, weeks (from Monday, ISO 8601) or months begin in a time zone. Days there have 23 or 25 hours where the clocks
 * are changed, and begin at their first instant where midnight is jumped over.
 */
export function cutByCalendar(span: Span, step: CalendarStep, timeZone: string): Span[] {
  const first = Temporal.Instant.fromEpochMilliseconds(span.fromMs).toZonedDateTimeISO(timeZone).toPlainDate();
  const parts: Span[] = [];
  let startMs = span.fromMs;
  for (let day = firstDayOf(step, first); startMs < span.toMs; ) {
    day = day.add(LENGTHS[step]);
    const nextMs = day.toZonedDateTime(timeZone).startOfDay().epochMilliseconds;
    // A day that a zone left out (Pacific/Apia, 2011-12-30) begins and ends at one instant, and is no part.
    if (nextMs <= startMs) continue;
    const endMs = Math.min(nextMs, span.toMs);
    parts.push({ fromMs: startMs, toMs: endMs });
    startMs = endMs;
  }
  return parts;
}
