import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { connectClient } from './testing/client.ts';
import { anEstate } from './testing/estate.ts';
import { startTestRouter, type TestRouter, until } from './testing/router.ts';

let router: TestRouter;
let client: ReturnType<typeof connectClient>;

beforeAll(async () => {
  router = await startTestRouter(anEstate().sources);
  client = connectClient(router.url);
});
afterAll(async () => {
  await client.close();
  await router.close();
});

const deep = (levels: number) => `{ devices ${'{ lastChange '.repeat(levels)}{ id }${'}'.repeat(levels)} }`;

describe('both doors refuse the same operations with the same errors', () => {
  it.each([
    ['a depth of 1,000', deep(998), 'DEPTH_LIMIT_EXCEEDED', /1000 levels of nesting; at most 30/],
    ['a depth of 31', deep(29), 'DEPTH_LIMIT_EXCEEDED', /31 levels of nesting; at most 30/],
    ['100,000 tokens', `{ ${'echo '.repeat(100_000)} }`, 'TOKEN_LIMIT_EXCEEDED', /more than 15000 tokens/],
    [
      '101 aliases',
      `{ devices { ${Array.from({ length: 101 }, (_, i) => `a${i}: id`).join(' ')} } }`,
      'ALIAS_LIMIT_EXCEEDED',
      /101 aliases; at most 100/,
    ],
    [
      '51 root fields',
      `{ ${Array.from({ length: 51 }, (_, i) => `a${i}: echo`).join(' ')} }`,
      'ROOT_FIELD_LIMIT_EXCEEDED',
      /51 root fields; at most 50/,
    ],
    [
      'limits in a subscription',
      `subscription { deviceStatusChanged { device ${'{ lastChange '.repeat(30)}{ id }${'}'.repeat(30)} } }`,
      'DEPTH_LIMIT_EXCEEDED',
      /at most 30/,
    ],
    ['an unknown field', '{ nope }', 'GRAPHQL_VALIDATION_FAILED', /Cannot query field/],
    ['a syntax error', '{ echo', 'GRAPHQL_PARSE_FAILED', /Syntax Error/],
    [
      'deep introspection',
      '{ __schema { types { fields { type { fields { type { fields { type { name } } } } } } } } }',
      'GRAPHQL_VALIDATION_FAILED',
      /introspection depth/i,
    ],
  ])('%s', async (_what, query, code, says) => {
    const startedAt = performance.now();
    const { status, data, errors } = await router.query(query);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect({ status, data, code: errors?.[0]?.extensions.code }).toEqual({ status: 400, data: undefined, code });
    expect(errors?.[0]?.message).toMatch(says);

    const ended = await until('the refusal', client.start(query).ended);
    expect(ended).toEqual({ error: errors });
  });
});

it('both doors refuse nesting at the end of the stack as too deep, whether the parser or the measuring gives up', async () => {
  const query = deep(4_900);
  const { status, errors } = await router.query(query);
  expect([status, errors?.[0]?.extensions.code]).toEqual([400, 'DEPTH_LIMIT_EXCEEDED']);
  expect(await until('the refusal', client.start(query).ended)).toMatchObject({
    error: [{ extensions: { code: 'DEPTH_LIMIT_EXCEEDED' } }],
  });
});

it('queries and mutations over the websocket answer as over HTTP, errors too', async () => {
  for (const query of [
    '{ devices { name changeCount } broken odd }',
    'mutation { rename(id: "d1", name: "x") { name } fail }',
  ]) {
    const { data, errors } = await router.query(query);
    const operation = client.start(query);
    expect(await operation.take(1)).toEqual([{ data, errors }]);
    await until('the end', operation.ended);
    expect(operation.ended()).toBe('complete');
  }
});

it('wrong variables are told over the websocket as over HTTP', async () => {
  const query = 'query ($id: ID!) { device(id: $id) { name } }';
  const { errors } = await router.query(query);
  const [answer] = await client.start(query).take(1);
  expect(answer?.errors?.map(({ message, extensions }) => [message, extensions])).toEqual(
    errors?.map(({ message, extensions }) => [message, extensions]),
  );
});

const statusOf = (headers: Record<string, string>, path = '/graphql', method = 'GET') => {
  const answered = Promise.withResolvers<{ status: number; body: string; type: string }>();
  const { hostname, port } = new URL(router.url);
  request({ hostname, port, path, method, headers }, (response) => {
    let body = '';
    response.on('data', (chunk) => {
      body += chunk;
    });
    response.on('end', () => {
      answered.resolve({ status: response.statusCode ?? 0, body, type: response.headers['content-type'] ?? '' });
    });
  }).end();
  return answered.promise;
};

