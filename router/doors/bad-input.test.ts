import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { readRouterConfig } from '../config.ts';
import { connectClient, type Subscription } from '../testing/client.ts';
import { type EventStream, type EventStreamRequest, openEventStream } from '../testing/event-stream.ts';
import { CHANGES, type LiveRouter, startLiveRouter } from '../testing/live.ts';
import { startPeer } from '../testing/peer.ts';
import { BINARY, CLOSE, frame, INIT, message, openRawWebSocket, PING, TEXT } from '../testing/raw-websocket.ts';
import { until } from '../testing/router.ts';

const MAX_SUBSCRIPTIONS = 250;
const MIB = 1024 * 1024;

let live: LiveRouter;
let client: ReturnType<typeof connectClient>;
let good: { websocket: Subscription; eventStream: EventStream };
let cursor = 0;

beforeAll(async () => {
  const { subscriptions } = readRouterConfig({});
  live = await startLiveRouter({
    config: { subscriptions: { ...subscriptions, maxSubscriptions: MAX_SUBSCRIPTIONS } },
  });
  client = connectClient(live.router.url);
  good = {
    websocket: client.start(CHANGES),
    eventStream: await openEventStream(live.router.url, { operation: { query: CHANGES } }),
  };
  await live.open(2);
  await live.listening(1);
});
afterAll(async () => {
  await client.close();
  await live.router.close();
});

/** Subscribers that do nothing wrong still get every event, and what the others opened is closed. */
afterEach(async () => {
  await live.open(2);
  await live.listening(1);
  cursor += 1;
  live.publish(cursor);
  const event = { data: { deviceStatusChanged: { cursor: `${cursor}` } } };
  expect(await good.websocket.take(1)).toEqual([event]);
  expect(await good.eventStream.take(1)).toEqual([event]);
});

const openRaw = async (...args: [headers?: Record<string, string>, protocol?: string | null]) => {
  const raw = await openRawWebSocket(live.router.url, ...args);
  onTestFinished(() => void raw.socket.destroy());
  return raw;
};
/** A connection that has been acknowledged. */
const begin = async () => {
  const raw = await openRaw();
  raw.socket.write(INIT);
  await until('connection_ack', () => raw.messages.length === 1);
  return raw;
};
const ask = async (asked: EventStreamRequest) => {
  const stream = await openEventStream(live.router.url, asked);
  onTestFinished(stream.leave);
  return stream;
};
const subscribe = (id: string, payload: Record<string, unknown> = { query: CHANGES }) =>
  message({ id, type: 'subscribe', payload });

