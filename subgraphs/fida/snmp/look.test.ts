import { type DisplayDefinition, startDisplays } from '@wheelhouse/simulators/displays/start-displays.ts';
import { expect, test } from 'vitest';
import type { SnmpTarget } from '../snmp.ts';
import { aDisplay, aPeer, aProber, causeOf, V1, V2C, V3 } from '../testing/snmp.ts';

test.each(['wheelhouse-fida', 'lg-commercial'] as const)(
  'reads a display of profile %s, given or detected',
  async (profile) => {
    const display = await aDisplay({
      profile,
      values: { brightnessPercent: 33, power: 'OFF', temperatureCelsius: 51 },
    });
    const prober = aProber();
    for (const target of [display.snmp, { ...display.snmp, profile }, display.snmp]) {
      const look = await prober.look(target);
      expect(look).toMatchObject({ kind: 'answered', profile, state: { power: 'OFF', brightnessPercent: 33 } });
      expect(look).toMatchObject({ state: { temperatureCelsius: 51, problems: [] } });
    }
  },
);

test('reads a road sign over v1, given or detected', async () => {
  const display = await aDisplay({
    profile: 'ntcip-1203',
    access: V1,
    identity: { model: 'VMS-200' },
    values: { brightnessPercent: 33, temperatureCelsius: 51 },
  });
  const prober = aProber();
  for (const target of [display.snmp, { ...display.snmp, profile: 'ntcip-1203' }]) {
    expect(await prober.look(target)).toMatchObject({
      kind: 'answered',
      profile: 'ntcip-1203',
      state: { power: 'ON', brightnessPercent: 33, temperatureCelsius: 51, model: 'VMS-200', problems: [] },
    });
  }
  display.set({ power: 'OFF', health: 'fault', fans: [{ rpm: 0, status: 'fault' }] });
  expect(await prober.look(display.snmp)).toMatchObject({
    state: { power: 'OFF', brightnessPercent: 0, problems: ['climate control error', 'critical temperature'] },
  });
});

test.each(['wheelhouse-fida', 'lg-commercial'] as const)('reads a display of profile %s over v1', async (profile) => {
  const display = await aDisplay({ profile, access: V1, values: { brightnessPercent: 33 } });
  const prober = aProber();
  for (let i = 0; i < 2; i++) {
    expect(await prober.look(display.snmp)).toMatchObject({
      kind: 'answered',
      profile,
      state: { power: 'ON', brightnessPercent: 33, problems: [] },
    });
  }
});

test('reads what has changed since the last look', async () => {
  const display = await aDisplay();
  const prober = aProber();
  await prober.look(display.snmp);
  display.set({ brightnessPercent: 5, temperatureCelsius: 81, health: 'warning' });
  const look = await prober.look(display.snmp);
  const state = { brightnessPercent: 5, problems: ['health: warning', 'panel at 81 C'] };
  expect(look).toMatchObject({ kind: 'answered', state });
});

const LEVELS: [string, Partial<SnmpTarget>][] = [
  ['noAuthNoPriv', {}],
  ...(['MD5', 'SHA', 'SHA224', 'SHA256', 'SHA384', 'SHA512'] as const).map(
    (authProtocol): [string, Partial<SnmpTarget>] => [
      `authNoPriv ${authProtocol}`,
      { authProtocol, authKey: 'auth-key-1' },
    ],
  ),
  ...(['DES', 'AES', 'AES256B', 'AES256R'] as const).map((privProtocol): [string, Partial<SnmpTarget>] => [
    `authPriv SHA ${privProtocol}`,
    { authProtocol: 'SHA', authKey: 'auth-key-1', privProtocol, privKey: 'priv-key-1' },
  ]),
];

test.each(LEVELS)('reads over v3 with %s, and again without a new discovery', async (_level, keys) => {
  const access = { version: 'V3', user: 'operator', ...keys } as DisplayDefinition['access'];
  const display = await aDisplay({ access });
  const prober = aProber();
  expect(await prober.look(display.snmp)).toMatchObject({ kind: 'answered', state: { model: 'FIDA-55' } });
  expect(await prober.look(display.snmp)).toMatchObject({ kind: 'answered', state: { model: 'FIDA-55' } });
});

test.each<[string, Partial<SnmpTarget>]>([
  ['an unknown user', { user: 'nobody' }],
  ['a wrong authKey', { authKey: 'wrong-key-1' }],
  ['a wrong privKey', { privKey: 'wrong-key-1' }],
  ['another hash', { authProtocol: 'SHA256' }],
  ['another cipher', { privProtocol: 'DES' }],
])('with %s the look is not made, and the display is not called silent', async (_what, wrong) => {
  const display = await aDisplay({ access: V3 });
  const look = await aProber().look({ ...display.snmp, ...wrong });
  expect(causeOf(look)).toBe('CREDENTIALS_REJECTED');
});

