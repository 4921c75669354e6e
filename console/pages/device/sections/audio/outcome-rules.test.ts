import { describe, expect, it } from 'vitest';
import {
  type Change,
  isMovedSince,
  keyOf,
  lastChanges,
  namesIn,
  outcomeOf,
  outcomeText,
  presentReading,
  valueOfControl,
  wantedText,
} from './outcome-rules.ts';

const AT = '2026-11-26T12:00:00Z';
const NOW = Date.parse(AT) + 5_000;
const LIMITS = { min: -100, max: 20 };
const KEY = 'Foyer Gain/gain';
const aChange = (overrides: Partial<Change> = {}): Change => ({
  __typename: 'SettingsChange',
  ...{ id: 'a', state: 'PENDING', wanted: { [KEY]: { value: -10 } }, before: null, readBack: null },
  ...{ code: null, detail: null, at: AT, finishedAt: null, requestedBy: 'Anna', reason: null },
  ...{ settingsVersion: 1, undoes: null },
  ...overrides,
});
const SEVERAL = { [KEY]: { value: -10 }, 'Foyer Gain/mute': { mute: true } };
const readingAt = (value: number, measuredAt = AT) => ({ value, string: `${value}dB`, position: null, measuredAt });
const ended = (state: Change['state'], value: number): Change =>
  aChange({ state, finishedAt: AT, readBack: { [KEY]: { value, string: `${value}dB`, position: 0.5 } } });
const outcomeIn = (change: Change, now = NOW) => {
  const outcome = outcomeOf(change, KEY, LIMITS, now);
  if (outcome === null) throw new Error('the change asked nothing of the control');
  return outcome;
};

describe('what has become of a control', () => {
  it('is sending at first, and pending when it takes long', () => {
    expect(outcomeIn(aChange()).state).toBe('SENDING');
    expect(outcomeIn(aChange(), NOW + 15_000).state).toBe('PENDING');
  });

  it.each(['APPLIED', 'UNREACHABLE', 'REJECTED', 'SUPERSEDED'] as const)('is %s as its change is', (state) =>
    expect(outcomeIn(aChange({ state })).state).toBe(state),
  );

  it('is a mismatch only where another value was read back', () => {
    const among = (value: number) => outcomeIn({ ...ended('MISMATCH', value), wanted: SEVERAL }).state;
    expect(among(-12)).toBe('MISMATCH');
    // A thousandth of 120 dB.
    expect(among(-10.1)).toBe('APPLIED');
    expect(outcomeIn(aChange({ state: 'MISMATCH', wanted: SEVERAL })).state).toBe('MISMATCH');
    expect(outcomeIn(ended('MISMATCH', -10.1)).state).toBe('MISMATCH');
  });

  it.each([
    ['a text', { text: 'Music' }, { string: 'Music' }, { string: 'Film' }],
    ['a part of the range', { position: 0.5 }, { position: 0.5 }, { position: 0.7 }],
    ['what is switched', { mute: true }, { value: 1 }, { value: 0 }],
    ['what is soloed', { solo: false }, { value: 0 }, { value: 1 }],
    ['a delay', { delaySeconds: 0.5 }, { value: 0.5 }, { value: 0.9 }],
  ])('of several, %s is judged by what was read of it', (_what, wanted, as, other) => {
    const stateOf = (readBack: object) =>
      outcomeIn(
        aChange({
          state: 'MISMATCH',
          wanted: { ...SEVERAL, [KEY]: wanted },
          readBack: { [KEY]: readBack },
          finishedAt: AT,
        }),
      ).state;
    const read = { value: null, string: null, position: null };
    expect(stateOf({ ...read, ...as })).toBe('APPLIED');
    expect(stateOf({ ...read, ...other })).toBe('MISMATCH');
    expect(stateOf(read)).toBe('MISMATCH');
  });

  it('is said with what was wanted, and what the Core says', () => {
    expect(outcomeText('fader', outcomeIn(ended('MISMATCH', -12)))).toBe('Mismatch: wanted -10 dB, Core says -12 dB');
    expect(outcomeText('fader', outcomeIn(aChange()))).toBe('Sending -10 dB');
    const mute = {
      state: 'MISMATCH',
      wanted: { mute: true },
      readBack: { value: 0, string: 'unmuted', position: 0 },
    } as const;
    expect(outcomeText('mute', mute)).toBe('Mismatch: wanted Muted, Core says Unmuted');
  });

  it('is said as the control is: on or off, and as a text', () => {
    const wanted = { state: 'APPLIED', wanted: { mute: true }, readBack: null } as const;
    expect(outcomeText('switch', wanted)).toBe('Applied On');
    expect(outcomeText('text', { ...wanted, wanted: { text: 'Film' } })).toBe('Applied “Film”');
    expect(outcomeText('trigger', { ...wanted, state: 'UNREACHABLE', wanted: { trigger: true } })).toBe(
      'Unreachable: it is not known whether it fired',
    );
  });

  it('is nothing of a change of other controls', () =>
    expect(outcomeOf(aChange({ wanted: { FoyerGain: { value: -10 } } }), KEY, LIMITS, NOW)).toBeNull());
});

