import { describe, expect, it } from 'vitest';
import { byDay, isSame, mayBeUndone, settingRows, undoable } from './timeline-rules.ts';

describe('what a change asked for', () => {
  const change = {
    state: 'MISMATCH' as const,
    wanted: {
      power: 'ON',
      brightnessPercent: 70,
      hoursOfOperation: [{ weekday: 'MONDAY', on: '09:00', off: '18:00' }],
    },
    before: { brightnessPercent: 40 },
    readBack: { brightnessPercent: 50, hoursOfOperation: [{ off: '18:00', on: '09:00', weekday: 'MONDAY' }] },
  };

  it('is told by name, with what was before, and what was read back where that is something else', () => {
    const hours = 'Monday 09:00–18:00';
    expect(settingRows(change)).toEqual([
      { name: 'brightnessPercent', before: '40', wanted: '70', readBack: '50', differs: true },
      { name: 'hoursOfOperation', before: null, wanted: hours, readBack: hours, differs: false },
      { name: 'power', before: null, wanted: 'ON', readBack: null, differs: false },
    ]);
  });

  it('differs only where the graph says so', () => {
    expect(settingRows({ ...change, state: 'APPLIED' }).some(({ differs }) => differs)).toBe(false);
    expect(settingRows({ state: 'PENDING', wanted: null, before: null, readBack: null })).toEqual([]);
  });
});

it.each([
  [1, 1, true],
  [0.1 + 0.2, 0.3, true],
  ['1', 1, true],
  [[], [], true],
  [{}, {}, true],
  [[1], [2], false],
  [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
  [{ a: 1 }, { b: 1 }, false],
  [null, { a: 1 }, false],
])('%j and %j are the same: %s', (one, other, same) => expect(isSame(one, other)).toBe(same));

it('a change may be taken back when it came to something and knows what was before', () => {
  const [before, wanted] = [{ power: 'ON' }, { power: 'OFF' }];
  expect(mayBeUndone({ state: 'APPLIED', before, wanted })).toBe(true);
  expect(mayBeUndone({ state: 'UNREACHABLE', before, wanted })).toBe(true);
  expect(mayBeUndone({ state: 'APPLIED', before: null, wanted })).toBe(false);
  expect(mayBeUndone({ state: 'PENDING', before, wanted })).toBe(false);
  expect(mayBeUndone({ state: 'REJECTED', before, wanted })).toBe(false);
  expect(mayBeUndone({ state: 'APPLIED', before, wanted: { 'Chime/play': { trigger: true } } })).toBe(false);
});

it('only the latest change of a setting may be taken back', () => {
  const change = (id: string, wanted: object, state: 'APPLIED' | 'REJECTED' = 'APPLIED') => ({
    ...{ id, state, wanted },
    before: { power: 'ON' },
  });
  const changes = [
    change('rejected', { input: 'HDMI2' }, 'REJECTED'),
    change('newest', { power: 'OFF' }),
    change('other', { input: 'HDMI1' }),
    change('older', { power: 'ON', volume: 1 }),
  ];
  expect([...undoable(changes)]).toEqual(['newest', 'other']);
});

it('events stand under their day in the zone of the site', () => {
  const events = ['2026-11-26T22:30:00Z', '2026-11-26T21:30:00Z'].map((at) => ({ node: { at } }));
  expect(byDay(events, 'Africa/Cairo').map(({ day, entries: each }) => [day, each.length])).toEqual([
    ['2026-11-27', 1],
    ['2026-11-26', 1],
  ]);
  expect(byDay(events, 'UTC')).toHaveLength(1);
});
