import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Fault } from '@wheelhouse/simulators/displays/faults.ts';
import { type DisplayDefinition, startDisplays } from '@wheelhouse/simulators/displays/start-displays.ts';
import { expect, onTestFinished, test } from 'vitest';
import type { SnmpTarget } from '../snmp.ts';
import { aDisplay, aPeer, aProber, causeOf, V1, V2C, V3 } from '../testing/snmp.ts';

test.each<[string, Fault | null, Partial<SnmpTarget>]>([
  ['a silent display', { kind: 'silent' }, {}],
  ['a display slower than the deadline', { kind: 'slow', delayMs: 5_000 }, {}],
  ['a wrong community', null, { community: 'wrong' }],
  ['v3 to a display that speaks v2c', null, V3],
  ['v1 to a display that speaks v2c', null, V1],
])('%s is silent, after every try', async (_what, fault, change) => {
  const display = await aDisplay();
  display.setFault(fault);
  const startedAt = performance.now();
  const look = await aProber({ timeoutMs: 100, retries: 2 }).look({ ...display.snmp, ...change });
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
    for (const profile of ['wheelhouse-fida', 'lg-commercial', 'ntcip-1203'] as const) {
      const display = await aDisplay({ profile, access: profile === 'ntcip-1203' ? V1 : V2C });
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
    for (const access of [V1, V2C, V3]) {
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
  for (const access of [V1, V2C, V3]) {
    const display = await aDisplay({ access });
    display.setFault({ kind: 'malformed', style: 'wrongRequestId' });
    const look = await aProber({ timeoutMs: 1_000, retries: 0 }).look(display.snmp);
    expect(['silent', 'MALFORMED_ANSWER']).toContain(causeOf(look));
  }
});

test('thousands of malformed answers crash nothing and the displays are read once they are mended', async () => {
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
