import { decodeMessage, encodeScopedPdu, encodeV3Message } from '@wheelhouse/simulators/snmp/message.ts';
import { PDU } from '@wheelhouse/simulators/snmp/pdu.ts';
import { expect, onTestFinished, test } from 'vitest';
import { aController, aDisplay, aPeer, aRelay, causeOf, V1, V2C, V3 } from '../testing/snmp.ts';
import { SnmpFailure } from './failure.ts';
import { LookSocket } from './socket.ts';

/** With a profile given: a GET and a SET, and over v3 the discovery of the engine before them. */
const ACCESSES = [
  ['v1', V1, 2],
  ['v2c', V2C, 2],
  ['v3', V3, 3],
] as const;

test.each(ACCESSES)('a SET over %s whose answer is lost is not sent again', async (_version, access, set) => {
  const display = await aDisplay({ access });
  const relay = await aRelay(display, (answer, n) => (n === set ? null : answer));
  const controller = aController({ timeoutMs: 300, retries: 1 });
  const target = { ...display.snmp, port: relay.port, profile: 'wheelhouse-fida' };
  expect(await controller.set(target, { brightnessPercent: 10 })).toEqual({
    kind: 'silent',
    detail: 'no answer within 600 ms; the SET may have taken effect',
  });
  expect(relay.requests).toHaveLength(set);
  expect(display.setsReceived).toBe(1);
  expect(display.values.brightnessPercent).toBe(10);
});

test.each(ACCESSES)(
  'a GET over %s whose answer is lost is sent again, and the SET after it once',
  async (_v, access, set) => {
    const display = await aDisplay({ access });
    const relay = await aRelay(display, (answer, n) => (n === set - 1 ? null : answer));
    const controller = aController({ timeoutMs: 400, retries: 3 });
    const target = { ...display.snmp, port: relay.port, profile: 'wheelhouse-fida' };
    expect(await controller.set(target, { brightnessPercent: 10 })).toEqual({ kind: 'accepted' });
    expect(relay.requests).toHaveLength(set + 1);
    expect(display.setsReceived).toBe(1);
  },
);

test.each(ACCESSES)(
  'what comes back garbled over %s is no outcome of a SET, which is not sent again',
  async (_v, access, set) => {
    const garble: ((answer: Buffer) => Buffer)[] = [
      (answer) => answer.subarray(0, answer.length - 5),
      (answer) => Buffer.concat([answer.subarray(0, 8), Buffer.from('3084ffffffff', 'hex'), answer.subarray(8)]),
      // Over v3 the digest no longer fits.
      (answer) => Buffer.concat([answer.subarray(0, -1), Buffer.from([(answer.at(-1) ?? 0) ^ 1])]),
    ];
    for (const spoil of access.version === 'V3' ? garble : garble.slice(0, 2)) {
      const display = await aDisplay({ access });
      const relay = await aRelay(display, (answer, n) => (n === set ? spoil(answer) : answer));
      const controller = aController({ timeoutMs: 300, retries: 1 });
      const target = { ...display.snmp, port: relay.port, profile: 'wheelhouse-fida' };
      const outcome = await controller.set(target, { brightnessPercent: 10 });
      expect(causeOf(outcome)).toBe('MALFORMED_ANSWER');
      expect(outcome).toMatchObject({ cause: { text: expect.stringMatching(/; the SET may have taken effect$/) } });
      expect(relay.requests).toHaveLength(set);
      expect(display.setsReceived).toBe(1);
    }
  },
);

/** Anybody can send it: it is not signed (RFC 3414 section 3.2). */
function aReportTo(request: Buffer): Buffer {
  const message = decodeMessage(request);
  if (message.version !== 3) throw new Error('reports are of v3');
  const varbinds = [{ oid: '1.3.6.1.6.3.15.1.1.4.0', data: { syntax: 'Counter32', value: 1 } as const }];
  const pdu = { type: PDU.report, requestId: 0, errorStatus: 0, errorIndex: 0, varbinds };
  const { messageId, engineId, engineBoots, engineTime } = message;
  return encodeV3Message({
    version: 3,
    messageId,
    flags: 0,
    engineId,
    engineBoots,
    engineTime,
    userName: '',
    authParameters: Buffer.alloc(0),
    privParameters: Buffer.alloc(0),
    scopedPdu: encodeScopedPdu({ contextEngineId: engineId, contextName: Buffer.alloc(0), pdu }),
  });
}

test.each([
  ['the first conversation', 0, 3],
  ['a later one', 1, 5],
])('a report in the place of the answer does not make a SET be sent again, in %s', async (_which, before, set) => {
  const display = await aDisplay({ access: V3 });
  const relay = await aRelay(display, (answer, n, request) => (n === set ? aReportTo(request) : answer));
  const controller = aController();
  const target = { ...display.snmp, port: relay.port, profile: 'wheelhouse-fida' };
  for (let i = 0; i < before; i++) {
    expect((await controller.set(target, { brightnessPercent: 20 })).kind).toBe('accepted');
  }
  const outcome = await controller.set(target, { brightnessPercent: 10 });
  expect(outcome).toMatchObject({
    kind: 'couldNotLook',
    cause: { code: 'ENGINE_OUT_OF_STEP', text: expect.stringMatching(/; the SET may have taken effect$/) },
  });
  expect(relay.requests).toHaveLength(set);
  expect(display.setsReceived).toBe(before + 1);
});

test('once one message alone may go out, it goes out once, and what had been sent before it not again', async () => {
  const heard: string[] = [];
  const peer = await aPeer((_socket, datagram) => heard.push(datagram.toString()));
  const socket = new LookSocket(null, 3);
  onTestFinished(() => socket.release());
  const watch = { onDatagram: () => undefined, onUnreadable: () => undefined, onError: () => undefined };
  await socket.open({ address: peer.host, family: 4, port: peer.port }, watch);
  const send = (message: Buffer) =>
    new Promise<Error | null>((resolve) => {
      socket.send(message, 0, message.length, peer.port, peer.host, resolve);
    });
  const [get, set, end] = ['get', 'set', 'end'].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer];
  expect([await send(get), await send(get)]).toEqual([null, null]);
  socket.allowOne();
  expect(await send(set)).toBeNull();
  expect(await send(get)).toBeInstanceOf(SnmpFailure);
  expect([await send(set), await send(set)]).toEqual([null, null]);
  // The next conversation is free again.
  await socket.open({ address: peer.host, family: 4, port: peer.port }, watch);
  expect(await send(end)).toBeNull();
  await expect.poll(() => heard).toEqual(['get', 'get', 'set', 'end']);
});
