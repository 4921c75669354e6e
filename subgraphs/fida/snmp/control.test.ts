import { type DisplayDefinition, startDisplays } from '@wheelhouse/simulators/displays/start-displays.ts';
import { expect, test } from 'vitest';
import { aController, aDisplay, causeOf, V1, V2C, V3 } from '../testing/snmp.ts';
import type { SettingsReading } from './control.ts';

function valuesOf(reading: SettingsReading) {
  if (reading.kind !== 'read') throw new Error(JSON.stringify(reading));
  return reading.values;
}

const PROFILES: [DisplayDefinition['profile'], object][] = [
  ['wheelhouse-fida', { power: 'OFF', brightnessPercent: 35, inputSource: 'OPS' }],
  ['lg-commercial', { power: 'OFF', brightnessPercent: 35, inputSource: 'HDMI2' }],
  ['ntcip-1203', { brightnessPercent: 35.5 }],
];
const ACCESSES: [string, DisplayDefinition['access']][] = [
  ['v1', V1],
  ['v2c', V2C],
  ['v3', V3],
  ['v3 noAuthNoPriv', { version: 'V3', user: 'operator' }],
];

test.each(
  PROFILES.flatMap(([profile, wanted]) => ACCESSES.map(([name, access]) => [profile, name, wanted, access] as const)),
)(
  'sets all settings of a display of profile %s over %s with one SET, and reads them back',
  async (profile, _version, wanted, access) => {
    const display = await aDisplay({ profile, access });
    const controller = aController();
    for (const target of [display.snmp, { ...display.snmp, profile }]) {
      display.set({ power: 'ON', brightnessPercent: 70, inputSource: 'HDMI1' });
      const before = await controller.read(target);
      expect(before).toMatchObject({ kind: 'read', profile, values: { brightnessPercent: 70 } });
      expect(before.kind === 'read' && before.holds(wanted)).toBe(false);
      const setsBefore = display.setsReceived;
      expect(await controller.set(target, wanted)).toEqual({ kind: 'accepted' });
      expect(display.setsReceived).toBe(setsBefore + 1);
      expect(display.values).toMatchObject(wanted);
      const after = await controller.read(target);
      expect(valuesOf(after)).toEqual(wanted);
      expect(after.kind === 'read' && after.holds(wanted)).toBe(true);
    }
  },
);

test('what is wanted holds when it is the same level of the display', async () => {
  const display = await aDisplay({ profile: 'ntcip-1203' });
  const controller = aController();
  // Of 200 levels it is the 67th.
  expect(await controller.set(display.snmp, { brightnessPercent: 33.3 })).toEqual({ kind: 'accepted' });
  const reading = await controller.read(display.snmp);
  expect(valuesOf(reading)).toEqual({ brightnessPercent: 33.5 });
  const holds = (brightnessPercent: number) => reading.kind === 'read' && reading.holds({ brightnessPercent });
  expect([33.3, 33.5, 33.7, 33, 34].map(holds)).toEqual([true, true, true, false, false]);
});

test('a sign that is not in its manual mode is told nothing, and what it must be in is said', async () => {
  const display = await aDisplay({ profile: 'ntcip-1203', values: { brightnessMode: 'AUTO' } });
  expect(await aController().set(display.snmp, { brightnessPercent: 10 })).toEqual({
    kind: 'refused',
    code: 'NOT_SETTABLE_NOW',
    detail: 'brightnessPercent: dmsIllumControl is photocell (2) and must be manualDirect (5)',
  });
  expect(display.setsReceived).toBe(0);
});

