import { expect, test } from 'vitest';
import { type Profile, profileSchema } from './profile.ts';
import { profiles } from './registry.ts';
import { type SettingName, settableOf, settingFault } from './settable.ts';

function profileOf(id: string): Profile {
  const profile = profiles.get(id);
  if (profile === undefined) throw new Error(`there is no profile ${id}`);
  return profile;
}

test.each([
  [
    'wheelhouse-fida',
    [
      { name: 'power', kind: 'choice', choices: ['ON', 'OFF'], otherCodes: null },
      { name: 'brightnessPercent', kind: 'number', min: 0, max: 100, isWhole: true },
      {
        name: 'inputSource',
        kind: 'choice',
        choices: ['HDMI1', 'HDMI2', 'DISPLAYPORT', 'DVI', 'OPS', 'MEDIA_PLAYER'],
        otherCodes: null,
      },
    ],
  ],
  [
    'lg-commercial',
    [
      { name: 'power', kind: 'choice', choices: ['OFF', 'ON'], otherCodes: null },
      { name: 'brightnessPercent', kind: 'number', min: 0, max: 100, isWhole: true },
      {
        name: 'inputSource',
        kind: 'choice',
        choices: ['DVI', 'HDMI1', 'HDMI2', 'HDMI3', 'DISPLAYPORT'],
        otherCodes: 'CODE_ and two hexadecimal digits',
      },
    ],
  ],
  ['ntcip-1203', [{ name: 'brightnessPercent', kind: 'number', min: 0, max: 100, isWhole: false }]],
])('tells what can be set on %s', (id, settable) => {
  const told = settableOf(profileOf(id));
  expect(told.map((one) => ('choices' in one ? { ...one, choices: [...one.choices].sort() } : one))).toEqual(
    settable.map((one) => ('choices' in one ? { ...one, choices: [...(one.choices ?? [])].sort() } : one)),
  );
});

test.each<[string, SettingName, unknown]>([
  ['wheelhouse-fida', 'brightnessPercent', 0],
  ['wheelhouse-fida', 'brightnessPercent', 100],
  ['wheelhouse-fida', 'power', 'ON'],
  ['wheelhouse-fida', 'inputSource', 'MEDIA_PLAYER'],
  ['lg-commercial', 'brightnessPercent', 0],
  ['lg-commercial', 'brightnessPercent', 100],
  ['lg-commercial', 'inputSource', 'HDMI3'],
  ['lg-commercial', 'inputSource', 'CODE_95'],
  ['ntcip-1203', 'brightnessPercent', 0],
  ['ntcip-1203', 'brightnessPercent', 33.3],
  ['ntcip-1203', 'brightnessPercent', 100],
])('%s takes %s %j', (id, name, value) => {
  expect(settingFault(profileOf(id), name, value)).toBeNull();
});

const FIDA_RANGE = 'brightnessPercent must be a whole number from 0 to 100 for profile wheelhouse-fida, and is';
const FIDA_INPUTS =
  'inputSource must be one of HDMI1, HDMI2, DISPLAYPORT, DVI, OPS, MEDIA_PLAYER for profile wheelhouse-fida, and is';
const LG_INPUTS =
  'inputSource must be one of DVI, HDMI1, HDMI2, HDMI3, DISPLAYPORT, or CODE_ and two hexadecimal digits for profile lg-commercial, and is';

