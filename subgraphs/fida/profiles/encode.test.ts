import { describe, expect, test } from 'vitest';
import type { SnmpValue } from './decode.ts';
import type { Profile } from './profile.ts';
import { readSettings, settingOids } from './read-settings.ts';
import { profiles } from './registry.ts';
import { type SettingValues, settableOf, settingFault } from './settable.ts';
import { encodeSettings, type SettingVarbind } from './write-settings.ts';

const FIDA = '1.3.6.1.4.1.32473.1.1.2';
const LG = '1.3.6.1.4.1.7824.300.3';
const SIGN = '1.3.6.1.4.1.1206.4.2.3.7';

function profileOf(id: string): Profile {
  const profile = profiles.get(id);
  if (profile === undefined) throw new Error(`there is no profile ${id}`);
  return profile;
}

const number = (value: number): SnmpValue => ({ kind: 'number', value });
const octets = (text: string): SnmpValue => ({ kind: 'octets', value: Buffer.from(text) });
const valuesOf =
  (values: Record<string, SnmpValue>) =>
  (oid: string): SnmpValue =>
    values[oid] ?? { kind: 'missing' };

/** A sign in manualDirect. */
const aSign = (levels: number, level = 0, control = 5) =>
  valuesOf({ [`${SIGN}.4.0`]: number(levels), [`${SIGN}.5.0`]: number(level), [`${SIGN}.1.0`]: number(control) });

test.each<[string, SettingValues, Omit<SettingVarbind, 'name'>[]]>([
  ['wheelhouse-fida', { power: 'ON' }, [{ oid: `${FIDA}.1.0`, syntax: 'INTEGER', value: 1 }]],
  ['wheelhouse-fida', { power: 'OFF' }, [{ oid: `${FIDA}.1.0`, syntax: 'INTEGER', value: 2 }]],
  ['wheelhouse-fida', { brightnessPercent: 0 }, [{ oid: `${FIDA}.2.0`, syntax: 'INTEGER', value: 0 }]],
  [
    'wheelhouse-fida',
    { inputSource: 'OPS', brightnessPercent: 100, power: 'ON' },
    [
      { oid: `${FIDA}.1.0`, syntax: 'INTEGER', value: 1 },
      { oid: `${FIDA}.2.0`, syntax: 'INTEGER', value: 100 },
      { oid: `${FIDA}.4.0`, syntax: 'INTEGER', value: 5 },
    ],
  ],
  ['lg-commercial', { power: 'OFF' }, [{ oid: `${LG}.1.0`, syntax: 'OCTET STRING', value: '00' }]],
  ['lg-commercial', { brightnessPercent: 5 }, [{ oid: `${LG}.8.0`, syntax: 'OCTET STRING', value: '05' }]],
  ['lg-commercial', { brightnessPercent: 50 }, [{ oid: `${LG}.8.0`, syntax: 'OCTET STRING', value: '32' }]],
  ['lg-commercial', { inputSource: 'DISPLAYPORT' }, [{ oid: `${LG}.2.0`, syntax: 'OCTET STRING', value: 'c0' }]],
  ['lg-commercial', { inputSource: 'CODE_A0' }, [{ oid: `${LG}.2.0`, syntax: 'OCTET STRING', value: 'a0' }]],
])('%s is told %j', (id, wanted, varbinds) => {
  const encoded = encodeSettings(profileOf(id), wanted, valuesOf({}));
  expect(encoded).toEqual({ kind: 'varbinds', varbinds: varbinds.map((one) => expect.objectContaining(one)) });
});

test.each([
  // A little light is not none.
  [16, 0, 0],
  [16, 0.1, 1],
  [16, 6, 1],
  [16, 9.3, 1],
  [16, 9.4, 2],
  [16, 33, 5],
  [16, 100, 16],
  [1, 1, 1],
  [1, 100, 1],
  [255, 50, 128],
])('of %i levels %d percent is level %i, and the other object is written', (levels, brightnessPercent, level) => {
  expect(encodeSettings(profileOf('ntcip-1203'), { brightnessPercent }, aSign(levels))).toEqual({
    kind: 'varbinds',
    varbinds: [{ name: 'brightnessPercent', oid: `${SIGN}.6.0`, syntax: 'INTEGER', value: level }],
  });
});