test.each<[object, string, string]>([
  [
    { brightnessPercent: 101 },
    'OUT_OF_RANGE',
    'brightnessPercent must be a number from 0 to 100 for profile ntcip-1203, and is 101',
  ],
  [{ power: 'ON' }, 'NOT_SETTABLE', "power can't be set on profile ntcip-1203"],
  [
    { brightnessPercent: 'full' },
    'WRONG_TYPE',
    'brightnessPercent must be a number from 0 to 100 for profile ntcip-1203, and is "full"',
  ],
  [{}, 'NOTHING_WANTED', 'no setting was given a value'],
])('%j is refused without a SET: %s', async (wanted, code, detail) => {
  const display = await aDisplay({ profile: 'ntcip-1203' });
  expect(await aController().set(display.snmp, wanted)).toEqual({ kind: 'refused', code, detail });
  expect(display.setsReceived).toBe(0);
});

test.each([
  ['notWritable', 'NOT_WRITABLE', 17],
  ['wrongValue', 'WRONG_VALUE', 10],
  ['noAccess', 'NO_ACCESS', 6],
  ['authorizationError', 'AUTHORIZATION_ERROR', 16],
  ['readOnly', 'READ_ONLY', 4],
  ['genErr', 'GEN_ERR', 5],
  ['tooBig', 'TOO_BIG', 1],
  ['undoFailed', 'UNDO_FAILED', 15],
  ['inconsistentName', 'INCONSISTENT_NAME', 18],
] as const)('a display that answers %s has refused, and its own word is told', async (error, code, status) => {
  for (const access of [V2C, V3]) {
    const display = await aDisplay({ access });
    display.setFault({ kind: 'refusesSets', error });
    expect(await aController().set(display.snmp, { brightnessPercent: 10, inputSource: 'DVI' })).toEqual({
      kind: 'refused',
      code,
      detail: expect.stringMatching(`^brightnessPercent: ${error} \\(${status}\\)`),
    });
    expect(display.setsReceived).toBe(1);
    expect(display.values.brightnessPercent).toBe(70);
  }
});

test('a display that could not undo what it had begun says so', async () => {
  const display = await aDisplay();
  display.setFault({ kind: 'refusesSets', error: 'undoFailed' });
  expect(await aController().set(display.snmp, { brightnessPercent: 10 })).toMatchObject({
    detail: 'brightnessPercent: undoFailed (15), so a part of it may have taken effect',
  });
});

test.each([
  ['notWritable', 'NOT_WRITABLE', 'noSuchName (2)'],
  ['wrongValue', 'WRONG_VALUE', 'badValue (3)'],
  ['readOnly', 'READ_ONLY', 'readOnly (4)'],
  ['commitFailed', 'GEN_ERR', 'genErr (5)'],
] as const)('over v1 %s is said as v1 says it, and means the same', async (error, code, word) => {
  const display = await aDisplay({ access: V1 });
  display.setFault({ kind: 'refusesSets', error });
  expect(await aController().set(display.snmp, { brightnessPercent: 10 })).toEqual({
    kind: 'refused',
    code,
    detail: `brightnessPercent: ${word}`,
  });
});

test('a display that does nothing of what it was told says that it has, and the reading tells', async () => {
  const display = await aDisplay();
  display.setFault({ kind: 'ignoresSets' });
  const controller = aController();
  expect(await controller.set(display.snmp, { brightnessPercent: 10 })).toEqual({ kind: 'accepted' });
  expect(valuesOf(await controller.read(display.snmp))).toMatchObject({ brightnessPercent: 70 });
});

test.each([
  [true, true, 10],
  [true, false, 10],
  [false, true, 70],
  [false, false, 70],
])('one SET is sent to a display that dies of it (obeys: %s, answers: %s)', async (obeys, answers, is) => {
  for (const access of [V1, V2C, V3]) {
    const display = await aDisplay({ access });
    display.setFault({ kind: 'diesAtSet', obeys, answers });
    const controller = aController({ timeoutMs: 200, retries: 2 });
    const outcome = await controller.set(display.snmp, { brightnessPercent: 10 });
    const silence = { kind: 'silent', detail: 'no answer within 600 ms; the SET may have taken effect' };
    expect(outcome).toEqual(answers ? { kind: 'accepted' } : silence);
    expect(await controller.read(display.snmp)).toMatchObject({ kind: 'silent' });
    expect(display.values.brightnessPercent).toBe(is);
    expect(display.setsReceived).toBe(1);
    display.setFault(null);
    expect(valuesOf(await controller.read(display.snmp))).toMatchObject({ brightnessPercent: is });
  }
});

