import { describe, expect, it } from 'vitest';
import { clockChangeMinutes, clockChanges, dateIn, fromLocal, offsetMinutes, toLocal } from './zone-rules.ts';

const utc = (local: string, zone: string): string | undefined => fromLocal(local, zone)?.toISOString();

describe('local times', () => {
  it.each([
    ['2026-01-15T12:00', 'UTC', '2026-01-15T12:00:00.000Z'],
    ['2026-01-15T12:00', 'Africa/Cairo', '2026-01-15T10:00:00.000Z'],
    ['2026-07-15T12:00', 'Africa/Cairo', '2026-07-15T09:00:00.000Z'],
    ['2026-01-15T12:00', 'Asia/Kathmandu', '2026-01-15T06:15:00.000Z'],
    ['2026-01-15T00:30', 'Pacific/Kiritimati', '2026-01-14T10:30:00.000Z'],
  ])('%s in %s is %s', (local, zone, instant) => {
    expect(utc(local, zone)).toBe(instant);
    expect(toLocal(new Date(instant), zone)).toBe(local);
  });

  it('occur twice when clocks are put back, and the first is meant', () => {
    expect(utc('2026-10-25T02:30', 'Europe/Berlin')).toBe('2026-10-25T00:30:00.000Z');
  });

  it('that the clocks are put forward over are that much later', () => {
    const instant = fromLocal('2026-03-29T02:30', 'Europe/Berlin');
    expect(instant?.toISOString()).toBe('2026-03-29T01:30:00.000Z');
    expect(toLocal(instant ?? new Date(), 'Europe/Berlin')).toBe('2026-03-29T03:30');
  });

  it.each(['', '2026-01-15', '2026-13-15T12:00', 'noon'])('are none in %j', (text) => {
    expect(fromLocal(text, 'UTC')).toBeNull();
  });

  it('have the date of their zone', () => {
    expect(dateIn(new Date('2026-01-14T23:30Z'), 'Africa/Cairo')).toBe('2026-01-15');
    expect(offsetMinutes(new Date('2026-07-01T00:00:00.500Z'), 'America/St_Johns')).toBe(-150);
  });
});

describe('the days on which clocks change', () => {
  it.each([
    [
      'Europe/Berlin',
      [
        { date: '2026-03-29', minutes: 60 },
        { date: '2026-10-25', minutes: -60 },
      ],
    ],
    // At midnight: the day that begins at 01:00 is an hour short, the one that has 23:00 twice is an hour long.
    [
      'Africa/Cairo',
      [
        { date: '2026-04-24', minutes: 60 },
        { date: '2026-10-29', minutes: -60 },
      ],
    ],
    [
      'Australia/Lord_Howe',
      [
        { date: '2026-04-05', minutes: -30 },
        { date: '2026-10-04', minutes: 30 },
      ],
    ],
    ['Asia/Tokyo', []],
  ])('in %s are %j', (zone, expected) => {
    expect(clockChanges('2026-01-01', 365, zone)).toEqual(expected);
  });

  it('are those from the first day on and before the last', () => {
    expect(clockChanges('2026-03-29', 1, 'Europe/Berlin')).toEqual([{ date: '2026-03-29', minutes: 60 }]);
    expect(clockChanges('2026-03-30', 100, 'Europe/Berlin')).toEqual([]);
    expect(clockChanges('2026-03-01', 28, 'Europe/Berlin')).toEqual([]);
    expect(clockChanges('2026-04-24', 1, 'Africa/Cairo')).toHaveLength(1);
    expect(clockChangeMinutes('2026-04-23', 'Africa/Cairo')).toBe(0);
  });
});