describe('the websocket door closes', () => {
  it.each<[what: string, frames: Buffer[], code: number]>([
    ['text that is not JSON', [frame(TEXT, '{"type":')], 4400],
    ['empty text', [frame(TEXT, '')], 4400],
    ['JSON that is no object', [message(['subscribe'])], 4400],
    ['null', [message(null)], 4400],
    ['an object without a type', [message({ id: '1' })], 4400],
    ['an unknown type', [message({ type: 'shout' })], 4400],
    ['a message that only a server sends', [message({ type: 'connection_ack' })], 4400],
    ['a subscribe message without an id', [message({ type: 'subscribe', payload: { query: CHANGES } })], 4400],
    ['an empty id', [subscribe('')], 4400],
    ['an id that is a number', [message({ id: 1, type: 'subscribe', payload: { query: CHANGES } })], 4400],
    ['an id of 257 characters', [subscribe('x'.repeat(257))], 4400],
    ['a subscribe message without a payload', [message({ id: '1', type: 'subscribe' })], 4400],
    ['a query that is no text', [subscribe('1', { query: 7 })], 4400],
    ['variables that are no object', [subscribe('1', { query: CHANGES, variables: 'x' })], 4400],
    ['nesting at the end of the stack', [frame(TEXT, '['.repeat(2 * MIB))], 4400],
    ['bytes of no meaning', [frame(BINARY, Buffer.from([0, 255, 254, 1]))], 4400],
    ['a second connection_init', [INIT], 4429],
    ['an id that is in use', [subscribe('1'), subscribe('1')], 4409],
    ['a frame without a mask', [frame(TEXT, '{"type":"ping"}', { isMasked: false })], 1002],
    ['an opcode that is reserved', [frame(3, 'x')], 1002],
    ['a control opcode that is reserved', [frame(11, 'x')], 1002],
    ['a bit of an extension that was not agreed on', [frame(TEXT, '{}', { isReserved: true })], 1002],
    ['a ping of 126 bytes', [frame(PING, 'x'.repeat(126))], 1002],
    ['a ping in fragments', [frame(PING, 'x', { isFinal: false })], 1002],
    ['a continuation of nothing', [frame(0, 'x')], 1002],
    ['a message within the fragments of another', [frame(TEXT, '{', { isFinal: false }), frame(TEXT, '{}')], 1002],
    ['text that is not UTF-8', [frame(TEXT, Buffer.from([0x22, 0xc3, 0x28, 0x22]))], 1007],
    ['a reason that is not UTF-8', [frame(CLOSE, Buffer.from([0x03, 0xe8, 0xc3, 0x28]))], 1007],
    ['a close code that may not be sent', [frame(CLOSE, Buffer.from([0x03, 0xed]))], 1002],
    ['a close frame with half a code', [frame(CLOSE, 'x')], 1002],
    ['a frame that says it has 100 MB', [frame(TEXT, 'x', { saysBytes: 100_000_000 })], 1009],
    ['a frame that says it has 2^53 bytes', [frame(TEXT, 'x', { saysBytes: 2 ** 53 })], 1009],
    [
      'fragments of more than 4 MiB together',
      [...Array.from({ length: 5 }, (_, index) => frame(index === 0 ? TEXT : 0, 'x'.repeat(MIB), { isFinal: false }))],
      1009,
    ],
    [
      'more fragments than a message may have',
      [
        frame(TEXT, 'x', { isFinal: false }),
        Buffer.concat(Array.from({ length: 20_000 }, () => frame(0, 'x', { isFinal: false }))),
      ],
      1008,
    ],
  ])('on %s', async (_what, frames, code) => {
    const raw = await begin();
    for (const each of frames) raw.socket.write(each);
    expect(await until('the close', raw.end)).toBe(code);
  });

  it('on a subscribe message before connection_init, with 4401', async () => {
    const raw = await openRaw();
    raw.socket.write(subscribe('1'));
    expect(await until('the close', raw.end)).toBe(4401);
  });

  it.each([
    ['no subprotocol', null],
    ['the subprotocol of before', 'graphql-ws'],
    ['a subprotocol of another kind', 'mqtt'],
  ])('on %s, with 4406', async (_what, protocol) => {
    const raw = await openRaw({}, protocol);
    expect(await until('the close', raw.end)).toBe(4406);
  });

  it('on a client that does not begin within 3 seconds, with 4408', async () => {
    const raw = await openRaw();
    raw.socket.write(frame(TEXT, '{"type":"connection_init"', { isFinal: false }));
    expect(await until('the close', raw.end)).toBe(4408);
  });
});

describe('the websocket door refuses the upgrade of', () => {
  it.each<[what: string, headers: Record<string, string>, status: number]>([
    ['an old version', { 'sec-websocket-version': '7' }, 400],
    ['a key that is none', { 'sec-websocket-key': 'x' }, 400],
    ['a list of subprotocols that is none', { 'sec-websocket-protocol': ',,' }, 400],
    ['another name', { host: 'evil.example' }, 403],
    ['a page of another host', { origin: 'http://evil.example' }, 403],
  ])('%s', async (_what, headers, status) => {
    const raw = await openRaw(headers);
    expect(raw.status()).toBe(status);
    await until('the end', raw.end);
  });
});

