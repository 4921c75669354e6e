import { describe, expect, it } from 'vitest';
import { clockTime, exactInBoth, relativeTime, timeSince } from './time.ts';
import { zoneOf } from './use-sites.ts';

const NOW = Date.parse('2026-11-26T12:00:00Z');

describe('relative time', () => {
  it.each([
    ['2026-11-26T11:59:55Z', 'just now'],
    ['2026-11-26T12:00:05Z', 'just now'],
    ['2026-11-26T11:59:50Z', '10 sec. ago'],
    ['2026-11-26T11:59:00Z', '1 min. ago'],
    ['2026-11-26T11:00:01Z', '59 min. ago'],
    ['2026-11-26T10:00:00Z', '2 hr. ago'],
    ['2026-11-24T12:00:00Z', '2 days ago'],
    ['2025-11-20T12:00:00Z', '1 yr. ago'],
    ['2026-11-26T14:00:00Z', 'in 2 hr.'],
  ])('of %s at noon is "%s"', (at, text) => {
    expect(relativeTime(at, NOW)).toBe(text);
  });
});

it.each([
  ['2026-11-26T11:59:01Z', null],
  ['2026-11-26T12:00:05Z', null],
  ['2026-11-26T11:59:00Z', '1 min'],
  ['2026-11-26T11:00:01Z', '59 min'],
  ['2026-11-26T11:00:00Z', '1 hr'],
  ['2026-11-24T12:00:01Z', '47 hr'],
  ['2026-11-24T12:00:00Z', '2 days'],
  ['2025-11-26T12:00:00Z', '365 days'],
])('what has been so since %s at noon has been so for %s', (at, text) => {
  expect(timeSince(at, NOW)).toBe(text);
});

describe('exact time', () => {
  it("stands in the site's zone, and in the viewer's where that is another", () => {
    expect(clockTime('2026-11-26T12:03:10Z', 'Africa/Cairo')).toBe('14:03:10');
    expect(exactInBoth('2026-11-26T12:03:10Z', 'Africa/Cairo', 'Asia/Tokyo')).toBe(
      '26 Nov 2026, 14:03:10 (Africa/Cairo)\n26 Nov 2026, 21:03:10 (Asia/Tokyo, yours)',
    );
    expect(exactInBoth('2026-11-26T12:03:10Z', 'UTC', 'UTC')).toBe('26 Nov 2026, 12:03:10 (UTC)');
  });

  it('is in the zone of the nearest site above that is known', () => {
    const sites = [
      { path: 'museum', timeZone: 'Africa/Cairo' },
      { path: 'museum/hall', timeZone: 'Asia/Tokyo' },
    ];
    expect(zoneOf(sites, 'museum/hall/left')).toBe('Asia/Tokyo');
    expect(zoneOf(sites, 'museum/hall-2')).toBe('Africa/Cairo');
  });
});
