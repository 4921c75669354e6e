import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type DisplayDefinition, startDisplays } from '@wheelhouse/simulators/displays/start-displays.ts';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { createSnmpProber, type Look, type SnmpProber, type SnmpTarget } from './snmp.ts';

const V2C = { version: 'V2C', community: 'public' } as const;
const V3 = {
  version: 'V3',
  user: 'operator',
  authProtocol: 'SHA',
  authKey: 'auth-key-1',
  privProtocol: 'AES',
  privKey: 'priv-key-1',
} as const;

const probers: SnmpProber[] = [];
afterEach(() => {
  for (const prober of probers.splice(0)) prober.close();
});

/** Generous, so that a busy machine makes no display silent; tests of silence ask for less. */
function aProber(options: Partial<{ timeoutMs: number; retries: number }> = {}): SnmpProber {
  const prober = createSnmpProber({ timeoutMs: 2_000, retries: 1, ...options });
  probers.push(prober);
  return prober;
}

async function aDisplay(definition: Partial<DisplayDefinition> = {}) {
  const one = { name: 'one', profile: 'wheelhouse-fida', access: V2C, ...definition } as const;
  const { displays, close } = await startDisplays([one]);
  onTestFinished(close);
  const [display] = displays;
  if (display === undefined) throw new Error('no display was started');
  return display;
}

/** A peer that answers each datagram as the test says. */
async function aPeer(onDatagram: (socket: Socket, datagram: Buffer, from: { port: number; address: string }) => void) {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  socket.on('message', (datagram, from) => onDatagram(socket, datagram, from));
  onTestFinished(async () => {
    const closed = once(socket, 'close');
    socket.close();
    await closed;
  });
  return { host: '127.0.0.1', port: socket.address().port };
}

const causeOf = (look: Look) => (look.kind === 'couldNotLook' ? look.cause.code : look.kind);

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
  const look = await aProber({ timeoutMs: 400, retries: 0 }).look({ ...display.snmp, ...wrong });
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

test('another model in the place of a detected one is detected anew', async () => {
  const first = await startDisplays([{ name: 'first', profile: 'wheelhouse-fida', access: V2C }]);
  const prober = aProber();
  const target = first.displays[0]?.snmp ?? { ...V2C, host: '127.0.0.1', port: 1 };
  expect(await prober.look(target)).toMatchObject({ profile: 'wheelhouse-fida' });
  await first.close();
  await aDisplay({ profile: 'lg-commercial', port: target.port });
  expect(await prober.look(target)).toMatchObject({ profile: 'lg-commercial' });
});

test.each<[string, (display: Awaited<ReturnType<typeof aDisplay>>) => SnmpTarget]>([
  ['a silent display', (display) => (display.setFault({ kind: 'silent' }), display.snmp)],
  [
    'a display slower than the deadline',
    (display) => (display.setFault({ kind: 'slow', delayMs: 5_000 }), display.snmp),
  ],
  ['a wrong community', (display) => ({ ...display.snmp, ...V2C, community: 'wrong' })],
  ['v3 to a display that speaks v2c', (display) => ({ ...display.snmp, ...V3 })],
])('%s is silent, after every try', async (_what, target) => {
  const display = await aDisplay();
  const startedAt = performance.now();
  const look = await aProber({ timeoutMs: 100, retries: 2 }).look(target(display));
  expect(look.kind).toBe('silent');
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(295);
});

test('sends as many datagrams as there are tries', async () => {
  const sizes: number[] = [];
  const peer = await aPeer((_socket, datagram) => sizes.push(datagram.length));
  await aProber({ timeoutMs: 100, retries: 2 }).look({ ...peer, ...V2C });
  expect(sizes.length).toBe(3);
});

test('a port where nobody listens is silent', async () => {
  const { displays, close } = await startDisplays([{ name: 'gone', profile: 'wheelhouse-fida', access: V2C }]);
  const target = displays[0]?.snmp ?? { ...V2C, host: '127.0.0.1', port: 1 };
  await close();
  const look = await aProber({ timeoutMs: 100 }).look(target);
  expect(look).toEqual({ kind: 'silent', detail: 'port unreachable' });
});

test('a slow display within the deadline is read, and its round trip shows', async () => {
  const display = await aDisplay();
  display.setFault({ kind: 'slow', delayMs: 150 });
  const look = await aProber().look({ ...display.snmp, profile: 'wheelhouse-fida' });
  expect(look.kind === 'answered' && look.roundTripMs).toBeGreaterThanOrEqual(149);
});

test.each(['outOfRange', 'garbageText', 'wrongType'] as const)(
  'wrong values (%s) are null and named',
  async (style) => {
    for (const profile of ['wheelhouse-fida', 'lg-commercial'] as const) {
      const display = await aDisplay({ profile });
      display.setFault({ kind: 'wrongValues', style });
      const look = await aProber().look({ ...display.snmp, profile });
      if (look.kind !== 'answered') throw new Error(JSON.stringify(look));
      expect(look.state).toMatchObject({ power: null, brightnessPercent: null, temperatureCelsius: null });
      expect(look.state.problems.filter((text) => text.startsWith('brightness: '))).toHaveLength(1);
    }
  },
);