describe('a connection with 1,000 subscriptions', () => {
  it('keeps the first 100, and the rest are refused with TOO_MANY_SUBSCRIPTIONS', async () => {
    const raw = await begin();
    for (let id = 1; id <= 1_000; id += 1) raw.socket.write(subscribe(`${id}`));
    const refused = () => raw.messages.filter(({ type }) => type === 'error');
    await until('900 refusals', () => refused().length === 900);
    expect(refused().map(({ id }) => Number(id))).toEqual(Array.from({ length: 900 }, (_, index) => index + 101));
    expect(refused()[0]?.payload).toMatchObject([{ extensions: { code: 'TOO_MANY_SUBSCRIPTIONS', limit: 100 } }]);
    await live.open(102);
    cursor += 1;
    live.publish(cursor);
    await good.websocket.take(1);
    await good.eventStream.take(1);
    await until('an event for each', () => raw.messages.filter(({ type }) => type === 'next').length === 100);
    // What ends makes room.
    raw.socket.write(message({ id: '7', type: 'complete' }));
    raw.socket.write(subscribe('again'));
    await live.open(102);
    expect(refused()).toHaveLength(900);
    raw.socket.end(frame(CLOSE, ''));
  });

  it('has queries counted too, those it gave up among them', async () => {
    const silent = await startPeer(() => {});
    onTestFinished(silent.close);
    const other = await startLiveRouter({ urls: { devices: silent.url }, config: { drainMs: 100 } });
    onTestFinished(() => other.router.close());
    const raw = await openRawWebSocket(other.router.url);
    raw.socket.write(INIT);
    await until('connection_ack', () => raw.messages.length === 1);
    for (let id = 1; id <= 100; id += 1) {
      raw.socket.write(subscribe(`${id}`, { query: '{ echo }' }));
      raw.socket.write(message({ id: `${id}`, type: 'complete' }));
    }
    raw.socket.write(subscribe('last', { query: '{ echo }' }));
    const answer = await until('the answer to the last', () => raw.messages.find(({ id }) => id === 'last') ?? null);
    expect(answer).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' } }] });
    raw.socket.destroy();
  });
});

it('past the limit of the router both doors refuse with TOO_MANY_SUBSCRIPTIONS', async () => {
  const raws = [await begin(), await begin(), await begin()];
  for (const raw of raws) {
    for (let id = 1; id <= 100; id += 1) raw.socket.write(subscribe(`${id}`));
  }
  await live.open(MAX_SUBSCRIPTIONS);
  const refusals = () => raws.flatMap(({ messages }) => messages.filter(({ type }) => type === 'next'));
  await until('the refusals', () => refusals().length === 300 + 2 - MAX_SUBSCRIPTIONS);
  const code = { extensions: { code: 'TOO_MANY_SUBSCRIPTIONS', limit: MAX_SUBSCRIPTIONS } };
  expect(refusals()[0]?.payload).toMatchObject({ errors: [code] });
  const refused = await ask({ operation: { query: CHANGES } });
  expect(await until('the end', refused.end)).toBe('complete');
  expect(refused.events).toMatchObject([{ errors: [code] }]);
  // A query needs no place.
  const query = await ask({ operation: { query: '{ echo }' } });
  expect(await query.take(1)).toEqual([{ data: { echo: 'silence' } }]);
  for (const raw of raws) raw.socket.destroy();
});

const DEEP = `{"x":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}`;

