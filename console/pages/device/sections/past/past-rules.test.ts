import { describe, expect, it } from 'vitest';
import { between, compareStates, lastMinute, readOther } from './past-rules.ts';

const state = {
  ...{
    status: 'ONLINE' as const,
    statusSince: '2026-11-01T00:00:00Z',
    statusReason: null,
    name: 'Foyer',
    site: 'hall',
  },
  metrics: [{ name: 'fanPercent', unit: '%', last: 20, at: '2026-11-25T12:00:00Z' }],
  settings: { power: 'ON', brightnessPercent: 70 },
};

describe('a device at two times', () => {
  it('is told line by line, with what changed', () => {
    const other = { ...state, site: 'gate', settings: { power: 'ON', volume: 3 }, metrics: [] };
    const rows = compareStates(state, other);
    expect(
      rows.filter(({ isChanged }) => isChanged).map(({ group, name, past, other: now }) => [group, name, past, now]),
    ).toEqual([
      ['state', 'site', 'hall', 'gate'],
      ['settings', 'brightnessPercent', '70', null],
      ['settings', 'volume', null, '3'],
      ['metrics', 'fanPercent', '20', null],
    ]);
    expect(rows.find(({ name }) => name === 'fanPercent')).toMatchObject({ unit: '%', pastAt: '2026-11-25T12:00:00Z' });
    expect(rows.map(({ name }) => name).slice(0, 5)).toEqual(['status', 'statusSince', 'statusReason', 'name', 'site']);
  });

  it('is unknown at a time when it was not in the registry', () => {
    expect(compareStates(null, state).every(({ past }) => past === null)).toBe(true);
    expect(compareStates(null, null).some(({ isChanged }) => isChanged)).toBe(false);
  });
});

it('the address says with which past time it is compared; anything else means the present', () => {
  const now = Date.parse('2026-11-26T00:00:00Z');
  const read = (text: string) => readOther(new URLSearchParams({ with: text }), now);
  expect(read('2026-11-25T00:00:00.000Z')).toEqual(new Date('2026-11-25T00:00:00Z'));
  expect([read('2026-11-27T00:00:00Z'), read('nonsense'), readOther(new URLSearchParams(), now)]).toEqual([
    null,
    null,
    null,
  ]);
});

it('the last minute never lies ahead', () => {
  expect(lastMinute(Date.parse('2026-11-26T12:00:04Z')).toISOString()).toBe('2026-11-26T11:59:00.000Z');
  expect(lastMinute(Date.parse('2026-11-26T12:00:05Z')).toISOString()).toBe('2026-11-26T12:00:00.000Z');
});

it('between two times is from the earlier to the later, whichever comes first', () => {
  const [one, other] = [new Date(1_000), new Date(2_000)];
  expect(between(other, one)).toEqual({ from: one.toISOString(), to: other.toISOString() });
  expect(between(one, one)).toBeNull();
});