test.each(['truncated', 'randomBytes', 'hugeLength'] as const)(
  'malformed packets (%s) are no silence and no answer',
  async (style) => {
    for (const access of [V2C, V3]) {
      const display = await aDisplay({ access });
      const prober = aProber({ timeoutMs: 60, retries: 1 });
      display.setFault({ kind: 'malformed', style });
      const codes = new Set<string>();
      for (let i = 0; i < 5; i++) codes.add(causeOf(await prober.look(display.snmp)));
      expect([...codes]).not.toContain('answered');
    }
  },
);

test('an answer to another request is not taken for this one', async () => {
  for (const access of [V2C, V3]) {
    const display = await aDisplay({ access });
    display.setFault({ kind: 'malformed', style: 'wrongRequestId' });
    const look = await aProber({ timeoutMs: 100, retries: 0 }).look(display.snmp);
    expect(['silent', 'MALFORMED_ANSWER']).toContain(causeOf(look));
  }
});

test('thousands of malformed answers crash nothing and are never called silence by mistake of ours', async () => {
  const definitions = Array.from({ length: 60 }, (_, i): DisplayDefinition => {
    const profile = i % 2 === 0 ? 'wheelhouse-fida' : 'lg-commercial';
    return { name: `d${i}`, profile, access: i % 3 === 0 ? V3 : V2C };
  });
  const { displays, close } = await startDisplays(definitions, { seed: 7 });
  onTestFinished(close);
  const prober = aProber({ timeoutMs: 25, retries: 2 });
  const counts = new Map<string, number>();
  for (const display of displays) display.setFault({ kind: 'malformed' });
  for (let round = 0; round < 20; round++) {
    const looks = await Promise.all(displays.map((display) => prober.look(display.snmp)));
    for (const look of looks) counts.set(causeOf(look), (counts.get(causeOf(look)) ?? 0) + 1);
  }
  // 1,200 looks of three tries each.
  expect([...counts.values()].reduce((sum, count) => sum + count)).toBe(1_200);
  expect(counts.get('MALFORMED_ANSWER')).toBeGreaterThan(300);
  for (const display of displays) display.setFault(null);
  const patient = aProber();
  const kinds = await Promise.all(displays.map(async (display) => (await patient.look(display.snmp)).kind));
  expect(new Set(kinds)).toEqual(new Set(['answered']));
});

test('an answer from another address is not heard', async () => {
  const display = await aDisplay();
  const forwarder = createSocket('udp4').bind(0, '127.0.0.2');
  await once(forwarder, 'listening');
  onTestFinished(() => void forwarder.close());
  let asked = { port: 0, address: '' };
  // The true answer of a true display, but sent from 127.0.0.2.
  forwarder.on('message', (answer) => forwarder.send(answer, asked.port, asked.address));
  const peer = await aPeer((_socket, request, from) => {
    asked = from;
    forwarder.send(request, display.port, '127.0.0.1');
  });
  const look = await aProber({ timeoutMs: 150, retries: 0 }).look({ ...peer, ...V2C, profile: 'wheelhouse-fida' });
  expect(look.kind).toBe('silent');
});

test('the late answer to an earlier look is not taken for the next one', async () => {
  const display = await aDisplay({ values: { brightnessPercent: 1 } });
  const prober = aProber({ timeoutMs: 100, retries: 0 });
  const target = { ...display.snmp, profile: 'wheelhouse-fida' };
  display.setFault({ kind: 'slow', delayMs: 160 });
  expect((await prober.look(target)).kind).toBe('silent');
  display.setFault({ kind: 'slow', delayMs: 90 });
  display.set({ brightnessPercent: 2 });
  const look = await aProber({ timeoutMs: 1_000, retries: 0 }).look(target);
  expect(look).toMatchObject({ kind: 'answered', state: { brightnessPercent: 2 } });
});

test.each<[Partial<SnmpTarget>, string, RegExp]>([
  [{ host: '' }, 'INVALID_TARGET', /host/],
  [{ port: 0 }, 'INVALID_TARGET', /port/],
  [{ port: 70_000 }, 'INVALID_TARGET', /port/],
  [{ community: null }, 'INVALID_TARGET', /community/],
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

test('an answer that waits in the socket while the event loop is held up still counts', async () => {
  const display = await aDisplay();
  const look = aProber({ timeoutMs: 100, retries: 0 }).look({ ...display.snmp, profile: 'wheelhouse-fida' });
  // The request goes out, then nothing runs until well after the deadline. The display, in this process, is held up too, so
  // its answer arrives in the first turn afterwards.
  setImmediate(() => {
    const until = performance.now() + 300;
    while (performance.now() < until);
  });
  expect(['answered', 'silent']).toContain((await look).kind);
});
