import { dayOfMonth, monthText } from '../../data/time.ts';
import { dateIn, fromLocal } from '../../data/zone-rules.ts';

/** A month of a zone's calendar, or the part of it that a range has. */
export type Month = {
  /** `2026-11` */
  key: string;
  from: Date;
  to: Date;
  /** `Nov 2026` */
  title: string;
  /** Which part of it, where it is not all of it: `from 20 Oct`. */
  note: string | null;
};

const monthAfter = (key: string, count: number): string => {
  const [year = 0, month = 1] = key.split('-').map(Number);
  return new Date(Date.UTC(year, month - 1 + count, 1)).toISOString().slice(0, 7);
};

const startOf = (key: string, zone: string): Date => {
  const start = fromLocal(`${key}-01T00:00`, zone);
  if (start === null) throw new Error(`${key} is no month`);
  return start;
};

/** The months of a zone that a range touches, each as far as it is in it; `words` say which part. */
export function monthsOf(
  from: Date,
  to: Date,
  zone: string,
  words: { from: (day: string) => string; to: (day: string) => string },
): Month[] {
  const months: Month[] = [];
  for (let key = dateIn(from, zone).slice(0, 7); startOf(key, zone) < to; key = monthAfter(key, 1)) {
    const [start, end] = [startOf(key, zone), startOf(monthAfter(key, 1), zone)];
    const isCutBefore = start < from;
    const isCutAfter = end > to;
    const notes = [
      ...(isCutBefore ? [words.from(dayOfMonth(from, zone))] : []),
      ...(isCutAfter ? [words.to(dayOfMonth(new Date(to.getTime() - 1), zone))] : []),
    ];
    months.push({
      ...{ key, from: isCutBefore ? from : start, to: isCutAfter ? to : end, title: monthText(start, zone) },
      note: notes.length > 0 ? notes.join(' ') : null,
    });
  }
  return months;
}

/** The month that is under way, as far as it has come by the hour, and `count` whole ones before it; the newest first. */
export function latestMonths(now: Date, zone: string, count: number): Pick<Month, 'key' | 'from' | 'to' | 'title'>[] {
  const current = dateIn(now, zone).slice(0, 7);
  const soFar = new Date(Math.ceil(now.getTime() / 3_600_000) * 3_600_000);
  return Array.from({ length: count + 1 }, (_, back) => {
    const key = monthAfter(current, -back);
    const from = startOf(key, zone);
    return { key, from, to: back === 0 ? soFar : startOf(monthAfter(key, 1), zone), title: monthText(from, zone) };
  });
}
