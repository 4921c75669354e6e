import { expect, test } from 'vitest';
import type { SnmpValue } from './decode.ts';
import { oidsOf, readDisplay } from './display-state.ts';
import type { Profile } from './profile.ts';
import { detectProfile, profiles } from './registry.ts';

function profile(id: string): Profile {
  const found = profiles.get(id);
  if (found === undefined) throw new Error(`no profile ${id}`);
  return found;
}

const fida = profile('wheelhouse-fida');
const lg = profile('lg-commercial');
const sign = profile('ntcip-1203');
const FIDA = '1.3.6.1.4.1.32473.1.1';
const LG = '1.3.6.1.4.1.7824.300';
const SIGN = '1.3.6.1.4.1.1206.4.2.3';

/** Values by OID below a root, numbers and texts as a display sends them. */
function sent(root: string, values: Record<string, number | string>): Map<string, SnmpValue> {
  return new Map(
    Object.entries(values).map(([arcs, value]): [string, SnmpValue] => [
      `${root}.${arcs}`,
      typeof value === 'number' ? { kind: 'number', value } : { kind: 'octets', value: Buffer.from(value) },
    ]),
  );
}

const aFida = (values: Record<string, number | string> = {}) =>
  readDisplay(fida, sent(FIDA, { '2.1.0': 1, '3.2.0': 423, '5.1.0': 1, ...values }));

test('reads a whole wheelhouse-fida display', () => {
  const state = aFida({
    '1.1.0': 'FIDA-55',
    '1.2.0': 'SN1',
    '1.3.0': '4.2.0',
    '2.2.0': 70,
    '2.4.0': 3,
    '3.1.0': 320,
    '3.3.0': 18_250,
    '3.4.0': 2,
    '4.1.2.1': 1_480,
    '4.1.3.1': 1,
  });
  expect(state).toEqual({
    power: 'ON',
    brightnessPercent: 70,
    temperatureCelsius: 42.3,
    inputSource: 'DISPLAYPORT',
    backlightHours: 18_250,
    model: 'FIDA-55',
    serialNumber: 'SN1',
    firmware: '4.2.0',
    ambientLightLux: 320,
    signalPresent: false,
    fansRpm: [1_480],
    problems: [],
  });
});

test("reads LG's walk of a 65UU640C, where FALSE is null and no problem", () => {
  const state = readDisplay(
    lg,
    sent(LG, {
      '2.1.0': '65UU640C-TB',
      '2.2.0': '903KCWCME889',
      '2.3.0': 'F/W Ver : 03.44.92.01(APP History Ver.: 164)',
      '2.8.0': 'NORMAL',
      '3.1.0': '01',
      '3.2.0': '90',
      '3.8.0': '32',
      '3.24.0': 'FALSE',
    }),
  );
  expect(state).toMatchObject({ power: 'ON', inputSource: 'HDMI1', brightnessPercent: 50, temperatureCelsius: null });
  expect(state).toMatchObject({ model: '65UU640C-TB', serialNumber: '903KCWCME889', problems: [] });
});

test.each<[string, Record<string, number | string>, string[]]>([
  ['a warning', { '5.1.0': 2 }, ['health: warning']],
  ['a fault', { '5.1.0': 3 }, ['health: fault']],
  ['a panel at its limit', { '3.2.0': 750 }, []],
  ['a panel above its limit', { '3.2.0': 751 }, ['panel at 75.1 C']],
  ['a failed fan', { '4.1.2.2': 0, '4.1.3.2': 3 }, ['fan 2 failed']],
  ['a fan with a warning', { '4.1.2.2': 900, '4.1.3.2': 2 }, ['fan 2: warning']],
  ['an impossible brightness', { '2.2.0': 101 }, ['brightness: 101 where a number from 0 to 100 is due']],
  ['an unknown power', { '2.1.0': 9 }, ['power: 9 where one of 1, 2 is due']],
  ['text for a temperature', { '3.2.0': 'hot' }, ['temperature: "hot" where a number is due']],
])('names %s among the problems', (_what, values, problems) => {
  expect(aFida(values).problems).toEqual(problems);
});

test('what cannot be decoded is null and never a made-up value', () => {
  const state = aFida({ '2.1.0': 9, '2.2.0': 101, '3.2.0': 'hot', '4.1.2.1': 99_999, '4.1.3.1': 1 });
  expect(state).toMatchObject({ power: null, brightnessPercent: null, temperatureCelsius: null, fansRpm: [null] });
});

test("names LG's processor above its limit, and any state that is not NORMAL", () => {
  const at = (hex: string, condition: string) =>
    readDisplay(lg, sent(LG, { '3.24.0': hex, '2.8.0': condition })).problems;
  expect(at('55', 'NORMAL')).toEqual([]);
  expect(at('56', 'OVERHEAT')).toEqual(['health: OVERHEAT', 'processor at 86 C']);
});