it('what is planned reads as what was read of the control, or would be set, in its unit', () => {
  const read = { value: -6, string: '-6.0dB', position: 0.78 };
  expect(valueOfControl(KEY, read, read)).toBe('-6.0dB');
  expect(valueOfControl(KEY, { value: -10 }, read)).toBe('-10 dB');
  expect(valueOfControl('Foyer Gain/mute', { mute: true }, { value: 0, string: 'no', position: 0 })).toBe('Muted');
  expect(valueOfControl('Foyer Gain/invert', { mute: true }, null)).toBe('On');
  expect(valueOfControl(KEY, { value: 3 }, null)).toBe('3');
  expect(valueOfControl(KEY, { value: null, string: '', position: null }, null)).toBe('not known');
  expect(valueOfControl(KEY, null, null)).toBe('not known');
});

it('a key is read as names', () => expect(namesIn('L~1R ~01/gain')).toBe('L/R ~1, gain'));

it('a control stands under its names, with what parts them escaped', () =>
  expect(keyOf('L/R ~1', 'gain')).toBe('L~1R ~01/gain'));

it('the last change of each control is the newest that asked something of it', () => {
  const other = aChange({ id: 'b', wanted: { [KEY]: { value: -20 }, 'Foyer Gain/mute': { mute: true } } });
  const last = lastChanges([aChange(), other]);
  expect(last.get(KEY)?.id).toBe('a');
  expect(last.get('Foyer Gain/mute')?.id).toBe('b');
});

it.each([
  [{ gainDb: -6, rampSeconds: 2 }, '-6 dB'],
  [{ mute: false }, 'Unmuted'],
  [{ position: 0.5 }, '50 % of its range'],
  [{ text: 'Music' }, '“Music”'],
  [{ trigger: true }, 'fired'],
])('what was wanted by %j reads %s', (wanted, text) => expect(wantedText(wanted)).toBe(text));

describe('what the control says at present', () => {
  const later = '2026-11-26T12:00:02Z';
  it('is what was read back until something newer is told', () => {
    const outcome = outcomeIn({ ...ended('APPLIED', -10), finishedAt: later });
    expect(presentReading(readingAt(-12), outcome).value).toBe(-10);
    expect(presentReading(readingAt(-14, '2026-11-26T12:00:03Z'), outcome).value).toBe(-14);
    expect(presentReading(readingAt(-12), null).value).toBe(-12);
  });

  it('is a text that was read back as well', () => {
    const change = aChange({
      ...{ state: 'APPLIED', finishedAt: later, wanted: { [KEY]: { text: 'Film' } } },
      readBack: { [KEY]: { value: null, string: 'Film', position: null } },
    });
    const told = { value: null, string: 'Music', position: null, measuredAt: AT };
    expect(presentReading(told, outcomeIn(change)).string).toBe('Film');
    const after = { ...told, measuredAt: '2026-11-26T12:00:03Z' };
    expect(isMovedSince(after, outcomeIn(change), null, Date.parse(later) + 20_000)).toBe(true);
    expect(isMovedSince({ ...after, string: 'Film' }, outcomeIn(change), null, Date.parse(later) + 20_000)).toBe(false);
  });

  it('was moved by something else when it has left what was read back, and for long enough', () => {
    const outcome = outcomeIn(ended('APPLIED', -10));
    const told = readingAt(-14, later);
    expect(isMovedSince(told, outcome, LIMITS, Date.parse(later) + 10_000)).toBe(true);
    expect(isMovedSince(told, outcome, LIMITS, Date.parse(later) + 1_000)).toBe(false);
    expect(isMovedSince(readingAt(-10.1, later), outcome, LIMITS, Date.parse(later) + 10_000)).toBe(false);
    expect(isMovedSince(told, null, LIMITS, Date.parse(later) + 10_000)).toBe(false);
  });
});
