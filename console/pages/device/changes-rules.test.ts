import { describe, expect, it } from 'vitest';
import { type DeviceChange, mergeChanges, stampOf } from './changes-rules.ts';

const aChange = (overrides: Partial<DeviceChange>): DeviceChange => ({
  __typename: 'SettingsChange',
  ...{ id: 'a', state: 'PENDING', wanted: { brightnessPercent: 70 }, before: null, readBack: null },
  ...{ code: null, detail: null, at: '2026-11-26T12:00:00Z', finishedAt: null, requestedBy: 'admin', reason: null },
  ...{ settingsVersion: 1, undoes: null },
  ...overrides,
});

describe('changes', () => {
  it('that come twice are there once, with the newest first', () => {
    const known = [aChange({ id: 'b', settingsVersion: 2 }), aChange({ id: 'a', state: 'APPLIED' })];
    const merged = mergeChanges(known, [
      aChange({ id: 'b', settingsVersion: 2, state: 'APPLIED' }),
      aChange({ id: 'c', settingsVersion: 3 }),
    ]);
    expect(merged.map(({ id, state }) => [id, state])).toEqual([
      ['c', 'PENDING'],
      ['b', 'APPLIED'],
      ['a', 'APPLIED'],
    ]);
  });

  it('that have ended are not opened again by an answer that was on its way', () => {
    const ended = [aChange({ state: 'MISMATCH' })];
    expect(mergeChanges(ended, [aChange({})])).toEqual(ended);
  });
});

it('changes that have come further have another stamp', () => {
  expect(stampOf([aChange({})])).not.toBe(stampOf([aChange({ state: 'APPLIED' })]));
  expect(stampOf([aChange({})])).toBe(stampOf([aChange({ detail: 'waits' })]));
});
