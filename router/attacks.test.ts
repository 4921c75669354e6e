// Known attacks, each with the code by which it is refused. Those that others test stand there: deep, wide, aliased, too many
// tokens, batches, names that were rebound and pages of other hosts in doors.test.ts; frames, messages and variables that are no such
// thing, or huge or nested a million deep, and thousands of sockets in doors/bad-input.test.ts and bad-size.test.ts; simple requests for
// streams in doors/event-stream-request.test.ts, pages of other sites that bring a session's cookies in session/own-page.test.ts; costs and planning of the real graph in tests/costs.test.ts.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { readRouterConfig } from './config.ts';
import { askAllDoors, codesOf } from './testing/all-doors.ts';
import { connectClient } from './testing/client.ts';
import { anEstate } from './testing/estate.ts';
import { openEventStream } from './testing/event-stream.ts';
import { CHANGES } from './testing/live.ts';
import { begin, message, openRawWebSocket } from './testing/raw-websocket.ts';
import { startTestRouter, type TestRouter, until } from './testing/router.ts';

const { doors, rates, subscriptions } = readRouterConfig({});
const RENAME = 'mutation { rename(id: "d1", name: "x") { name } }';

const estate = anEstate();
let strict: TestRouter;
beforeAll(async () => {
  strict = await startTestRouter(estate.sources, {
    config: {
      ...{ maxCost: 100, maxPlanWeight: 20, introspection: false },
      rates: { ...rates, fields: [{ field: 'rename', points: 2, seconds: 3_600 }] },
      // A proxy that the tests play names the callers.
      doors: { ...doors, proxyHops: 1 },
      subscriptions: { ...subscriptions, maxPerCaller: 2 },
    },
  });
});
afterAll(() => strict.close());

const again = (field: string, times: number): string =>
  times === 0 ? '{ name }' : `{ ${field} ${again(field, times - 1)} }`;

describe('at all doors alike', () => {
  it.each<[what: string, query: string, code: string]>([
    ['a cost bomb of lists within lists', `{ devices ${again('related', 2)} }`, 'COST_LIMIT_EXCEEDED'],
    [
      'a cost bomb in fragments',
      `{ devices { ...F } } fragment F on Device ${again('related', 2)}`,
      'COST_LIMIT_EXCEEDED',
    ],
    ['a planning bomb', `{ device(id: "d1") ${again('lastChange', 3)} }`, 'PLANNING_LIMIT_EXCEEDED'],
    ['circular fragments', '{ devices { ...F } } fragment F on Device { name ...F }', 'GRAPHQL_VALIDATION_FAILED'],
    ['the schema as a whole', '{ __schema { types { name } } }', 'INTROSPECTION_DISABLED'],
    ['a type of the schema', '{ devices { name } ... { __type(name: "Device") { name } } }', 'INTROSPECTION_DISABLED'],
    ['a guess at a field', '{ devces { name } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['a guess at a type', '{ devices { ... on Displai { name } } }', 'GRAPHQL_VALIDATION_FAILED'],
  ])('%s is refused', async (_what, query, code) => {
    const answers = await askAllDoors(strict, query);
    expect(codesOf(answers)).toEqual([code, code, code]);
    expect(JSON.stringify(answers)).not.toMatch(/did you mean/i);
  });

  it('a guess at a value is told no other', async () => {
    const answers = await askAllDoors(strict, 'query ($s: Status) { devices(status: $s) { name } }', { s: 'ONLIN' });
    expect(codesOf(answers)).toEqual(['BAD_USER_INPUT', 'BAD_USER_INPUT', 'BAD_USER_INPUT']);
    expect(JSON.stringify(answers)).not.toContain('ONLINE');
  });

  it('a cost bomb says how much is allowed, and how much it is', async () => {
    const { http } = await askAllDoors(strict, `{ devices ${again('related', 2)} }`);
    expect(http.errors?.[0]).toMatchObject({
      message: expect.stringMatching(/estimated to cost 1110; at most 100/),
      extensions: { limit: 100, actual: 1_110 },
    });
  });

  it('a cost bomb in each event of a subscription is refused', async () => {
    const query = `subscription { deviceStatusChanged { device ${again('related', 2)} } }`;
    const { sse, websocket } = await askAllDoors(strict, query);
    for (const { errors } of [sse, websocket]) expect(errors?.[0]?.extensions?.code).toBe('COST_LIMIT_EXCEEDED');
  });

  it('what is within the limits is answered, with its cost where that is asked for', async () => {
    const plain = await askAllDoors(strict, '{ devices { name } }');
    expect(codesOf(plain)).toEqual([undefined, undefined, undefined]);
    expect(JSON.stringify(plain)).not.toContain('extensions');
    const cost = { cost: { estimated: 10, limit: 100 } };
    const headers = { 'content-type': 'application/json', 'x-wheelhouse-cost': '1' };
    const body = JSON.stringify({ query: '{ devices { name } }' });
    const answer = await fetch(strict.url, { method: 'POST', headers, body });
    expect(await answer.json()).toMatchObject({ extensions: cost });
    const client = connectClient(strict.url, { 'x-wheelhouse-cost': '1' });
    onTestFinished(() => client.close());
    expect(await client.start('{ devices { name } }').take(1)).toMatchObject([{ extensions: cost }]);
  });
});

it('a field with a rate of its own is counted through all doors, and by aliases', async () => {
  const twice = 'mutation { a: rename(id: "d1", name: "x") { name } b: rename(id: "d1", name: "x") { name } }';
  expect((await strict.query(twice)).errors).toBeUndefined();
  expect(codesOf(await askAllDoors(strict, RENAME))).toEqual(['RATE_LIMITED', 'RATE_LIMITED', 'RATE_LIMITED']);
  const { status, headers, errors } = await strict.query(RENAME);
  expect([status, Number(headers.get('retry-after')) > 0]).toEqual([429, true]);
  expect(errors?.[0]?.extensions).toEqual({ code: 'RATE_LIMITED', limit: 2, retryAfterMs: expect.any(Number) });
  expect((await strict.query('{ echo }')).status).toBe(200);
  expect((await strict.query(RENAME, { headers: { 'x-forwarded-for': '192.0.2.9' } })).status).toBe(200);
  expect(await strict.metrics()).toMatch(/router_rate_limited_total\{what="field:rename"\} 4/);
});

it('a caller with as many subscriptions as one may have gets no more, and others do', async () => {
  const subscribe = async (caller: string) => {
    const headers = { 'x-forwarded-for': caller };
    const stream = await openEventStream(strict.url, { operation: { query: CHANGES }, headers });
    onTestFinished(stream.leave);
    return stream;
  };
  await subscribe('192.0.2.1');
  const second = await subscribe('192.0.2.1');
  const third = await subscribe('192.0.2.1');
  expect(await third.take(1)).toMatchObject([
    { errors: [{ extensions: { code: 'TOO_MANY_SUBSCRIPTIONS', limit: 2 } }] },
  ]);
  const other = await subscribe('192.0.2.2');
  expect([other.events, other.end()]).toEqual([[], null]);
  second.leave();
  await expect.poll(() => strict.metrics()).toMatch(/^router_subscriptions_open 2$/m);
  const next = await subscribe('192.0.2.1');
  await expect.poll(() => strict.metrics()).toMatch(/^router_subscriptions_open 3$/m);
  estate.changes.publish({ deviceStatusChanged: { cursor: '1' } });
  expect(await next.take(1)).toEqual([{ data: { deviceStatusChanged: { cursor: '1' } } }]);
});

describe('a simple request of a page of another site', () => {
  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'as %s runs nothing',
    async (type) => {
      const body = JSON.stringify({ query: '{ echo }' });
      const answer = await fetch(strict.url, { method: 'POST', headers: { 'content-type': type }, body });
      expect(answer.status).toBe(400);
      expect(await answer.text()).toContain('Cross-Site Request Forgery');
    },
  );
});