test('with a level below what the user must have nothing is readable', async () => {
  const display = await aDisplay({ access: V3 });
  const { host, port, user } = { ...display.snmp, user: V3.user };
  const look = await aProber().look({ host, port, version: 'V3', user });
  expect(causeOf(look)).toBe('NOTHING_READABLE');
});

test('a display that was replaced, with another engine at the same address, is read at once', async () => {
  const first = await startDisplays([{ name: 'first', profile: 'wheelhouse-fida', access: V3 }]);
  const prober = aProber();
  const target = first.displays[0]?.snmp ?? { ...V3, host: '127.0.0.1', port: 1 };
  expect((await prober.look(target)).kind).toBe('answered');
  await first.close();
  const second = await aDisplay({ name: 'second', access: V3, port: target.port });
  expect(second.port).toBe(target.port);
  expect(await prober.look(target)).toMatchObject({ kind: 'answered', state: { serialNumber: 'SIM-second' } });
});

test('a display that was restarted, its engine time at 0 again, is read at once', async () => {
  const day = 86_400;
  const first = await startDisplays([{ name: 'one', profile: 'wheelhouse-fida', access: V3, uptimeSeconds: day }]);
  const prober = aProber();
  const target = first.displays[0]?.snmp ?? { ...V3, host: '127.0.0.1', port: 1 };
  expect((await prober.look(target)).kind).toBe('answered');
  await first.close();
  const second = await aDisplay({ access: V3, port: target.port, values: { brightnessPercent: 9 } });
  expect(second.port).toBe(target.port);
  expect(await prober.look(target)).toMatchObject({ kind: 'answered', state: { brightnessPercent: 9 } });
});

test('another model in the place of a detected one is detected anew', async () => {
  const first = await startDisplays([{ name: 'first', profile: 'wheelhouse-fida', access: V2C }]);
  const prober = aProber();
  const target = first.displays[0]?.snmp ?? { ...V2C, host: '127.0.0.1', port: 1 };
  expect(await prober.look(target)).toMatchObject({ profile: 'wheelhouse-fida' });
  await first.close();
  await aDisplay({ profile: 'lg-commercial', port: target.port });
  expect(await prober.look(target)).toMatchObject({ profile: 'lg-commercial' });
});

test.each<[Partial<SnmpTarget>, string, RegExp]>([
  [{ host: '' }, 'INVALID_TARGET', /host/],
  [{ port: 0 }, 'INVALID_TARGET', /port/],
  [{ port: 70_000 }, 'INVALID_TARGET', /port/],
  [{ community: null }, 'INVALID_TARGET', /community/],
  [{ version: 'V1', community: null }, 'INVALID_TARGET', /community/],
  [{ version: 'V3' }, 'INVALID_TARGET', /user/],
  [{ version: 'V3', user: 'u', privProtocol: 'AES', privKey: 'k' }, 'INVALID_TARGET', /privProtocol/],
  [{ version: 'V3', user: 'u', authProtocol: 'SHA' }, 'INVALID_TARGET', /authKey/],
  [{ version: 'V3', user: 'u', authProtocol: 'SHA', authKey: 'k', privProtocol: 'AES' }, 'INVALID_TARGET', /privKey/],
  [{ profile: 'no-such' }, 'INVALID_TARGET', /no-such/],
  [{ host: 'no-such-host.invalid' }, 'HOST_NOT_FOUND', /no-such-host\.invalid/],
  // Broadcasting needs a permission that the socket does not have.
  [{ host: '255.255.255.255' }, 'NETWORK_ERROR', /EACCES/],
])('%j is %s', async (wrong, code, text) => {
  const look = await aProber({ timeoutMs: 5_000 }).look({ host: '127.0.0.1', port: 161, ...V2C, ...wrong });
  expect(look).toMatchObject({ kind: 'couldNotLook', cause: { code, text: expect.stringMatching(text) } });
});

test('no key and no community is in what a look says', async () => {
  const display = await aDisplay({ access: V3 });
  const target = { ...display.snmp, ...V3, authKey: 'secret-auth-1', privKey: 'secret-priv-1' };
  expect(JSON.stringify(await aProber({ timeoutMs: 200 }).look(target))).not.toMatch(/secret/);
});

test('the wrong profile reads nothing and says so', async () => {
  const display = await aDisplay();
  expect(causeOf(await aProber().look({ ...display.snmp, profile: 'lg-commercial' }))).toBe('NOTHING_READABLE');
});

test('a signal ends a look at once, and so does closing', async () => {
  const peer = await aPeer(() => undefined);
  const prober = aProber({ timeoutMs: 20_000 });
  const cancel = new AbortController();
  const cancelled = prober.look({ ...peer, ...V2C }, cancel.signal);
  const closed = prober.look({ ...peer, ...V2C });
  cancel.abort();
  expect(causeOf(await cancelled)).toBe('CANCELLED');
  prober.close();
  expect(causeOf(await closed)).toBe('CANCELLED');
  expect(causeOf(await prober.look({ ...peer, ...V2C }))).toBe('CANCELLED');
});
