import { expect, it } from 'vitest';
import { daysWithin, hoursList, servicesWithout } from './archive-rules.ts';

it('days are those that a range touches', () => {
  const days = ['2026-11-27', '2026-11-26', '2026-11-25', '2026-11-24'].map((day) => ({ day }));
  const within = daysWithin(days, new Date('2026-11-25T23:59:00Z'), new Date('2026-11-27T00:00:00Z'));
  expect(within.map(({ day }) => day)).toEqual(['2026-11-26', '2026-11-25']);
});

it.each([
  [[], ''],
  [[3], '3'],
  [[0, 1, 2, 13, 23], '0–2, 13, 23'],
  [[5, 4], '4–5'],
])('the hours %j read %j', (hours, text) => expect(hoursList(hours)).toBe(text));

it('a day is without the services that took no sample in any of its hours', () => {
  const all = Array.from({ length: 24 }, (_, hour) => hour);
  const services = [
    { service: 'fida', missingHours: [3] },
    { service: 'qsys', missingHours: all },
    { service: 'appspace', missingHours: [] },
  ];
  expect(servicesWithout({ byService: services })).toEqual(['qsys']);
});
