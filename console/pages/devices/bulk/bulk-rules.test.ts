import { describe, expect, it } from 'vitest';
import {
  type BulkOutcome,
  chunksOf,
  countsOf,
  deedOf,
  forecastOf,
  outcomeOf,
  placeOf,
  type Result,
  type Target,
  untaken,
} from './bulk-rules.ts';

const targets = (...sites: string[]): Target[] => sites.map((site, index) => ({ id: String(index), name: '', site }));
const aResult = (overrides: Partial<Result>): Result => ({
  ...{ id: 'a', settingsChange: null, plan: null, userErrors: [] },
  ...overrides,
});
const planned = (before: unknown, after: unknown): Result =>
  aResult({ plan: { changes: [{ setting: 'power', before, after }] } });
const refused = (message: string): Result => aResult({ userErrors: [{ code: 'FORBIDDEN', message }] });
const ended = (state: NonNullable<Result['settingsChange']>['state']): Result =>
  aResult({ settingsChange: { id: 'c', state, detail: 'because' } });

describe('the deed', () => {
  it.each([
    [{ power: 'OFF' }, targets('museum/hall-2', 'museum/hall-2'), 'Switch off 2 displays in hall-2'],
    [{ power: 'ON' }, targets('museum/hall-2/east', 'museum/hall-1'), 'Switch on 2 displays in museum'],
    [{ power: 'OFF' }, targets('museum', 'depot'), 'Switch off 2 displays at 2 sites'],
    [{ brightnessPercent: 40 }, targets('museum/hall-2'), 'Set 1 display to 40 % brightness in hall-2'],
  ] as const)('%j', (values, chosen, words) => {
    expect(deedOf(values, chosen)).toBe(words);
  });

  it('is at the smallest place that holds all', () => {
    expect(placeOf(['a/b/c', 'a/b', 'a/b/d'])).toBe('b');
    expect(placeOf(['a/b', 'a/bc'])).toBe('a');
    expect(placeOf(['a', 'b'])).toBeNull();
  });
});

it('is asked for in requests of 200 at most', () => {
  expect(chunksOf(Array.from({ length: 401 }, (_, index) => index)).map(({ length }) => length)).toEqual([200, 200, 1]);
  expect(chunksOf([])).toEqual([]);
});

it('says how many would change, how many are so already, and why others are refused', () => {
  const results = [planned('ON', 'OFF'), planned(null, 'OFF'), planned('OFF', 'OFF'), refused('no'), refused('no')];
  expect(forecastOf([...results, refused('gone')])).toEqual({
    ...{ changing: 2, already: 1 },
    refused: [
      { message: 'no', count: 2 },
      { message: 'gone', count: 1 },
    ],
  });
});

it('has an outcome of its own for each, the worst first', () => {
  const outcomes = [ended('APPLIED'), ended('PENDING'), ended('MISMATCH'), refused('no'), ended('APPLIED')].map(
    outcomeOf,
  );
  expect(outcomes[1]).toEqual({ state: 'SENDING', detail: 'because' });
  expect(outcomes[3]).toEqual({ state: 'REFUSED', detail: 'no' });
  expect(countsOf(outcomes).map(({ state, count }) => `${count} ${state}`)).toEqual([
    '1 REFUSED',
    '1 MISMATCH',
    '1 SENDING',
    '2 APPLIED',
  ]);
});

it('is sent again to those alone that did not take it', () => {
  const states = ['APPLIED', 'MISMATCH', 'UNREACHABLE', 'REJECTED', 'REFUSED', 'SUPERSEDED', 'SENDING'] as const;
  const outcomes = states.map((state, index): [string, BulkOutcome] => [String(index), { state, detail: null }]);
  const left = untaken(targets(...states, 'never heard of'), new Map(outcomes));
  expect(left.map(({ site }) => site)).toEqual(['MISMATCH', 'UNREACHABLE', 'REJECTED']);
});
