import { describe, expect, it } from 'vitest';
import { archivedBefore, isExpected, monthsAhead, obstaclesTo, removableBefore, type ServiceOnDay } from './rules.ts';
import { at } from './testing/estate.ts';

const DAY = '2028-02-29';
const aService = (overrides: Partial<ServiceOnDay> = {}): ServiceOnDay => ({
  service: 'fida',
  firstRun: at('2028-01-01T00:00'),
  lastRun: at('2028-03-01T00:00'),
  missingHours: [],
  hasUngathered: false,
  ...overrides,
});
const textsOf = (...services: ServiceOnDay[]): string[] => obstaclesTo(DAY, services).map(({ text }) => text);
const hours = (count: number): number[] => Array.from({ length: count }, (_, hour) => hour);

it.each([
  ['2028-03-01T00:29:59.999', '2028-02-29T00:00'],
  ['2028-03-01T00:30', '2028-03-01T00:00'],
  ['2028-03-01T23:59', '2028-03-01T00:00'],
])('at %s what lies before %s is archived', (now, before) => {
  expect(archivedBefore(at(now))).toEqual(at(before));
});

it.each([
  ['2028-02-29T12:00', ['2028_02', '2028_03']],
  ['2027-12-31T23:59', ['2027_12', '2028_01']],
])('at %s there are partitions of %j', (now, months) => {
  expect(monthsAhead(at(now))).toEqual(months);
});

it.each([
  ['2028-02-29T23:00', true],
  ['2028-03-01T00:00', false],
])('a service that came at %s is expected to have samples of that day: %j', (firstRun, expected) => {
  expect(isExpected({ firstRun: at(firstRun) }, DAY)).toBe(expected);
});

describe('a day', () => {
  it('is sealed when every service has gone beyond it', () => {
    expect(textsOf(aService(), aService({ service: 'devices' }))).toEqual([]);
  });
  it('is sealed without services that never took samples, or came later', () => {
    expect(
      textsOf(aService({ firstRun: null, lastRun: null }), aService({ firstRun: at('2028-03-01T00:00') })),
    ).toEqual([]);
  });
  it('waits for a service that has not gone beyond it, and says since when', () => {
    expect(textsOf(aService({ lastRun: at('2028-02-29T23:00') }))).toEqual([
      'fida has taken no sample since 23:00 UTC',
    ]);
    expect(textsOf(aService({ lastRun: at('2028-02-27T09:00'), missingHours: hours(24) }))).toEqual([
      'fida has taken no sample since 2028-02-27 09:00 UTC',
    ]);
  });
  it('is sealed with one hour of a service, and not with none', () => {
    expect(textsOf(aService({ missingHours: hours(23) }))).toEqual([]);
    expect(textsOf(aService({ missingHours: hours(24) }))).toEqual(['fida took no samples on 2028-02-29']);
  });
  it('waits for samples on their way, which nobody may overrule', () => {
    expect(obstaclesTo(DAY, [aService({ hasUngathered: true }), aService({ missingHours: hours(24) })])).toEqual([
      { text: 'samples of fida are not gathered yet', canBeOverruled: false },
      { text: 'fida took no samples on 2028-02-29', canBeOverruled: true },
    ]);
  });
});

describe('services may remove what lies before', () => {
  const now = at('2028-03-10T01:00');
  it.each([
    [null, '2028-03-08T00:00'],
    ['2028-03-09', '2028-03-08T00:00'],
    ['2028-03-07', '2028-03-07T00:00'],
  ])('when the first open day is %s: %s', (firstOpen, before) => {
    expect(removableBefore(now, firstOpen)).toEqual(at(before));
  });
});
