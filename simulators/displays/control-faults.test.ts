import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { decodeMessage, encodeCommunityMessage } from '../snmp/message.ts';
import { ERROR_STATUS, PDU, type Pdu, type SnmpData } from '../snmp/pdu.ts';
import type { Fault } from './faults.ts';
import { startDisplays } from './start-displays.ts';

const BRIGHTNESS = '1.3.6.1.4.1.32473.1.1.2.2.0';
const COMMUNITY = 'public';

async function aDisplay(fault: Fault, version: 'V1' | 'V2C' = 'V2C') {
  const running = await startDisplays([
    { name: 'one', profile: 'wheelhouse-fida', access: { version, community: COMMUNITY } },
  ]);
  onTestFinished(running.close);
  const [display] = running.displays;
  if (display === undefined) throw new Error('no display was started');
  display.setFault(fault);
  const socket = createSocket('udp4');
  onTestFinished(() => void socket.close());

  /** The response's PDU, or null when there was none within `waitMs`. */
  async function ask(type: number, data: SnmpData, waitMs = 2_000): Promise<Pdu | null> {
    const pdu = { type, requestId: 7, errorStatus: 0, errorIndex: 0, varbinds: [{ oid: BRIGHTNESS, data }] };
    const answered = once(socket, 'message', { signal: AbortSignal.timeout(waitMs) });
    socket.send(
      encodeCommunityMessage({ version: version === 'V1' ? 1 : 2, community: COMMUNITY, pdu }),
      display?.port ?? 0,
      '127.0.0.1',
    );
    try {
      const [datagram] = await answered;
      const message = decodeMessage(datagram);
      return message.version === 3 ? null : message.pdu;
    } catch (err) {
      if (err instanceof Error && err.name === 'AbortError') return null;
      throw err;
    }
  }

  return {
    display,
    set: (value: number, waitMs?: number) => ask(PDU.set, { syntax: 'INTEGER', value }, waitMs),
    get: async (waitMs?: number) => {
      const answer = await ask(PDU.get, { syntax: 'NULL' }, waitMs);
      const data = answer?.varbinds[0]?.data;
      return data?.syntax === 'INTEGER' ? data.value : null;
    },
  };
}

const WAS = 70;

test.each(Object.entries(ERROR_STATUS).filter(([name]) => name !== 'noError') as [keyof typeof ERROR_STATUS, number][])(
  'refuses SETs with %s and answers GETs',
  async (error, status) => {
    if (error === 'noError') throw new Error('that is no refusal');
    const { display, set, get } = await aDisplay({ kind: 'refusesSets', error });
    expect(await set(10)).toMatchObject({ errorStatus: status, errorIndex: 1 });
    expect(await get()).toBe(WAS);
    expect(display.setsReceived).toBe(1);
  },
);

test.each([
  ['noAccess', 'noSuchName'],
  ['wrongLength', 'badValue'],
  ['resourceUnavailable', 'genErr'],
  ['readOnly', 'readOnly'],
] as const)('over v1 %s is %s', async (error, word) => {
  const { set } = await aDisplay({ kind: 'refusesSets', error }, 'V1');
  expect(await set(10)).toMatchObject({ errorStatus: ERROR_STATUS[word], errorIndex: 1 });
});

test('ignores SETs, and says that it has done them', async () => {
  const { display, set, get } = await aDisplay({ kind: 'ignoresSets' });
  expect(await set(10)).toMatchObject({ errorStatus: 0 });
  expect(await get()).toBe(WAS);
  expect(display.setsReceived).toBe(1);
});

test('obeys late, and shows the old value until then', async () => {
  const { display, set, get } = await aDisplay({ kind: 'obeysLate', delayMs: 300 });
  const startedAt = performance.now();
  expect(await set(10)).toMatchObject({ errorStatus: 0 });
  const soon = await get();
  // On a machine that was held up it may be too late to see the old one.
  if (performance.now() - startedAt < 290) expect(soon).toBe(WAS);
  await expect.poll(() => get(), { interval: 10, timeout: 40_000 }).toBe(10);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(295);
  expect(display.setsReceived).toBe(1);
});

test('what it was told to do late it does although the fault was taken away', async () => {
  const { display, set, get } = await aDisplay({ kind: 'obeysLate', delayMs: 100 });
  await set(10);
  display.setFault(null);
  await expect.poll(() => get(), { interval: 10, timeout: 40_000 }).toBe(10);
});

test.each([
  [true, true],
  [true, false],
  [false, true],
  [false, false],
])('dies at the first SET (obeys: %s, answers: %s), and is silent until it is mended', async (obeys, answers) => {
  const { display, set, get } = await aDisplay({ kind: 'diesAtSet', obeys, answers });
  expect(await get()).toBe(WAS);
  const answer = await set(10, answers ? undefined : 100);
  expect(answer?.errorStatus ?? null).toBe(answers ? 0 : null);
  expect(await get(100)).toBeNull();
  expect(await set(20, 100)).toBeNull();
  expect(display.setsReceived).toBe(1);
  display.setFault(null);
  expect(await get()).toBe(obeys ? 10 : WAS);
});

test.each<Fault>([
  { kind: 'ignoresSets' },
  { kind: 'obeysLate', delayMs: 1 },
  { kind: 'diesAtSet', obeys: true, answers: true },
])('a wrong SET is refused as ever with %j, and counted', async (fault) => {
  const { display, set } = await aDisplay(fault);
  expect(await set(101)).toMatchObject({ errorStatus: ERROR_STATUS.wrongValue, errorIndex: 1 });
  expect(display.values.brightnessPercent).toBe(WAS);
  expect(display.setsReceived).toBe(1);
});
