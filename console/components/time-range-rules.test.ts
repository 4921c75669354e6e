import { describe, expect, it } from 'vitest';
import { faultOfRange, nearestPreset, readRange, spanOf, stepFor, wholeHours, writeRange } from './time-range-rules.ts';

const NOW = Date.parse('2026-11-26T12:03:10Z');
const DAY_MS = 86_400_000;
const read = (text: string) => readRange(new URLSearchParams(text), NOW);
const shown = (text: string): string => {
  const { from, to, step } = spanOf(read(text), NOW);
  return `${from.toISOString().slice(0, 16)} ${to.toISOString().slice(0, 16)} ${step}`;
};

describe('the range of time in an address', () => {
  it.each([
    ['', '2026-11-25T12:04 2026-11-26T12:04 HOUR'],
    ['range=hour', '2026-11-26T11:04 2026-11-26T12:04 HOUR'],
    ['range=year', '2026-11-25T12:04 2026-11-26T12:04 HOUR'],
    ['range=week&at=2026-11-01T00:00:00Z', '2026-10-25T00:00 2026-11-01T00:00 HOUR'],
    ['from=2026-01-01T00:00:00Z&to=2026-06-01T00:00:00Z', '2026-01-01T00:00 2026-06-01T00:00 DAY'],
    ['from=2026-06-01T00:00:00Z&to=2026-01-01T00:00:00Z', '2026-11-25T12:04 2026-11-26T12:04 HOUR'],
    ['from=2026-06-01&to=soon', '2026-11-25T12:04 2026-11-26T12:04 HOUR'],
  ])('%j shows %s', (text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  it('is in the past only as of a time that is over', () => {
    expect(read('at=2026-11-26T12:03:09Z').asOf?.toISOString()).toBe('2026-11-26T12:03:09.000Z');
    expect(read('at=2026-11-26T12:03:10Z').asOf).toBeNull();
    expect(read('at=yesterday').asOf).toBeNull();
  });

  it('comes back as it was written, and leaves what is not its own', () => {
    for (const text of [
      '',
      'range=month',
      'from=2026-01-01T00:00:00.000Z&to=2026-06-01T00:00:00.000Z',
      'at=2026-01-01T00:00:00.000Z&range=week',
    ]) {
      const written = writeRange(read(text), new URLSearchParams('site=museum&range=hour&at=2020-01-01T00:00:00Z'));
      expect(readRange(written, NOW)).toEqual(read(text));
      expect(written.get('site')).toBe('museum');
    }
    expect(writeRange(read('range=day'), new URLSearchParams()).toString()).toBe('');
  });

  it('moves along once in a minute', () => {
    const choice = read('range=hour');
    expect(spanOf(choice, NOW)).toEqual(spanOf(choice, NOW + 45_000));
    expect(spanOf(choice, NOW)).not.toEqual(spanOf(choice, NOW + 60_000));
  });
});

describe('a range', () => {
  const at = (ms: number): Date => new Date(NOW + ms);
  it('has a fault', () => {
    expect(faultOfRange(null, at(0))).toBe('incomplete');
    expect(faultOfRange(at(0), at(59_999))).toBe('order');
    expect(faultOfRange(at(0), at(60_000))).toBeNull();
    expect(faultOfRange(at(0), at(20 * 365 * DAY_MS))).toBeNull();
    expect(faultOfRange(at(0), at(20 * 365 * DAY_MS + 1))).toBe('tooLong');
  });

  it.each([
    [35, 'HOUR'],
    [36, 'DAY'],
    [3 * 365, 'DAY'],
    [3 * 365 + 1, 'WEEK'],
    [10 * 365, 'WEEK'],
    [20 * 365, 'MONTH'],
  ])('of %d days has points of a %s', (days, step) => {
    expect(stepFor(days * DAY_MS)).toBe(step);
  });

  it('that was zoomed into is followed in about the same length', () => {
    expect([1_800_000, 5 * 3_600_000, 3 * DAY_MS, 400 * DAY_MS].map(nearestPreset)).toEqual([
      'hour',
      'day',
      'week',
      'month',
    ]);
  });
});

it('whole hours are those that a range touches', () => {
  const hour = (text: string) => `2026-11-26T${text}.000Z`;
  const asked = (from: string, to: string) => wholeHours(new Date(from), new Date(to));
  expect(asked('2026-11-26T03:00:01Z', '2026-11-26T04:00:01Z')).toEqual({
    from: hour('03:00:00'),
    to: hour('05:00:00'),
  });
  expect(asked('2026-11-26T03:00:00Z', '2026-11-26T04:00:00Z')).toEqual({
    from: hour('03:00:00'),
    to: hour('04:00:00'),
  });
});