describe('where only listed operations run', () => {
  let listed: TestRouter;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wheelhouse-attacks-'));
    const operationsManifest = join(folder, 'operations.json');
    await writeFile(operationsManifest, JSON.stringify({ 'hash-of-echo': '{ echo }' }));
    listed = await startTestRouter(anEstate().sources, { config: { operationsManifest } });
  });
  afterAll(async () => {
    await listed.close();
    await rm(folder, { recursive: true });
  });

  it('another is refused at all doors', async () => {
    const code = 'PERSISTED_OPERATION_REQUIRED';
    expect(codesOf(await askAllDoors(listed, '{ echo(text: "x") }'))).toEqual([code, code, code]);
  });

  it('a listed one runs at all doors, by its text and by its hash', async () => {
    expect(codesOf(await askAllDoors(listed, '{ echo }'))).toEqual([undefined, undefined, undefined]);
    const extensions = { persistedQuery: { version: 1, sha256Hash: 'hash-of-echo' } };
    const post = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ extensions }),
    };
    expect(await (await fetch(listed.url, post)).json()).toEqual({ data: { echo: 'silence' } });
    const stream = await openEventStream(listed.url, { body: JSON.stringify({ extensions }) });
    expect(await stream.take(1)).toEqual([{ data: { echo: 'silence' } }]);
    const raw = await openRawWebSocket(listed.url);
    onTestFinished(() => void raw.socket.destroy());
    await begin(raw);
    raw.socket.write(message({ id: '1', type: 'subscribe', payload: { query: '', extensions } }));
    const answer = await until('the answer', () => raw.messages.find(({ type }) => type === 'next') ?? null);
    expect(answer.payload).toEqual({ data: { echo: 'silence' } });
  });
});

/** A connection from an address of this machine, and all that came over it. */
const openSocket = (url: string, from: string, says = '') => {
  const { hostname, port } = new URL(url);
  const socket: Socket = connect({ host: hostname, port: Number(port), localAddress: from });
  let text = '';
  let isClosed = false;
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    isClosed = true;
  });
  if (says !== '') socket.write(says);
  onTestFinished(() => void socket.destroy());
  return { socket, text: () => text, isClosed: () => isClosed };
};