const aSign = (values: Record<string, number | string> = {}) =>
  readDisplay(sign, sent(SIGN, { '7.4.0': 16, '7.5.0': 8, '9.7.1.0': 0, '9.8.6.0': 4, '9.9.6.0': 38, ...values }));

test('reads a road sign: its level of so many as a percentage, and the hottest place in its housing', () => {
  expect(aSign()).toEqual({
    ...{ power: 'ON', brightnessPercent: 50, temperatureCelsius: 38, problems: [] },
    ...{ inputSource: null, backlightHours: null, model: null, serialNumber: null, firmware: null },
    ...{ ambientLightLux: null, signalPresent: null, fansRpm: [] },
  });
});

test.each<[string, Record<string, number | string>, object]>([
  ['at level 0 is off', { '7.5.0': 0 }, { power: 'OFF', brightnessPercent: 0, problems: [] }],
  [
    'at a level above its own highest',
    { '7.5.0': 17 },
    { power: 'ON', brightnessPercent: null, problems: ['brightness: 17 where a number from 0 to 16 is due'] },
  ],
  ['with one error', { '9.7.1.0': 1 << 5 }, { problems: ['pixel error'] }],
  [
    'with all errors of the standard',
    { '9.7.1.0': 0x7ffe },
    { problems: { length: 14, 0: 'communications error', 12: 'door open', 13: 'humidity warning' } },
  ],
  ['with an error of its own', { '9.7.1.0': (1 << 15) | 1 }, { problems: ['other error', 'error bit 15'] }],
  ['with 31 errors', { '9.7.1.0': 2 ** 31 - 1 }, { problems: { length: 31, 30: 'error bit 30' } }],
  [
    'with fewer than no errors',
    { '9.7.1.0': -1 },
    { problems: ['errors: -1 where a number from 0 to 2147483647 is due'] },
  ],
  ['with errors in words', { '9.7.1.0': 'none' }, { problems: ['errors: "none" where a number is due'] }],
  ['without power', { '9.8.6.0': 3 }, { problems: ['health: no power for the sign'] }],
  ['on its battery', { '9.8.6.0': 7 }, { problems: [] }],
  ['in the cold', { '9.9.6.0': -40 }, { temperatureCelsius: -40, problems: [] }],
  ['colder than can be said', { '9.9.6.0': -129 }, { temperatureCelsius: null, problems: { length: 1 } }],
])('a road sign %s', (_what, values, state) => {
  expect(aSign(values)).toMatchObject(state);
});

test("a sign's brightness can be set on the scale that is read only where its profile says", () => {
  expect(sign.variables.brightnessPercent?.set).toMatchObject({
    syntax: 'INTEGER',
    oid: `${SIGN}.7.6.0`,
    onlyWhile: { oid: `${SIGN}.7.1.0`, values: [5] },
  });
});

test('a display without any of the objects is all null, without problems', () => {
  const { problems, fansRpm, ...fields } = readDisplay(fida, new Map());
  expect([...new Set(Object.values(fields)), fansRpm, problems]).toEqual([null, [], []]);
});

test.each([
  ['1.3.6.1.4.1.32473.1', null, 'wheelhouse-fida'],
  ['1.3.6.1.4.1.32473.1.3.1', 'webOS', 'wheelhouse-fida'],
  ['1.3.6.1.4.1.32473.10', null, undefined],
  ['1.3.6.1.4.1.7824.300', null, 'lg-commercial'],
  ['1.3.6.1.4.1.8072.3.2.10', 'Linux webOS 4.1', 'lg-commercial'],
  ['1.3.6.1.4.1.8072.3.2.10', 'Linux', undefined],
  ['1.3.6.1.4.1.1206.4.2.3', null, 'ntcip-1203'],
  ['1.3.6.1.4.1.1206.4.2.3.1', null, 'ntcip-1203'],
  // A signal controller, NTCIP 1202
  ['1.3.6.1.4.1.1206.4.2.1', null, undefined],
  [null, null, undefined],
])('sysObjectID %s with sysDescr %s is %s', (sysObjectID, sysDescr, id) => {
  expect(detectProfile(sysObjectID, sysDescr)?.id).toBe(id);
});

test('one GET of every profile fits into a datagram that every agent must take', () => {
  for (const each of profiles.values()) {
    const oids = oidsOf(each);
    // A varbind in a request: two octets per length and tag thrice, the OID's arcs, an empty value.
    const octets = oids.reduce((sum, oid) => sum + 6 + oid.split('.').length + 4, 60);
    // RFC 3417 §3.2: 484 octets at least, 1472 recommended; answers are larger than requests.
    expect(octets).toBeLessThan(700);
  }
});