describe('both doors answer with the same error', () => {
  it.each<[what: string, query: string, code: string]>([
    ['a syntax error', 'subscription { deviceStatusChanged {', 'GRAPHQL_PARSE_FAILED'],
    ['an empty query', '', 'GRAPHQL_PARSE_FAILED'],
    ['bytes of no meaning', '\u0000\u0001', 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', 'subscription { nope }', 'GRAPHQL_VALIDATION_FAILED'],
    [
      'several root fields',
      'subscription { a: deviceStatusChanged { cursor } b: deviceStatusChanged { cursor } }',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'a directive that may leave no root field',
      'subscription { deviceStatusChanged @skip(if: true) { cursor } }',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['two operations and no name', `${CHANGES} query Q { echo }`, 'GRAPHQL_VALIDATION_FAILED'],
    ['a fragment and nothing else', 'fragment F on Query { echo }', 'GRAPHQL_VALIDATION_FAILED'],
    ['a type and nothing else', 'type Query { echo: String }', 'GRAPHQL_VALIDATION_FAILED'],
  ])('to %s', async (_what, query, code) => {
    const stream = await ask({ operation: { query } });
    expect(await until('the end', stream.end)).toBe('complete');
    expect(stream.events).toMatchObject([{ errors: [{ extensions: { code } }] }]);
    const ended = await until('the refusal', client.start(query).ended);
    expect(ended).toEqual({ error: stream.events[0]?.errors });
  });

  it.each<[what: string, variables: string, says: RegExp]>([
    ['a variable of another type', '{"to":7}', /Variable "\$to" got invalid value; Enum "Status" cannot represent/],
    ['a variable of 3 MiB', `{"to":"${'x'.repeat(3 * MIB)}"}`, /Variable "\$to" got invalid value/],
    [
      'a variable nested a million deep',
      DEEP.replace('"x"', '"to"'),
      /Variable "\$to" got invalid value|Internal error/,
    ],
  ])('to %s', async (_what, variables, says) => {
    const payload = `{"query":"subscription ($to: Status) { deviceStatusChanged(to: $to) { cursor } }","variables":${variables}}`;
    const stream = await ask({ body: payload });
    expect(await until('the end', stream.end)).toBe('complete');
    expect(stream.events[0]?.errors?.[0]?.message).toMatch(says);
    expect(stream.events[0]?.errors?.[0]?.message.length).toBeLessThan(1_000);
    const raw = await begin();
    raw.socket.write(frame(TEXT, `{"id":"1","type":"subscribe","payload":${payload}}`));
    const refusal = await until('the refusal', () => raw.messages.find(({ id }) => id === '1') ?? null);
    const told = refusal.type === 'next' ? refusal.payload : { errors: refusal.payload };
    expect(told).toEqual(stream.events[0]);
  });

  it('to nothing at all: variables that no operation declares are passed over, however many and deep', async () => {
    const payload = `{"query":"{ echo }","variables":${DEEP}}`;
    const stream = await ask({ body: payload });
    const raw = await begin();
    raw.socket.write(frame(TEXT, `{"id":"1","type":"subscribe","payload":${payload}}`));
    const answer = await until('the answer', () => raw.messages.find(({ id }) => id === '1') ?? null);
    const [event] = await stream.take(1);
    expect(answer.payload).toEqual(event);
    expect(event).toEqual({ data: { echo: 'silence' } });
  });
});

describe('a query where a subscription is expected', () => {
  it('is answered as a query and ended', async () => {
    const stream = await ask({ operation: { query: '{ echo }' } });
    expect(await until('the end', stream.end)).toBe('complete');
    expect(stream.events).toEqual([{ data: { echo: 'silence' } }]);
    const query = client.start('{ echo }');
    expect(await until('the end', query.ended)).toBe('complete');
    expect(query.events).toEqual([{ data: { echo: 'silence' } }]);
  });
});

it.each([
  ['with another header behind it', 'Bearer a\r\nx-admin: 1'],
  ['with a character that no header may have', 'Bearer \u2603'],
  ['of 20,000 characters', 'x'.repeat(20_000)],
])('an authorization %s is refused in connection_init', async (_what, authorization) => {
  const raw = await openRaw();
  raw.socket.write(message({ type: 'connection_init', payload: { Authorization: authorization } }));
  raw.socket.write(subscribe('1'));
  expect(await until('the close', raw.end)).toBe(4400);
});

describe('connections that do nothing', () => {
  it('2,000 of them keep nobody from being served', async () => {
    const { hostname, port } = new URL(live.router.url);
    const sockets = Array.from({ length: 2_000 }, () => connect(Number(port), hostname).on('error', () => {}));
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
    });
    await until('the connections', () => sockets.every(({ readyState }) => readyState === 'open'));
    const stream = await ask({ operation: { query: CHANGES } });
    await live.open(3);
    cursor += 1;
    live.publish(cursor);
    for (const subscriber of [stream, good.websocket, good.eventStream]) await subscriber.take(1);
    stream.leave();
  });

  it('half an upgrade, half a head and half a body keep nobody from being served', async () => {
    const { hostname, port, host } = new URL(live.router.url);
    const head = `POST /graphql HTTP/1.1\r\nhost: ${host}\r\naccept: text/event-stream\r\n`;
    for (const half of [
      `GET /graphql HTTP/1.1\r\nhost: ${host}\r\nupgrade: websocket\r\nconnection: upgrade\r\n`,
      head,
      `${head}content-type: application/json\r\ncontent-length: 100\r\n\r\n{"query":`,
    ]) {
      const socket = connect(Number(port), hostname, () => socket.write(half));
      onTestFinished(() => void socket.destroy());
    }
    expect((await live.router.query('{ echo }')).status).toBe(200);
  });
});

