import { expect, it } from 'vitest';
import { latestMonths, monthsOf } from './month-rules.ts';

const words = { from: (day: string) => `from ${day}`, to: (day: string) => `to ${day}` };
const at = (text: string) => new Date(text);

it('a range has its months as the zone counts them, and says which are not whole', () => {
  // Cairo: +03:00 until October 29, 2026, at midnight, then +02:00.
  const months = monthsOf(at('2026-10-19T21:00Z'), at('2026-12-10T22:00Z'), 'Africa/Cairo', words);
  expect(months.map(({ key, title, note }) => [key, title, note])).toEqual([
    ['2026-10', 'Oct 2026', 'from 20 Oct'],
    ['2026-11', 'Nov 2026', null],
    ['2026-12', 'Dec 2026', 'to 10 Dec'],
  ]);
  expect(months[1]).toMatchObject({ from: at('2026-10-31T22:00Z'), to: at('2026-11-30T22:00Z') });
});

it('a month that a range has to its end is whole', () => {
  const [only, ...others] = monthsOf(at('2026-02-01T00:00Z'), at('2026-03-01T00:00Z'), 'UTC', words);
  expect([only?.key, only?.note, others]).toEqual(['2026-02', null, []]);
});

it('the latest months are the one under way, to the hour, and whole ones before it, over the year', () => {
  const months = latestMonths(at('2026-02-03T04:05:06Z'), 'Africa/Cairo', 2);
  expect(months.map(({ key }) => key)).toEqual(['2026-02', '2026-01', '2025-12']);
  expect(months[0]).toMatchObject({ from: at('2026-01-31T22:00Z'), to: at('2026-02-03T05:00Z') });
  expect(months[2]).toMatchObject({ from: at('2025-11-30T22:00Z'), to: at('2025-12-31T22:00Z'), title: 'Dec 2025' });
});