test.each([
  ['is in another mode', aSign(16, 5, 2), 'dmsIllumControl is photocell (2) and must be manualDirect (5)'],
  ['is in a mode of its own', aSign(16, 5, 9), 'dmsIllumControl is unknown (9) and must be manualDirect (5)'],
  [
    'does not say its mode',
    valuesOf({ [`${SIGN}.4.0`]: number(16) }),
    "dmsIllumControl can't be read and must be manualDirect (5)",
  ],
  [
    'does not say its levels',
    valuesOf({ [`${SIGN}.1.0`]: number(5) }),
    'the display does not say how many levels it has',
  ],
  ['has no level', aSign(0), 'the display does not say how many levels it has'],
  ['has more levels than can be', aSign(256), 'the display does not say how many levels it has'],
])('a sign that %s is told nothing, with the reason', (_what, readOther, detail) => {
  expect(encodeSettings(profileOf('ntcip-1203'), { brightnessPercent: 33 }, readOther)).toEqual({
    kind: 'notNow',
    detail: `brightnessPercent: ${detail}`,
  });
});

test('is read with one GET of what can be set and what it hangs on, always the same list', () => {
  expect(settingOids(profileOf('wheelhouse-fida'))).toEqual([1, 2, 4].map((arc) => `${FIDA}.${arc}.0`));
  expect(settingOids(profileOf('ntcip-1203'))).toEqual([5, 4, 1].map((arc) => `${SIGN}.${arc}.0`));
  expect(settingOids(profileOf('lg-commercial'))).toBe(settingOids(profileOf('lg-commercial')));
});

test('what a display lacks, or sends wrongly, is left out and does not hold', () => {
  const lg = profileOf('lg-commercial');
  const said = valuesOf({ [`${LG}.1.0`]: octets('FALSE'), [`${LG}.2.0`]: octets('zz'), [`${LG}.8.0`]: octets('32') });
  const { values, holds } = readSettings(lg, said);
  expect(values).toEqual({ brightnessPercent: 50 });
  expect(holds({ brightnessPercent: 50 })).toBe(true);
  expect(holds({ brightnessPercent: 50, power: 'ON' })).toBe(false);
  expect(holds({ inputSource: 'HDMI1' })).toBe(false);
  // What can't be set is not there at all.
  expect(readSettings(profileOf('ntcip-1203'), aSign(16, 5)).values).toEqual({ brightnessPercent: 31.25 });
});

test('hexadecimal text holds in either case, and with one digit', () => {
  const said = valuesOf({ [`${LG}.2.0`]: octets('C0'), [`${LG}.8.0`]: octets('5') });
  const { holds } = readSettings(profileOf('lg-commercial'), said);
  expect(holds({ inputSource: 'DISPLAYPORT', brightnessPercent: 5 })).toBe(true);
});

test('levels hold that are the same to the display', () => {
  const { holds } = readSettings(profileOf('ntcip-1203'), aSign(16, 5));
  // Level 5 is 31.25 %; it is the nearest from 28.125 % on and up to 34.375 %.
  const at = [28.1, 28.2, 31.25, 33, 34.3, 34.4].map((brightnessPercent) => holds({ brightnessPercent }));
  expect(at).toEqual([false, true, true, true, true, false]);
});

describe('round trips', () => {
  const wantedOf = (profile: Profile): SettingValues[] =>
    settableOf(profile).flatMap((setting): SettingValues[] => {
      if (setting.kind === 'choice') return setting.choices.map((choice) => ({ [setting.name]: choice }));
      if (setting.kind === 'text') return [{ [setting.name]: 'text' }];
      return Array.from({ length: setting.max - setting.min + 1 }, (_, i) => ({ [setting.name]: setting.min + i }));
    });

  test.each([...profiles.keys()])('every value of every setting of %s is what is read after it was set', (id) => {
    const profile = profileOf(id);
    const all = wantedOf(profile);
    expect(all.length).toBeGreaterThan(100);
    for (const wanted of all) {
      for (const [name, value] of Object.entries(wanted)) {
        expect(settingFault(profile, name as keyof SettingValues, value)).toBeNull();
      }
      const before = aSign(200);
      const encoded = encodeSettings(profile, wanted, before);
      if (encoded.kind !== 'varbinds') throw new Error(encoded.detail);
      const [varbind] = encoded.varbinds;
      const { oid } = profile.variables[varbind?.name ?? 'power'] ?? { oid: '' };
      const said = varbind?.syntax === 'INTEGER' ? number(varbind.value) : octets(varbind?.value ?? '');
      const after = readSettings(profile, (of) => (of === oid ? said : before(of)));
      expect(after.values).toEqual(wanted);
      expect(after.holds(wanted)).toBe(true);
    }
  });

  test('codes that the vendor does not publish can be set back to', () => {
    const said = valuesOf({ [`${LG}.2.0`]: octets('a0') });
    const { values, holds } = readSettings(profileOf('lg-commercial'), said);
    expect(values).toEqual({ inputSource: 'CODE_A0' });
    expect(settingFault(profileOf('lg-commercial'), 'inputSource', values.inputSource)).toBeNull();
    expect(holds(values)).toBe(true);
  });
});
