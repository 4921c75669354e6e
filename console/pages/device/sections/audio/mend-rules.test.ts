import { describe, expect, it } from 'vitest';
import { canSendAgain, canUndo, expectedOf, wishOf } from './mend-rules.ts';
import type { Change } from './outcome-rules.ts';

const READING = { value: -6, string: '-6.0dB', position: 0.78, measuredAt: '2026-11-26T12:00:00Z' };

describe('what a control is taken for', () => {
  it.each([
    [{ value: -10 }, { value: -6 }],
    [{ position: 0.5 }, { position: 0.78 }],
    [{ mute: false }, { mute: true }],
    [{ text: 'Film' }, { text: '-6.0dB' }],
    [{ trigger: true } as const, null],
  ])('where it is set to %j is %j', (wanted, expected) => expect(expectedOf(wanted, READING)).toEqual(expected));

  it('is nothing where it said nothing, or what the graph would not take', () => {
    const silent = { ...READING, value: null, string: null, position: null };
    for (const wanted of [{ value: 1 }, { position: 1 }, { mute: true }, { text: '' }])
      expect(expectedOf(wanted, silent)).toBeNull();
    for (const string of ['two\nlines', 'x'.repeat(1_000)])
      expect(expectedOf({ text: '' }, { ...READING, string })).toBeNull();
  });
});

it.each([
  [{ value: -6, rampSeconds: 2 }, { value: -6 }],
  [{ gainDb: -6, inputs: '1', outputs: '2' }, { value: -6 }],
  [{ delaySeconds: 0.5, inputs: '1', outputs: '2' }, { value: 0.5 }],
  [{ solo: true, inputs: '1', outputs: '2' }, { mute: true }],
  [{ mute: false }, { mute: false }],
  [{ position: 0 }, { position: 0 }],
  [{ text: '' }, { text: '' }],
  [{ trigger: true }, null],
])('what was wanted by %j is sent again as %j', (wanted, wish) => expect(wishOf(wanted)).toEqual(wish));

it.each([
  ['MISMATCH', { value: 1 }, true],
  ['UNREACHABLE', { value: 1 }, true],
  ['REJECTED', { text: 'x' }, true],
  ['APPLIED', { value: 1 }, false],
  ['SENDING', { value: 1 }, false],
  ['UNREACHABLE', { trigger: true }, false],
] as const)('%s of %j can be sent again: %s', (state, wanted, can) =>
  expect(canSendAgain({ state, wanted })).toBe(can),
);

describe('a change', () => {
  const A = 'Foyer Gain/gain';
  const B = 'Foyer Gain/mute';
  const read = { value: 1, string: '1', position: 1 };
  const aChange = (overrides: Partial<Change>): Change => ({
    __typename: 'SettingsChange',
    ...{ id: 'a', state: 'APPLIED', wanted: { [A]: { value: -10 } }, before: { [A]: read }, readBack: null },
    ...{ code: null, detail: null, at: '', finishedAt: null, requestedBy: 'Anna', reason: null },
    ...{ settingsVersion: 1, undoes: null },
    ...overrides,
  });
  const last = new Map([
    [A, { id: 'a' }],
    [B, { id: 'b' }],
  ]);
  const both = { wanted: { [A]: { value: -10 }, [B]: { mute: true } }, before: { [A]: read, [B]: read } };
  it.each<[fact: string, overrides: Partial<Change>, can: boolean]>([
    ['that was applied can be undone', {}, true],
    ['that mismatched, too', { state: 'MISMATCH' }, true],
    ['that was refused changed nothing', { state: 'REJECTED' }, false],
    ['that is open has no end yet', { state: 'PENDING' }, false],
    ['of which nothing is known before can not', { before: null }, false],
    ['nor where a control was not read', { before: { [A]: null } }, false],
    ['that fired a trigger can not', { wanted: { [A]: { trigger: true } } }, false],
    ['of which a control was set later can not', both, false],
  ])('%s', (_fact, overrides, can) => expect(canUndo(aChange(overrides), last)).toBe(can));
});
