import { describe, expect, it } from 'vitest';
import {
  type Change,
  canSendAgain,
  canUndo,
  differencesOf,
  lastOutcomes,
  outcomeOf,
  settingsIn,
} from './change-rules.ts';

const AT = '2026-11-26T12:00:00Z';
const NOW = Date.parse(AT) + 5_000;
const aChange = (overrides: Partial<Change>): Change => ({
  __typename: 'SettingsChange',
  ...{
    id: 'a',
    state: 'PENDING',
    wanted: { brightnessPercent: 70 },
    before: { brightnessPercent: 40 },
    readBack: null,
  },
  ...{ code: null, detail: null, at: AT, finishedAt: null, requestedBy: 'admin', reason: null },
  ...{ settingsVersion: 1, undoes: null },
  ...overrides,
});

describe('what has become of a value', () => {
  it('is sending at first, and pending when it takes long', () => {
    const change = aChange({});
    expect(outcomeOf(change, 'brightnessPercent', NOW).state).toBe('SENDING');
    expect(outcomeOf(change, 'brightnessPercent', NOW + 15_000).state).toBe('PENDING');
  });

  it('is a mismatch only where another value was read back', () => {
    const change = aChange({
      state: 'MISMATCH',
      wanted: { power: 'ON', brightnessPercent: 70 },
      readBack: { power: 'ON', brightnessPercent: 50 },
    });
    expect(outcomeOf(change, 'power', NOW).state).toBe('APPLIED');
    expect(outcomeOf(change, 'brightnessPercent', NOW)).toMatchObject({ state: 'MISMATCH', wanted: 70, readBack: 50 });
  });

  it('is stored for hours, whatever came of the rest', () => {
    const change = aChange({ state: 'REJECTED', wanted: { power: 'ON', hoursOfOperation: [] } });
    expect(outcomeOf(change, 'hoursOfOperation', NOW).state).toBe('APPLIED');
    expect(outcomeOf(change, 'power', NOW).state).toBe('REJECTED');
  });

  it('is that of the last change of each setting', () => {
    const changes = [
      aChange({ id: 'c', wanted: { power: 'OFF' } }),
      aChange({ id: 'b', state: 'APPLIED' }),
      aChange({ id: 'a', state: 'UNREACHABLE' }),
    ];
    const outcomes = lastOutcomes(changes, NOW);
    expect([outcomes.power?.change.id, outcomes.brightnessPercent?.change.id]).toEqual(['c', 'b']);
    expect(outcomes.inputSource).toBeUndefined();
  });

  it('leaves out what it does not know', () => {
    expect(settingsIn({ power: 'ON', volume: 3 })).toEqual({ power: 'ON' });
    expect(settingsIn(null)).toEqual({});
    expect(settingsIn('text')).toEqual({});
  });
});

describe('changes', () => {
  it('can be taken back when they ended, are the last of their settings, and what was before is known', () => {
    const applied = aChange({ state: 'APPLIED' });
    expect(canUndo(applied, [applied])).toBe(true);
    expect(canUndo(aChange({}), [])).toBe(false);
    expect(canUndo(aChange({ state: 'REJECTED' }), [])).toBe(false);
    expect(canUndo(aChange({ state: 'APPLIED', before: null }), [])).toBe(false);
    const other = aChange({ id: 'b', settingsVersion: 2, wanted: { power: 'ON' } });
    expect(canUndo(applied, [other, applied])).toBe(true);
    expect(canUndo(applied, [aChange({ id: 'b', settingsVersion: 2 }), applied])).toBe(false);
  });

  it('can be sent again when they did not take', () => {
    const states = ['PENDING', 'APPLIED', 'MISMATCH', 'UNREACHABLE', 'REJECTED', 'SUPERSEDED'] as const;
    expect(states.filter((state) => canSendAgain(aChange({ state }), []))).toEqual([
      'MISMATCH',
      'UNREACHABLE',
      'REJECTED',
    ]);
  });
});

describe('the difference', () => {
  it('of a single value is a line', () => {
    expect(differencesOf('brightnessPercent', 40, 70)).toEqual([{ part: '', before: '40 %', after: '70 %' }]);
    expect(differencesOf('power', null, 'OFF')).toEqual([{ part: '', before: 'not known', after: 'Off' }]);
    expect(differencesOf('power', 'ON', 'ON')).toEqual([]);
  });

  it('of hours is a line for each day that differs', () => {
    const before = [{ weekday: 'MONDAY', on: '09:00', off: '18:00' }];
    const after = [{ weekday: 'TUESDAY', on: '09:00', off: '18:00' }];
    expect(differencesOf('hoursOfOperation', before, after)).toEqual([
      { part: 'Monday', before: '09:00–18:00', after: 'closed' },
      { part: 'Tuesday', before: 'closed', after: '09:00–18:00' },
    ]);
    expect(differencesOf('hoursOfOperation', null, after)).toEqual([
      { part: 'Tuesday', before: 'closed', after: '09:00–18:00' },
    ]);
  });

  it('of days that follow each other and change alike is one line', () => {
    const days = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'SATURDAY'];
    const after = days.map((weekday) => ({ weekday, on: '09:00', off: '18:00' }));
    expect(differencesOf('hoursOfOperation', [], after)).toEqual([
      { part: 'Monday to Wednesday', before: 'closed', after: '09:00–18:00' },
      { part: 'Saturday', before: 'closed', after: '09:00–18:00' },
    ]);
  });

  it('of special days is a line for each date', () => {
    expect(differencesOf('hoursExceptions', [{ date: '2026-12-25', windows: [] }], [])).toEqual([
      { part: '2026-12-25', before: 'closed', after: 'as its weekday' },
    ]);
  });
});
