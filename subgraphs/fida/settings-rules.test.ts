import type { SettingsChangeRow } from '@wheelhouse/kit/settings-requests.ts';
import { describe, expect, it } from 'vitest';
import { checkValues, effectsOf, sentOf } from './settings-rules.ts';
import type { DisplayRow } from './store.ts';

const measuredAt = new Date('2026-11-22T12:00:00.000Z');
const display: DisplayRow = {
  ...{ deviceId: 'a', slot: measuredAt, lookedAt: measuredAt, lookProblem: null, measuredAt, roundTripMs: 1 },
  ...{ profile: 'wheelhouse-fida', power: 'ON', brightnessPercent: 70, inputSource: 'HDMI1', signalPresent: true },
  ...{ temperatureCelsius: 40, backlightHours: 1, ambientLightLux: 1, model: null, serialNumber: null, firmware: null },
  ...{ problems: [], settingsReadAt: null },
};
const aChange = (overrides: Partial<SettingsChangeRow>): SettingsChangeRow => ({
  ...{
    id: 'c',
    subject: 'a',
    settingsVersion: 1,
    state: 'PENDING',
    wanted: { power: 'OFF' },
    expected: null,
    before: null,
  },
  ...{
    readBack: null,
    code: null,
    detail: null,
    actor: 'someone',
    reason: null,
    idempotencyKey: null,
    payloadHash: null,
  },
  ...{
    undoes: null,
    requestedAt: measuredAt,
    sentAt: null,
    finishedAt: null,
    leaseUntil: null,
    leaseToken: null,
    attempts: 0,
  },
  ...overrides,
});
const state = { before: {}, expected: null, display, open: [] };

describe('the values of a request', () => {
  const kept = [{ names: ['hours', 'exceptions'] }];

  it('are those that were given, what is sent apart from what we keep', () => {
    const input = { id: 'a', power: 'OFF', brightnessPercent: 0, inputSource: null, hours: [], other: 1 };
    expect(checkValues(input, kept)).toEqual({
      ...{ sent: { power: 'OFF', brightnessPercent: 0 }, kept: { hours: [] }, expected: null, faults: [] },
    });
    expect(sentOf({ power: 'OFF', hours: [] })).toEqual({ power: 'OFF' });
  });

  it('are at least one', () => {
    const { faults } = checkValues({ id: 'a', power: null }, kept);
    expect(faults).toMatchObject([
      { code: 'INVALID', message: expect.stringContaining('inputSource, hours, exceptions') },
    ]);
  });
});

describe('what a request expects', () => {
  const kept = [{ names: ['hours'] }];

  it('goes with what is sent', () => {
    const input = { power: 'OFF', expected: { power: 'ON', inputSource: null } };
    expect(checkValues(input, kept)).toMatchObject({ expected: { power: 'ON' }, faults: [] });
  });

  it('is refused where nothing is sent, since nobody would ask', () => {
    expect(checkValues({ hours: [], expected: { power: 'ON' } }, kept).faults).toMatchObject([
      { path: ['input', 'expected'], code: 'INVALID', message: expect.stringContaining('power, brightnessPercent') },
    ]);
    expect(checkValues({ hours: [], expected: { power: null } }, kept).faults).toEqual([]);
  });
});

describe('the effects of a change', () => {
  it.each([
    [{ power: 'OFF' }, { power: 'ON' }, ['the display goes dark']],
    [{ power: 'ON' }, { power: 'OFF' }, ['the display shows a picture again']],
    [{ inputSource: 'DVI' }, { inputSource: 'HDMI1' }, ['the display shows DVI']],
    [{ brightnessPercent: 40 }, { brightnessPercent: 70 }, []],
    [{ brightnessPercent: 40 }, { brightnessPercent: 40 }, ['nothing changes: it is so already']],
    [{ power: 'OFF', brightnessPercent: 40 }, { power: 'OFF', brightnessPercent: 1 }, []],
    [{ brightnessPercent: 40 }, { brightnessPercent: null }, ['what brightnessPercent is at present is not known']],
  ])('of %j after %j are %j', (wanted, before, effects) => {
    expect(effectsOf({ ...state, wanted, before })).toEqual(effects);
  });

  it('tell what is superseded, and what is waited for', () => {
    const open = [
      aChange({ id: 'same' }),
      aChange({ id: 'more', wanted: { power: 'OFF', inputSource: 'DVI' } }),
      aChange({ id: 'begun', state: 'SENDING' }),
    ];
    const effects = effectsOf({ ...state, wanted: { power: 'ON' }, before: { power: 'OFF' }, open });
    expect(effects.slice(1)).toEqual([
      'it supersedes the change same, which is not begun',
      'it waits for the change more, which has not come to its end',
      'it waits for the change begun, which has not come to its end',
    ]);
  });

  it('tell that the display does not answer, and since when', () => {
    const effectsFor = (shown: DisplayRow | undefined) =>
      effectsOf({ ...state, wanted: { power: 'OFF' }, before: { power: 'ON' }, display: shown }).at(-1);
    expect(effectsFor({ ...display, lookProblem: 'no answer' })).toBe(
      'the display has not answered since 2026-11-22T12:00:00.000Z: no answer',
    );
    expect(effectsFor({ ...display, lookProblem: 'no answer', measuredAt: null })).toContain('has never answered');
    expect(effectsFor(undefined)).toContain('has not been looked at');
  });

  it('tell that an expected value was another one last', () => {
    const wanted = { power: 'OFF' };
    const effectsFor = (expected: Record<string, unknown>) =>
      effectsOf({ ...state, wanted, before: { power: 'ON' }, expected }).slice(1);
    expect(effectsFor({ brightnessPercent: 70 })).toEqual([]);
    expect(effectsFor({ brightnessPercent: 10 })).toEqual([
      expect.stringContaining('brightnessPercent was last 70, not 10'),
    ]);
  });
});