describe('a client that takes its time', () => {
  it.each<[what: string, says: string, drips: string, answer: RegExp]>([
    ['and says nothing', '', '', /^HTTP\/1\.1 408 /],
    ['over a head that has no end', 'GET /graphql HTTP/1.1\r\nhost: localhost\r\n', 'x', /^HTTP\/1\.1 408 /],
    [
      'over a body that has no end',
      'POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"query":',
      ' ',
      /^(HTTP\/1\.1 408 |$)/,
    ],
  ])('%s, is closed, and others are served', async (_what, says, drips, answer) => {
    const timed = await startTestRouter(anEstate().sources, {
      config: { doors: { ...doors, headersTimeoutMs: 1_000, requestTimeoutMs: 1_500 } },
    });
    onTestFinished(() => timed.close());
    const slow = openSocket(timed.url, '127.0.0.1', says);
    const drip = setInterval(() => drips !== '' && slow.socket.write(drips), 50);
    onTestFinished(() => clearInterval(drip));
    expect((await timed.query('{ echo }')).status).toBe(200);
    await until('the end', slow.isClosed);
    expect(slow.text()).toMatch(answer);
  });
});

describe('one caller alone', () => {
  let small: TestRouter;
  beforeAll(async () => {
    small = await startTestRouter(anEstate().sources, {
      config: { rates: { ...rates, operations: 1 }, doors: { ...doors, maxConnectionsPerCaller: 20 } },
    });
  });
  afterAll(() => small.close());

  const head = (path: string, accept = 'application/json'): string =>
    `GET ${path} HTTP/1.1\r\nhost: localhost\r\naccept: ${accept}\r\napollo-require-preflight: 1\r\nconnection: close\r\n\r\n`;
  const ask = async (from: string, path = '/graphql?query=%7Becho%7D', accept?: string): Promise<string> => {
    const { text, isClosed } = openSocket(small.url, from, head(path, accept));
    await until('the answer', isClosed);
    return text();
  };

  it('that opens thousands of sockets is refused all but its share, and others are served', async () => {
    const sockets = Array.from({ length: 60 }, () => openSocket(small.url, '127.0.0.2'));
    await until('the refusals', () => sockets.filter(({ text }) => text().startsWith('HTTP/1.1 429')).length >= 40);
    expect(await ask('127.0.0.3')).toMatch(/^HTTP\/1\.1 200 /);
    for (const { socket } of sockets) socket.destroy();
    await expect.poll(() => ask('127.0.0.2')).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('that asks without a pause has to wait at all doors, and others have not', async () => {
    const limited = expect.poll(() => ask('127.0.0.5'), { interval: 0, timeout: 20_000 });
    await limited.toMatch(
      /^HTTP\/1\.1 429 .*retry-after: \d+\r\n.*"code":"RATE_LIMITED","limit":5,"retryAfterMs":\d+/is,
    );
    await expect
      .poll(() => ask('127.0.0.5', '/graphql?query=%7Becho%7D', 'text/event-stream'))
      .toMatch(/^HTTP\/1\.1 429 /);
    await expect.poll(() => ask('127.0.0.5', '/export/history')).toMatch(/^HTTP\/1\.1 429 /);
    expect(await ask('127.0.0.6')).toMatch(/^HTTP\/1\.1 200 /);
    expect(await ask('127.0.0.5', '/health/ready')).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('that asks over a websocket without a pause has to wait, and keeps its connection', async () => {
    const raw = await openRawWebSocket(small.url);
    onTestFinished(() => void raw.socket.destroy());
    await begin(raw);
    for (let id = 1; id <= 40; id += 1) {
      raw.socket.write(message({ id: `${id}`, type: 'subscribe', payload: { query: '{ echo }' } }));
    }
    const answers = () => raw.messages.filter(({ type }) => type === 'next' || type === 'error');
    await until('all answers', () => answers().length === 40);
    expect(JSON.stringify(answers())).toContain('RATE_LIMITED');
    expect(answers().filter((answer) => JSON.stringify(answer).includes('"silence"')).length).toBeLessThanOrEqual(20);
    raw.socket.write(message({ type: 'ping' }));
    await until('the pong', () => raw.messages.some(({ type }) => type === 'pong'));
  });

  it('that goes on all the same is disconnected, with 4429', async () => {
    const open = async () => {
      const opened = await openRawWebSocket(small.url);
      onTestFinished(() => void opened.socket.destroy());
      return opened;
    };
    let raw = await open();
    // Who has to wait for what the test before has asked gets no new one.
    await expect
      .poll(async () => {
        if (raw.status() !== 101) raw = await open();
        return raw.status();
      })
      .toBe(101);
    await begin(raw);
    for (let id = 1; id <= 500; id += 1) {
      raw.socket.write(message({ id: `${id}`, type: 'subscribe', payload: { query: '{ echo }' } }));
    }
    expect(await until('the close', raw.end)).toBe(4429);
  });
});
