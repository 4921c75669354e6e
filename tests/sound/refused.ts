import { expect, it } from 'vitest';
import { eventually } from '../harness.ts';
import { gainTo, PASSWORD, type Sound } from './estate.ts';

/** Mistakes in what is to be set, and in how a Core is reached. */
export function badInputIsRefused(sound: Sound): void {
  it.each([
    ['no control', [], 'input.controls', 'INVALID', '1 to 50'],
    ['nothing to set', [{ name: 'x' }], 'input.controls.0', 'INVALID', 'exactly one of value'],
    ['two things', [{ name: 'x', value: 1, mute: true }], 'input.controls.0', 'INVALID', 'value and mute'],
    ['too much', [gainTo(21)], 'input.controls.0.value', 'OUT_OF_RANGE', '-100 to 20'],
    ['a position too far', [{ name: 'x', position: 1.1 }], 'input.controls.0.position', 'OUT_OF_RANGE', '0 to 1'],
    ['a long ramp', [gainTo(1, { rampSeconds: 61 })], 'input.controls.0.rampSeconds', 'OUT_OF_RANGE', '0 to 60'],
    ['a control twice', [gainTo(1), gainTo(2)], 'input.controls.1.name', 'INVALID', 'once'],
    [
      'an unknown component',
      [{ component: 'Attic', name: 'gain', value: 1 }],
      'input.controls.0.component',
      'NOT_FOUND',
      'Attic',
    ],
    ['an unknown control', [{ component: 'Mixer', name: 'no', value: 1 }], 'input.controls.0.name', 'NOT_FOUND', 'no'],
    [
      'a meter',
      [{ component: 'Amplifier', name: 'psu.temp', value: 1 }],
      'input.controls.0.name',
      'NOT_SETTABLE',
      'read only',
    ],
    [
      'a mute of a gain',
      [{ component: 'Café Gain', name: 'gain', mute: true }],
      'input.controls.0.mute',
      'INVALID',
      'Float',
    ],
    [
      'a value of a trigger',
      [{ component: 'Café Gain', name: 'chime', value: 1 }],
      'input.controls.0.value',
      'INVALID',
      'give trigger',
    ],
  ])('are asked for %s in vain', async (_what, controls, field, code, message) => {
    expect(await sound.set('main', controls)).toMatchObject({
      settingsChange: null,
      userErrors: [{ field, code, message: expect.stringContaining(message) }],
    });
  });

  it.each([
    ['a port too high', { host: 'h', port: 65_536 }, 'port', '65535'],
    ['no host', { port: 1710 }, 'host', 'host is needed'],
    ['another transport', { host: 'h', transport: 'UDP' }, 'transport', 'TCP, WEBSOCKET'],
    ['a user without a password', { host: 'h', user: 'u' }, 'password', 'needed where user is given'],
    ['a password without a user', { host: 'h', password: 'p' }, 'user', 'needed where password is given'],
    ['an overlong password', { host: 'h', user: 'u', password: 'p'.repeat(201) }, 'password', '200'],
  ])('with %s are refused', async (_what, qrc, field, message) => {
    const devices = [{ name: 'x', system: 'QSYS', site: 'museum', qrc }];
    const { status, body } = await sound.wheelhouse.importEstate({ sites: [], devices });
    expect(status).toBe(422);
    expect(JSON.stringify(body)).toContain(message);
    expect(JSON.stringify(body)).toContain(`"qrc","${field}"`);
  });

  it('with a wrong password say so, and no password stands anywhere', async () => {
    const { id } = await sound.nodeOf('alone');
    const wrong = 'wrong-6193-secret';
    const { data } = await sound.wheelhouse.query(
      'mutation ($input: UpdateDeviceInput!) { updateDevice(input: $input) { device { id } userErrors { field message } } }',
      { input: { id, expectedVersion: 1, qrc: { password: wrong } } },
    );
    expect(data.updateDevice.userErrors).toEqual([]);
    await eventually('the look says so', async () =>
      (await sound.nodeOf('alone')).lookProblem?.startsWith('CREDENTIALS_REJECTED'),
    );
    expect((await sound.set('alone', [gainTo(1)])).settingsChange).toMatchObject({
      ...{ state: 'REJECTED', code: 'CREDENTIALS_REJECTED' },
    });
    const told = JSON.stringify([
      sound.changes.events,
      await sound.nodeOf('alone'),
      await sound.everyRow(),
      sound.logLines,
    ]);
    expect(told).toContain('CREDENTIALS_REJECTED');
    expect(told).not.toContain(wrong);
    expect(told).not.toContain(PASSWORD);
  });
}