test.each<[string, SettingName, unknown, string, string]>([
  ['wheelhouse-fida', 'brightnessPercent', -1, 'OUT_OF_RANGE', `${FIDA_RANGE} -1`],
  ['wheelhouse-fida', 'brightnessPercent', 101, 'OUT_OF_RANGE', `${FIDA_RANGE} 101`],
  ['wheelhouse-fida', 'brightnessPercent', 140, 'OUT_OF_RANGE', `${FIDA_RANGE} 140`],
  ['wheelhouse-fida', 'brightnessPercent', 99.5, 'WRONG_TYPE', `${FIDA_RANGE} 99.5`],
  ['wheelhouse-fida', 'brightnessPercent', Number.NaN, 'WRONG_TYPE', `${FIDA_RANGE} NaN`],
  ['wheelhouse-fida', 'brightnessPercent', '50', 'WRONG_TYPE', `${FIDA_RANGE} "50"`],
  ['wheelhouse-fida', 'brightnessPercent', null, 'WRONG_TYPE', `${FIDA_RANGE} null`],
  ['wheelhouse-fida', 'brightnessPercent', [50], 'WRONG_TYPE', `${FIDA_RANGE} a list`],
  ['wheelhouse-fida', 'brightnessPercent', { value: 50 }, 'WRONG_TYPE', `${FIDA_RANGE} an object`],
  ['wheelhouse-fida', 'inputSource', 'HDMI9', 'OUT_OF_RANGE', `${FIDA_INPUTS} "HDMI9"`],
  ['wheelhouse-fida', 'inputSource', 'hdmi1', 'OUT_OF_RANGE', `${FIDA_INPUTS} "hdmi1"`],
  ['wheelhouse-fida', 'inputSource', 'CODE_95', 'OUT_OF_RANGE', `${FIDA_INPUTS} "CODE_95"`],
  ['wheelhouse-fida', 'inputSource', 1, 'WRONG_TYPE', `${FIDA_INPUTS} 1`],
  ['wheelhouse-fida', 'inputSource', 'x'.repeat(100), 'OUT_OF_RANGE', `${FIDA_INPUTS} "${'x'.repeat(64)}…"`],
  [
    'wheelhouse-fida',
    'power',
    'STANDBY',
    'OUT_OF_RANGE',
    'power must be one of ON, OFF for profile wheelhouse-fida, and is "STANDBY"',
  ],
  ['lg-commercial', 'inputSource', 'OPS', 'OUT_OF_RANGE', `${LG_INPUTS} "OPS"`],
  ['lg-commercial', 'inputSource', 'CODE_9', 'OUT_OF_RANGE', `${LG_INPUTS} "CODE_9"`],
  ['lg-commercial', 'inputSource', 'CODE_9g', 'OUT_OF_RANGE', `${LG_INPUTS} "CODE_9g"`],
  [
    'ntcip-1203',
    'brightnessPercent',
    100.1,
    'OUT_OF_RANGE',
    'brightnessPercent must be a number from 0 to 100 for profile ntcip-1203, and is 100.1',
  ],
  ['ntcip-1203', 'power', 'ON', 'NOT_SETTABLE', "power can't be set on profile ntcip-1203"],
  ['ntcip-1203', 'inputSource', 'HDMI1', 'NOT_SETTABLE', "inputSource can't be set on profile ntcip-1203"],
])('%s does not take %s %j', (id, name, value, code, message) => {
  expect(settingFault(profileOf(id), name, value)).toEqual({ code, message });
});

const OID = '1.3.6.1.4.1.32473.9.1';

function aProfile(variables: object): Profile {
  return profileSchema.parse({ id: 'a-profile', detect: { sysObjectIDs: [OID] }, variables });
}

test('a name that an input is given as text is checked as text', () => {
  const decode = { as: 'text', maxLength: 8, missing: ['FALSE'] };
  const profile = aProfile({ inputSource: { oid: OID, decode, set: { syntax: 'OCTET STRING' } } });
  expect(settableOf(profile)).toEqual([{ name: 'inputSource', kind: 'text', maxLength: 8 }]);
  expect(settingFault(profile, 'inputSource', 'x'.repeat(8))).toBeNull();
  for (const wrong of ['', 'x'.repeat(9), ' x', 'x\n', 'a\0b', 'FALSE']) {
    expect(settingFault(profile, 'inputSource', wrong)).toMatchObject({ code: 'OUT_OF_RANGE' });
  }
  expect(settingFault(profile, 'inputSource', 3)).toMatchObject({ code: 'WRONG_TYPE' });
});

test('a number in tenths has its range in whole units, and a value that means "none" can not be set', () => {
  const decode = { as: 'number', min: -10, max: 1_000, divisor: 10, missing: [-10] };
  const profile = aProfile({ brightnessPercent: { oid: OID, decode, set: { syntax: 'INTEGER' } } });
  expect(settableOf(profile)).toEqual([
    { name: 'brightnessPercent', kind: 'number', min: -1, max: 100, isWhole: false },
  ]);
  expect(settingFault(profile, 'brightnessPercent', 50.5)).toBeNull();
  expect(settingFault(profile, 'brightnessPercent', -0.9)).toBeNull();
  for (const wrong of [-1.1, 100.1, -1]) {
    expect(settingFault(profile, 'brightnessPercent', wrong)).toMatchObject({ code: 'OUT_OF_RANGE' });
  }
});

test('a profile that would write another type than it reads is refused', () => {
  const decode = { as: 'number', min: 0, max: 100 };
  expect(() => aProfile({ brightnessPercent: { oid: OID, decode, set: { syntax: 'OCTET STRING' } } })).toThrow(
    /is not the type that `decode` reads/,
  );
});
