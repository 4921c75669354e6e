import { describe, expect, it } from 'vitest';
import { type CalendarStep, checkTimeZone, cutByCalendar } from './calendar.ts';

const HOUR_MS = 3_600_000;
const cut = (from: string, to: string, step: CalendarStep, timeZone: string) =>
  cutByCalendar({ fromMs: Date.parse(from), toMs: Date.parse(to) }, step, timeZone);

describe('a range cut by the calendar of a time zone', () => {
  it.each<[fact: string, args: [from: string, to: string, step: CalendarStep, timeZone: string], hours: number[]]>([
    ['has days of 24 hours in UTC', ['2026-10-24T00:00:00Z', '2026-10-27T00:00:00Z', 'DAY', 'UTC'], [24, 24, 24]],
    ['has a day of 25 hours', ['2026-10-23T22:00:00Z', '2026-10-26T23:00:00Z', 'DAY', 'Europe/Berlin'], [24, 25, 24]],
    ['has a day of 23 hours', ['2026-03-27T23:00:00Z', '2026-03-30T22:00:00Z', 'DAY', 'Europe/Berlin'], [24, 23, 24]],
    [
      'has a day whose midnight is jumped over',
      ['2026-04-22T22:00:00Z', '2026-04-25T21:00:00Z', 'DAY', 'Africa/Cairo'],
      [24, 23, 24],
    ],
    [
      'has a day that is half an hour longer',
      ['2026-04-03T13:00:00Z', '2026-04-06T13:30:00Z', 'DAY', 'Australia/Lord_Howe'],
      [24, 24.5, 24],
    ],
    [
      'has no part for a day that the zone left out',
      ['2011-12-29T10:00:00Z', '2011-12-31T10:00:00Z', 'DAY', 'Pacific/Apia'],
      [24, 24],
    ],
    [
      'has weeks from Monday, one of them with an hour less',
      ['2026-03-15T23:00:00Z', '2026-04-05T22:00:00Z', 'WEEK', 'Europe/Berlin'],
      [168, 167, 168],
    ],
    ['has months of their length', ['2028-01-01T00:00:00Z', '2028-04-01T00:00:00Z', 'MONTH', 'UTC'], [744, 696, 744]],
    ['is cut at its own edges too', ['2026-10-24T13:30:00Z', '2026-10-25T01:00:00Z', 'DAY', 'UTC'], [10.5, 1]],
    ['may lie within one step', ['2026-10-24T13:30:00Z', '2026-10-24T13:31:00Z', 'MONTH', 'UTC'], [1 / 60]],
  ])('%s', (_fact, args, hours) => {
    const parts = cut(...args);
    expect(parts.map(({ fromMs, toMs }) => (toMs - fromMs) / HOUR_MS)).toEqual(hours);
    expect([parts[0]?.fromMs, parts.at(-1)?.toMs]).toEqual([Date.parse(args[0]), Date.parse(args[1])]);
    for (const [index, { fromMs }] of parts.slice(1).entries()) expect(fromMs).toBe(parts[index]?.toMs);
  });

  it('of five years by the day is cut in no time', () => {
    const startedAt = performance.now();
    expect(cut('2021-01-01T00:00:00Z', '2026-01-01T00:00:00Z', 'DAY', 'America/New_York')).toHaveLength(1827);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
});

describe('a time zone', () => {
  it.each(['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'America/Argentina/Buenos_Aires'])('%s is one', (name) => {
    expect(checkTimeZone(name)).toBe(name);
  });

  it.each(['', 'Europe/Atlantis', '+02:00', '-05:00', 'UTC+2', 'x'.repeat(5_000)])('is not %s', (name) => {
    const extensions = { code: 'BAD_USER_INPUT', field: 'timeZone' };
    expect(() => checkTimeZone(name)).toThrow(
      expect.objectContaining({ extensions, message: expect.stringMatching(/^.{1,150}$/) }),
    );
  });
});