describe('a peer that is no longer there', () => {
  const brief = async () => {
    const other = await startLiveRouter({ config: { keepAliveMs: 150 } });
    onTestFinished(() => other.router.close());
    return other;
  };

  it.each<[what: string, last: Buffer | null]>([
    ['that answers no ping', null],
    ['in the midst of a frame', frame(TEXT, '{"type":', { saysBytes: 1_000 })],
    ['in the midst of a message of several frames', frame(TEXT, '{"type":', { isFinal: false })],
  ])('on a websocket, %s, is cut and what it subscribed to is freed', async (_what, last) => {
    const other = await brief();
    const raw = await openRawWebSocket(other.router.url);
    raw.socket.write(INIT);
    await until('connection_ack', () => raw.messages.length === 1);
    raw.socket.write(subscribe('1'));
    await other.open(1);
    if (last !== null) raw.socket.write(last);
    expect(await until('the cut', raw.end)).toBe('cut');
    expect(raw.pings()).toBeGreaterThan(0);
    await other.open(0);
    await other.listening(0);
  });

  it('on a websocket that was closed, and does not answer the close, is cut', async () => {
    const other = await brief();
    const raw = await openRawWebSocket(other.router.url);
    raw.socket.write(subscribe('1'));
    // What comes after the close is passed over.
    raw.socket.write(INIT);
    raw.socket.write(subscribe('2'));
    expect(await until('the close', raw.end)).toBe(4401);
    await until('the cut', () => raw.socket.destroyed);
    expect(raw.messages).toEqual([]);
  });
});

it('a subscription over a websocket ends after its lifetime with SUBSCRIPTION_LIFETIME_EXCEEDED, and another can follow', async () => {
  const { subscriptions } = readRouterConfig({});
  const other = await startLiveRouter({ config: { subscriptions: { ...subscriptions, lifetimeMs: 100 } } });
  onTestFinished(() => other.router.close());
  const short = connectClient(other.router.url);
  onTestFinished(() => short.close());
  const subscription = short.start(CHANGES);
  await other.listening(1);
  expect(await until('the end', subscription.ended)).toMatchObject({
    error: [{ extensions: { code: 'SUBSCRIPTION_LIFETIME_EXCEEDED' } }],
  });
  await other.open(0);
  await other.listening(0);
  const next = short.start(CHANGES);
  await other.listening(1);
  other.publish(1);
  expect(await next.take(1)).toHaveLength(1);
});