test('an answer that is late, but comes within the time of all tries, counts', async () => {
  for (const access of [V2C, V3]) {
    const display = await aDisplay({ access });
    const controller = aController({ timeoutMs: 500, retries: 3 });
    await controller.read(display.snmp);
    display.setFault({ kind: 'slow', delayMs: 700 });
    expect(await controller.set(display.snmp, { brightnessPercent: 10 })).toEqual({ kind: 'accepted' });
    expect(display.setsReceived).toBe(1);
  }
});

test('nothing is sent to a display that is silent', async () => {
  const display = await aDisplay();
  display.setFault({ kind: 'silent' });
  const controller = aController({ timeoutMs: 50, retries: 1 });
  expect(await controller.set(display.snmp, { brightnessPercent: 10 })).toEqual({
    kind: 'silent',
    detail: 'no answer within 100 ms',
  });
});

test.each([
  ['user', { user: 'nobody' }],
  ['authKey', { authKey: 'wrong-key-1' }],
  ['privKey', { privKey: 'wrong-key-1' }],
])('with a wrong %s nothing is read or set, and the credentials are to blame', async (_what, wrong) => {
  const display = await aDisplay({ access: V3 });
  const controller = aController();
  const target = { ...display.snmp, ...wrong };
  expect(causeOf(await controller.read(target))).toBe('CREDENTIALS_REJECTED');
  expect(causeOf(await controller.set(target, { brightnessPercent: 10 }))).toBe('CREDENTIALS_REJECTED');
  expect(display.setsReceived).toBe(0);
});

test('a display that was replaced is set at once, and with one SET', async () => {
  const first = await startDisplays([{ name: 'first', profile: 'wheelhouse-fida', access: V3 }]);
  const controller = aController();
  const target = first.displays[0]?.snmp ?? { ...V3, host: '127.0.0.1', port: 1 };
  expect((await controller.set(target, { brightnessPercent: 10 })).kind).toBe('accepted');
  await first.close();
  const second = await aDisplay({ name: 'second', access: V3, port: target.port });
  expect(second.port).toBe(target.port);
  expect(await controller.set(target, { brightnessPercent: 20 })).toEqual({ kind: 'accepted' });
  expect(second.values.brightnessPercent).toBe(20);
  expect(second.setsReceived).toBe(1);
});

test('another model in the place of a detected one is set as what it is', async () => {
  const first = await startDisplays([{ name: 'first', profile: 'wheelhouse-fida', access: V2C }]);
  const controller = aController();
  const target = first.displays[0]?.snmp ?? { ...V2C, host: '127.0.0.1', port: 1 };
  expect((await controller.set(target, { brightnessPercent: 10 })).kind).toBe('accepted');
  await first.close();
  const second = await aDisplay({ profile: 'lg-commercial', port: target.port });
  // The first one had no such input.
  expect(await controller.set(target, { inputSource: 'CODE_A0' })).toEqual({ kind: 'accepted' });
  expect(second.values.inputSource).toBe('MEDIA_PLAYER');
});

test('a signal ends it at once, and so does closing', async () => {
  const display = await aDisplay();
  display.setFault({ kind: 'slow', delayMs: 10_000 });
  const controller = aController({ timeoutMs: 20_000 });
  const cancel = new AbortController();
  const cancelled = controller.set(display.snmp, { brightnessPercent: 10 }, cancel.signal);
  const closed = controller.read(display.snmp);
  cancel.abort();
  expect(causeOf(await cancelled)).toBe('CANCELLED');
  controller.close();
  expect(causeOf(await closed)).toBe('CANCELLED');
  expect(causeOf(await controller.set(display.snmp, { brightnessPercent: 10 }))).toBe('CANCELLED');
});
