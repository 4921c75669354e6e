import { describe, expect, it } from 'vitest';
import {
  barOf,
  cellOf,
  hoursText,
  inParts,
  lowest,
  percentText,
  placeOf,
  pointsOf,
  sharesOf,
} from './availability-rules.ts';
import { USUAL } from './view-rules.ts';

const seconds = (of: Partial<Record<'online' | 'degraded' | 'offline' | 'unknown' | 'blind', number>>) => ({
  ...{ onlineSeconds: of.online ?? 0, degradedSeconds: of.degraded ?? 0, offlineSeconds: of.offline ?? 0 },
  ...{ unknownSeconds: of.unknown ?? 0, blindSeconds: of.blind ?? 0 },
});
const step = (from: string, onlineRatio: number | null) => ({
  ...{ group: 'a', from, to: from, onlineRatio },
  ...seconds({ online: 1 }),
});

describe('where the time went', () => {
  it('is told in shares, the worst first, without what there was not', () => {
    expect(sharesOf(seconds({ online: 60, offline: 30, blind: 10 })).map(({ kind, share }) => [kind, share])).toEqual([
      ['offline', 0.3],
      ['blind', 0.1],
      ['online', 0.6],
    ]);
    expect(sharesOf(seconds({}))).toEqual([]);
  });

  it('is a bar as wide as all of it, in which a minute of a month is seen', () => {
    const bar = barOf(seconds({ online: 2_592_000, offline: 60 }));
    expect(bar.map(({ kind }) => kind)).toEqual(['offline', 'online']);
    expect(bar[0]?.width).toBe(0.02);
    expect(bar.reduce((sum, { width }) => sum + width, 0)).toBeCloseTo(1);
    expect(barOf(seconds({}))).toEqual([]);
  });
});

describe('a step of a strip', () => {
  it('is empty when all went well, and full when nothing did', () => {
    expect(cellOf({ onlineRatio: 1, ...seconds({ online: 9 }) }, USUAL)).toEqual({ kind: 'online', height: 0 });
    expect(cellOf({ onlineRatio: 0, ...seconds({ offline: 9 }) }, USUAL)).toEqual({ kind: 'offline', height: 1 });
  });
  it('says what most was lost to, and shows even little', () => {
    const unknown = { onlineRatio: 0.9999, ...seconds({ online: 9_999, unknown: 1 }) };
    expect(cellOf(unknown, { ...USUAL, unknown: 'AS_OFFLINE' })).toEqual({ kind: 'unknown', height: 0.15 });
  });
  it('lost nothing to what is left out, however much there is of it', () => {
    const blind = { onlineRatio: 0.5, ...seconds({ online: 1, offline: 1, blind: 22, degraded: 3 }) };
    expect(cellOf(blind, USUAL).kind).toBe('offline');
    expect(cellOf(blind, { ...USUAL, blind: 'AS_OFFLINE' }).kind).toBe('blind');
  });
  it('is hollow where nothing is counted', () => {
    expect(cellOf({ onlineRatio: null, ...seconds({ unknown: 9 }) }, USUAL).height).toBeNull();
  });
  it('stands where its time is, also in the strip of a group that came later', () => {
    const range = { from: '2026-11-01T00:00Z', to: '2026-11-11T00:00Z' };
    expect(placeOf({ from: '2026-11-06T00:00Z', to: '2026-11-07T00:00Z' }, range)).toEqual({
      at: 0.5,
      width: expect.closeTo(0.1),
    });
  });
});

it.each([
  [1, '100.00'],
  [0.99999, '99.99'],
  [0.5, '50.00'],
  [0, '0.00'],
])('%d is %s %%', (ratio, text) => expect(percentText(ratio)).toBe(text));

it.each([
  [0, '0.0'],
  [1, '< 0.1'],
  [3_600, '1.0'],
  [12_345, '3.4'],
  [4_334_400, '1,204.0'],
])('%d seconds are %s hours', (of, text) => expect(hoursText(of)).toBe(text));

it('the lowest step is found among those that count', () => {
  const steps = [step('2026-11-01T00:00Z', 0.9), step('2026-11-02T00:00Z', null), step('2026-11-03T00:00Z', 0.4)];
  expect(lowest(steps)?.from).toBe('2026-11-03T00:00Z');
  expect(lowest([step('2026-11-02T00:00Z', null)])).toBeNull();
  expect(pointsOf(steps).map(({ value }) => value)).toEqual([90, null, 40]);
});

it('groups are asked for in parts of at most 10,000 steps, and of 1,000 groups', () => {
  const groups = Array.from({ length: 1_500 }, (_, index) => index);
  const range = { from: '2026-10-01T00:00:00Z', to: '2026-10-31T00:00:00Z' };
  expect(inParts(groups, { ...range, step: 'DAY' })?.map(({ length }) => length)).toEqual([312, 312, 312, 312, 252]);
  expect(inParts(groups, { ...range, step: 'MONTH' })?.map(({ length }) => length)).toEqual([1_000, 500]);
  expect(inParts([], { ...range, step: 'DAY' })).toEqual([]);
});