describe('the HTTP door', () => {
  it('serves queries by GET to callers that a form or an image can not be', async () => {
    const path = '/graphql?query=%7Becho%7D';
    expect((await statusOf({ accept: 'application/json' }, path)).status).toBe(400);
    expect((await statusOf({ 'apollo-require-preflight': '1' }, path)).body).toContain('"silence"');
  });

  it('runs no mutation by GET', async () => {
    const { status } = await statusOf({ 'apollo-require-preflight': '1' }, '/graphql?query=mutation%7Bfail%7D');
    expect(status).toBe(405);
  });

  it('refuses batches', async () => {
    const response = await fetch(router.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([{ query: '{ echo }' }, { query: '{ echo }' }]),
    });
    expect(response.status).toBe(400);
  });

  it('serves GraphiQL to browsers, whole, with leave to talk to this server only', async () => {
    const response = await fetch(router.url, { headers: { accept: 'text/html,*/*' } });
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    const page = await response.text();
    const files = [...page.matchAll(/<(?:script|link)[^>]+(?:src|href)="([^"]+)"/g)].map(([, file = '']) => file);
    expect(files).toEqual(expect.arrayContaining(['/graphiql/graphiql.js', '/graphiql/start.js']));
    expect(page).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=/);
    const workers = ['editor', 'json', 'graphql'].map((name) => `/graphiql/${name}.worker.js`);
    for (const file of [...files.filter((path) => path.startsWith('/graphiql/')), ...workers]) {
      const answer = await fetch(new URL(file, router.url));
      expect([file, answer.status, answer.headers.get('content-type')]).toEqual([
        file,
        200,
        `text/${file.endsWith('.css') ? 'css' : 'javascript'}; charset=utf-8`,
      ]);
      const { status } = await fetch(answer.url, { headers: { 'if-none-match': answer.headers.get('etag') ?? '' } });
      expect((await answer.arrayBuffer()).byteLength > 0 && status).toBe(304);
    }
    expect(files.filter((path) => !path.startsWith('/'))).toEqual([]);
  });

  it('answers nothing under another name or to a page of another host', async () => {
    const query = { 'apollo-require-preflight': '1' };
    const path = '/graphql?query=%7Becho%7D';
    expect((await statusOf({ ...query, host: 'evil.example' }, path)).status).toBe(403);
    expect((await statusOf({ ...query, origin: 'http://evil.example' }, path)).status).toBe(403);
    expect((await statusOf({ ...query, origin: 'http://localhost:3000' }, path)).status).toBe(200);
  });

  it('is ready, and counts what it did', async () => {
    await router.query('{ echo }');
    await router.query('{ echo }');
    expect((await statusOf({}, '/health/ready')).status).toBe(200);
    const { body } = await statusOf({}, '/metrics');
    expect(body).toMatch(/router_operations_total\{type="query",outcome="ok"\} [1-9]/);
    expect(body).toMatch(/router_operations_total\{type="unknown",outcome="refused"\} [1-9]/);
    expect(body).toMatch(/router_query_plans_total\{result="hit"\} [1-9]/);
    expect(body).toMatch(/router_subgraph_fetches_total\{service="devices",outcome="ok"\} [1-9]/);
  });
});

describe('the websocket door', () => {
  const closeOf = async (
    protocol: string | undefined,
    frames: (string | Buffer)[] = [],
    headers: Record<string, string> = {},
  ) => {
    const url = router.url.replace('http', 'ws');
    const socket = protocol === undefined ? new WebSocket(url, { headers }) : new WebSocket(url, protocol, { headers });
    let end: number | string | null = null;
    socket.once('close', (code) => {
      end ??= code;
    });
    socket.once('unexpected-response', (_request, response) => {
      end = `HTTP ${response.statusCode}`;
      response.destroy();
    });
    socket.on('error', () => {});
    socket.once('open', () => {
      for (const frame of frames) socket.send(frame);
    });
    return until('the end of the connection', () => end);
  };

  it.each<[what: string, protocol: string | undefined, frames: (string | Buffer)[], end: number]>([
    ['no subprotocol', undefined, [], 4406],
    // The server says 4406, but this client hangs up first: the answer names no subprotocol.
    ['the old subprotocol', 'graphql-ws', [], 1006],
    ['text that is not JSON', 'graphql-transport-ws', ['{"type":'], 4400],
    ['JSON that is no message', 'graphql-transport-ws', ['{"type":"shout"}'], 4400],
    ['bytes', 'graphql-transport-ws', [Buffer.from([0, 255, 1])], 4400],
    [
      'an operation before connection_init',
      'graphql-transport-ws',
      ['{"id":"1","type":"subscribe","payload":{"query":"{echo}"}}'],
      4401,
    ],
    ['a frame of more than 4 MiB', 'graphql-transport-ws', ['x'.repeat(4 * 1024 * 1024 + 1)], 1009],
  ])('closes on %s and lives on', async (_what, protocol, frames, end) => {
    expect(await closeOf(protocol, frames)).toBe(end);
    expect((await router.query('{ echo }')).status).toBe(200);
  });

  it('closes on frames that break the websocket protocol and lives on', async () => {
    const socket = new WebSocket(router.url.replace('http', 'ws'), 'graphql-transport-ws');
    let closed = false;
    socket.once('close', () => {
      closed = true;
    });
    socket.on('error', () => {});
    socket.once('upgrade', (response) => response.socket.write(Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff])));
    await until('the close', () => closed);
    expect((await router.query('{ echo }')).status).toBe(200);
  });

  it('is closed to pages of other hosts', async () => {
    expect(await closeOf('graphql-transport-ws', [], { origin: 'http://evil.example' })).toBe('HTTP 403');
    expect(await closeOf('graphql-transport-ws', [], { host: 'evil.example' })).toBe('HTTP 403');
  });
});

describe('a router that binds to every address and is known by a loopback name', () => {
  it('is closed to other names and to pages of other hosts on both doors', async () => {
    const wide = await startTestRouter(anEstate().sources, { host: '0.0.0.0', config: { publicHost: '127.0.0.1' } });
    onTestFinished(() => wide.close());
    const { port } = new URL(wide.url);
    const body = JSON.stringify({ query: '{ echo }' });
    const headers = { 'content-type': 'application/json' };
    const statusFor = async (more: Record<string, string>): Promise<number> =>
      (await fetch(`http://127.0.0.1:${port}/graphql`, { method: 'POST', headers: { ...headers, ...more }, body }))
        .status;
    expect(await statusFor({})).toBe(200);
    expect(await statusFor({ origin: 'http://evil.example' })).toBe(403);
    const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws', {
      origin: 'http://evil.example',
    });
    const refused = new Promise<string>((resolve) => socket.once('error', ({ message }) => resolve(message)));
    expect(await refused).toContain('403');
  });
});
