import { describe, expect, it } from 'vitest';
import {
  carriedInto,
  hoursOf,
  isOnAt,
  mapWeek,
  paint,
  parseWindows,
  printWindows,
  type Week,
  weekdayOf,
  weekFaults,
  weekOf,
} from './hours-rules.ts';

const week = (days: Partial<Record<keyof Week, string>>): Week => mapWeek((day) => parseWindows(days[day] ?? '') ?? []);
const printed = (of: Week): Record<string, string> =>
  Object.fromEntries(
    Object.entries(of)
      .map(([day, windows]) => [day, printWindows(windows)])
      .filter(([, text]) => text !== ''),
  );

describe('the windows of a day', () => {
  it.each([
    ['9-18', '09:00–18:00'],
    ['09:00–12:30, 14 to 18', '09:00–12:30, 14:00–18:00'],
    ['20:00-2:00', '20:00–02:00'],
    ['14-18; 9-12', '09:00–12:00, 14:00–18:00'],
    ['9-12 and 14-18', '09:00–12:00, 14:00–18:00'],
    ['9-24', '09:00–24:00'],
    ['all day', '00:00–24:00'],
    ['Closed', ''],
    ['  ', ''],
  ])('that are typed as %j are %j', (text, expected) => {
    expect(printWindows(parseWindows(text) ?? [])).toBe(expected);
  });

  it.each(['9', '9-25', '24-3', '9:60-10', 'nine', '9-12,', '9-12-14', '-9-12'])('are not understood in %j', (text) => {
    expect(parseWindows(text)).toBeNull();
  });

  it('read again what they print', () => {
    const windows = parseWindows('0-3, 9:15-12, 20-9') ?? [];
    expect(parseWindows(printWindows(windows))).toEqual(windows);
  });
});

describe('a week', () => {
  it('comes in order whatever order the hours had', () => {
    const hours = [
      { weekday: 'SUNDAY' as const, on: '12:00', off: '13:00' },
      { weekday: 'MONDAY' as const, on: '14:00', off: '15:00' },
      { weekday: 'MONDAY' as const, on: '09:00', off: '10:00' },
    ];
    expect(hoursOf(weekOf(hours))).toEqual([hours[2], hours[1], hours[0]]);
  });

  it('knows the weekday of a date', () => {
    expect(weekdayOf('1970-01-01')).toBe('THURSDAY');
    expect(weekdayOf('2026-11-26')).toBe('THURSDAY');
    expect(weekdayOf('2026-11-29')).toBe('SUNDAY');
    expect(weekdayOf('1969-12-31')).toBe('WEDNESDAY');
  });

  it('carries Sunday night into Monday', () => {
    expect(carriedInto(week({ SUNDAY: '20-2' }), 'MONDAY')).toEqual([{ from: 0, to: 120 }]);
    expect(carriedInto(week({ SUNDAY: '20-24' }), 'MONDAY')).toEqual([]);
  });

  it.each<[Partial<Record<keyof Week, string>>, ReturnType<typeof weekFaults>]>([
    [{ MONDAY: '9-12, 12-18' }, {}],
    [{ MONDAY: '9-12, 11-18' }, { MONDAY: 'overlap' }],
    [{ SUNDAY: '22-3', MONDAY: '2-9' }, { MONDAY: 'overlap' }],
    [{ SUNDAY: '22-2', MONDAY: '2-9' }, {}],
    [{ MONDAY: '1-2, 3-4, 5-6, 7-8' }, {}],
    [{ MONDAY: '1-2, 3-4, 5-6, 7-8, 9-10' }, { MONDAY: 'tooMany' }],
  ])('%j has the faults %j', (days, faults) => {
    expect(weekFaults(week(days))).toEqual(faults);
  });
});

describe('painting', () => {
  it('adds a window, and joins what it touches', () => {
    const once = paint(week({ MONDAY: '9-12' }), 'MONDAY', { from: 14 * 60, to: 15 * 60 }, true);
    expect(printed(once)).toEqual({ MONDAY: '09:00–12:00, 14:00–15:00' });
    expect(printed(paint(once, 'MONDAY', { from: 12 * 60, to: 14 * 60 }, true))).toEqual({ MONDAY: '09:00–15:00' });
  });

  it('takes away from the middle, and whole windows', () => {
    const cut = paint(week({ MONDAY: '9-18' }), 'MONDAY', { from: 12 * 60, to: 13 * 60 }, false);
    expect(printed(cut)).toEqual({ MONDAY: '09:00–12:00, 13:00–18:00' });
    expect(printed(paint(cut, 'MONDAY', { from: 0, to: 1_440 }, false))).toEqual({});
  });

  it('reaches to midnight, and not beyond', () => {
    expect(printed(paint(week({}), 'SUNDAY', { from: 23 * 60, to: 1_440 }, true))).toEqual({ SUNDAY: '23:00–24:00' });
  });

  it('over what goes on from the day before takes it from there', () => {
    expect(printed(paint(week({ SUNDAY: '20-4' }), 'MONDAY', { from: 0, to: 240 }, false))).toEqual({
      SUNDAY: '20:00–24:00',
    });
    expect(printed(paint(week({ SUNDAY: '20-4' }), 'MONDAY', { from: 60, to: 120 }, false))).toEqual({
      SUNDAY: '20:00–01:00',
      MONDAY: '02:00–04:00',
    });
    expect(printed(paint(week({ SUNDAY: '20-4' }), 'MONDAY', { from: 0, to: 360 }, true))).toEqual({
      SUNDAY: '20:00–04:00',
      MONDAY: '04:00–06:00',
    });
  });

  it('never makes a window that is longer than a day', () => {
    const long = paint(week({ MONDAY: '20-19' }), 'MONDAY', { from: 600, to: 1_200 }, true);
    expect(printed(long)).toEqual({ MONDAY: '10:00–20:00, 20:00–19:00' });
    expect(weekFaults(long)).toEqual({});
  });

  it('never makes a week with a fault out of one without', () => {
    const start = week({ SUNDAY: '18-6', MONDAY: '8-12, 20-4', WEDNESDAY: 'all day' });
    for (let from = 0; from < 1_440; from += 180)
      for (let to = from + 180; to <= 1_440; to += 180)
        for (const day of ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY'] as const)
          for (const isOn of [true, false]) {
            const painted = paint(start, day, { from, to }, isOn);
            expect(weekFaults(painted)).toEqual({});
            for (const minute of [from, to - 1]) expect(isOnAt(painted, day, minute)).toBe(isOn);
          }
  });
});
