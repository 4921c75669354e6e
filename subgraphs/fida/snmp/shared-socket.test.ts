import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { decodeMessage, encodeCommunityMessage } from '@wheelhouse/simulators/snmp/message.ts';
import { PDU } from '@wheelhouse/simulators/snmp/pdu.ts';
import { expect, onTestFinished, test } from 'vitest';
import { aPeer, aProber, causeOf, V2C } from '../testing/snmp.ts';
import { SharedSocket } from './shared-socket.ts';

const PROFILE = { profile: 'wheelhouse-fida' };

/** What a display would answer: a number for every object, under this request id or the one that was asked with. */
function answerTo(datagram: Buffer, { id, value = 1 }: { id?: number; value?: number } = {}): Buffer {
  const message = decodeMessage(datagram);
  if (message.version === 3) throw new Error('these peers speak v2c');
  const varbinds = message.pdu.varbinds.map(({ oid }) => ({ oid, data: { syntax: 'INTEGER', value } as const }));
  const pdu = { ...message.pdu, requestId: id ?? message.pdu.requestId, type: PDU.response, varbinds };
  return encodeCommunityMessage({ ...message, pdu });
}

/** A display that answers from its `after`th datagram on, and the ports from which it was asked. */
async function aDisplayAnswering(after = 1) {
  const ports: number[] = [];
  const peer = await aPeer((socket, datagram, from) => {
    ports.push(from.port);
    if (ports.length >= after) socket.send(answerTo(datagram), from.port, from.address);
  });
  return { target: { ...peer, ...V2C, ...PROFILE }, ports };
}

test('looks at many displays leave from one port', async () => {
  const displays = await Promise.all(Array.from({ length: 20 }, () => aDisplayAnswering()));
  const prober = aProber();
  const looks = await Promise.all(displays.map(({ target }) => prober.look(target)));
  expect(new Set(looks.map(causeOf))).toEqual(new Set(['answered']));
  expect(new Set(displays.flatMap(({ ports }) => ports)).size).toBe(1);
});

test('what is sent again leaves from a port of its own, and the answer to it counts', async () => {
  const { target, ports } = await aDisplayAnswering(2);
  expect(causeOf(await aProber({ timeoutMs: 300 }).look(target))).toBe('answered');
  expect(new Set(ports).size).toBe(2);
});

test('an answer to the first try counts although it comes after the second', async () => {
  let first: { datagram: Buffer; port: number } | null = null;
  const peer = await aPeer((socket, datagram, from) => {
    if (first === null) first = { datagram, port: from.port };
    else socket.send(answerTo(first.datagram), first.port, from.address);
  });
  expect(causeOf(await aProber({ timeoutMs: 300 }).look({ ...peer, ...V2C, ...PROFILE }))).toBe('answered');
});

test('two looks at one display at once are both answered', async () => {
  const { target, ports } = await aDisplayAnswering();
  const prober = aProber();
  const looks = await Promise.all([prober.look(target), prober.look(target), prober.look(target)]);
  expect(looks.map(causeOf)).toEqual(['answered', 'answered', 'answered']);
  expect(new Set(ports).size).toBe(3);
});

test('an answer from another port than was asked is not heard, though it has the right id', async () => {
  const stranger = createSocket('udp4').bind(0, '127.0.0.1');
  await once(stranger, 'listening');
  onTestFinished(() => void stranger.close());
  const peer = await aPeer((_socket, datagram, from) => stranger.send(answerTo(datagram), from.port, from.address));
  const look = await aProber({ timeoutMs: 100 }).look({ ...peer, ...V2C, ...PROFILE });
  expect(look).toMatchObject({ kind: 'silent', detail: 'no answer within 200 ms' });
});

test('an answer with another id is not taken', async () => {
  const peer = await aPeer((socket, datagram, from) => {
    for (const id of [0, 1, 2 ** 31 - 1]) socket.send(answerTo(datagram, { id }), from.port, from.address);
  });
  const look = await aProber({ timeoutMs: 100 }).look({ ...peer, ...V2C, ...PROFILE });
  expect(look).toMatchObject({
    kind: 'silent',
    detail: expect.stringContaining('that answer nothing this look asked'),
  });
});

test('an answer to an earlier look is not taken for one to the next', async () => {
  let held: Buffer | null = null;
  const peer = await aPeer((socket, datagram, from) => {
    const late = held;
    held ??= answerTo(datagram, { value: 2 });
    if (late === null) return;
    socket.send(late, from.port, from.address);
    socket.send(answerTo(datagram, { value: 1 }), from.port, from.address);
  });
  const target = { ...peer, ...V2C, ...PROFILE };
  expect((await aProber({ timeoutMs: 100, retries: 0 }).look(target)).kind).toBe('silent');
  expect(await aProber().look(target)).toMatchObject({ kind: 'answered', state: { power: 'ON' } });
});

test('with a single try a port where nobody listens is still told from a display that does not answer', async () => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  const look = await aProber({ timeoutMs: 100, retries: 0 }).look({ host: '127.0.0.1', port, ...V2C, ...PROFILE });
  expect(look).toEqual({ kind: 'silent', detail: 'port unreachable' });
});

test('looks hear of a shared socket that fails, and the next one has another', async () => {
  const peer = await aPeer(() => undefined);
  const sockets: Socket[] = [];
  const shared = new SharedSocket((options) => {
    const socket = createSocket(options);
    sockets.push(socket);
    return socket;
  });
  onTestFinished(() => shared.close());
  const remote = { address: peer.host, family: 4, port: peer.port } as const;
  const errors: Error[] = [];
  shared.claim(remote, { onMessage: () => undefined, onError: (err) => errors.push(err) });
  const send = () => new Promise((resolve) => shared.send(Buffer.from('x'), remote, resolve));
  expect(await send()).toBeNull();
  const failure = new Error('no socket to be had');
  sockets[0]?.emit('error', failure);
  expect(errors).toEqual([failure]);
  expect(await send()).toBeNull();
  expect(sockets).toHaveLength(2);
});

test('a prober that was closed leaves no port open', async () => {
  const { target, ports } = await aDisplayAnswering();
  const prober = aProber();
  await prober.look(target);
  prober.close();
  const again = createSocket('udp4');
  onTestFinished(() => void again.close());
  const bound = once(again, 'listening');
  again.bind(ports[0], '0.0.0.0');
  await bound;
});
