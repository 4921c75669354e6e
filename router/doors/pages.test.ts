import { createHash } from 'node:crypto';
import { type IncomingHttpHeaders, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { readRouterConfig } from '../config.ts';
import { anEstate } from '../testing/estate.ts';
import { openEventStream } from '../testing/event-stream.ts';
import { startPeer } from '../testing/peer.ts';
import { begin, message, openRawWebSocket } from '../testing/raw-websocket.ts';
import { startTestRouter, type TestRouter, until } from '../testing/router.ts';

const { doors } = readRouterConfig({});
const LISTED = 'https://console.example';
const QUERY = '/graphql?query=%7Becho%7D';

let router: TestRouter;
let exporting: Awaited<ReturnType<typeof startPeer>>;
/** Bound to all addresses and known by a name that is none of this machine. */
let wide: TestRouter;
beforeAll(async () => {
  const settings = { ...doors, origins: [LISTED], credentials: true };
  exporting = await startPeer((_request, response) => void response.end('a,b'));
  router = await startTestRouter(anEstate().sources, {
    urls: { history: exporting.url },
    config: { doors: { ...settings, proxyHops: 1 } },
  });
  wide = await startTestRouter(anEstate().sources, {
    host: '0.0.0.0',
    config: { publicHost: 'graph.example', doors: { ...settings, credentials: false } },
  });
});
afterAll(async () => {
  await router.close();
  await wide.close();
  await exporting.close();
});

type Seen = { status: number; headers: IncomingHttpHeaders; body: string };

/** fetch does not let its caller choose Host and Origin. */
function ask(at: TestRouter, path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Seen> {
  const { promise, resolve, reject } = Promise.withResolvers<Seen>();
  const { port } = new URL(at.url);
  const given = { 'apollo-require-preflight': '1', ...headers };
  request({ host: '127.0.0.1', port, path, method, headers: given, agent: false }, (response) => {
    let body = '';
    response.on('data', (chunk) => {
      body += chunk;
    });
    response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
  })
    .on('error', reject)
    .end();
  return promise;
}

const upgrade = async (at: TestRouter, headers: Record<string, string>): Promise<number | null> => {
  const { port } = new URL(at.url);
  const raw = await openRawWebSocket(`http://127.0.0.1:${port}/graphql`, headers);
  raw.socket.destroy();
  return raw.status();
};

describe('a page of another host', () => {
  it('that is listed may ask first, with what it may send', async () => {
    const asked = { origin: LISTED, 'access-control-request-method': 'POST' };
    const { status, headers } = await ask(router, '/graphql', asked, 'OPTIONS');
    expect(status).toBe(204);
    expect(headers).toMatchObject({
      'access-control-allow-origin': LISTED,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': expect.stringContaining('authorization'),
      vary: expect.stringContaining('origin'),
    });
  });

  it.each([
    ['JSON', QUERY, 'application/json'],
    ['server-sent events', QUERY, 'text/event-stream'],
    ['an export', '/export/history', '*/*'],
  ])('that is listed may read %s', async (_what, path, accept) => {
    const { headers } = await ask(router, path, { origin: LISTED, accept });
    expect(headers['access-control-allow-origin']).toBe(LISTED);
  });

  it.each(['https://evil.example', 'https://console.example.evil.example', 'http://console.example', 'null'])(
    'that is not listed gets nothing, over HTTP or a websocket: %s',
    async (origin) => {
      for (const at of [router, wide]) {
        const { status, headers } = await ask(at, QUERY, { origin });
        expect([status, headers['access-control-allow-origin']]).toEqual([403, undefined]);
        expect(await upgrade(at, { origin })).toBe(403);
        const asked = { origin, 'access-control-request-method': 'POST' };
        expect((await ask(at, '/graphql', asked, 'OPTIONS')).status).toBe(403);
      }
    },
  );

  it('that is listed may open a websocket', async () => {
    expect([await upgrade(router, { origin: LISTED }), await upgrade(wide, { origin: LISTED })]).toEqual([101, 101]);
  });

  it('sends no cookies unless that is set', async () => {
    const { headers } = await ask(wide, QUERY, { origin: LISTED });
    expect(headers['access-control-allow-origin']).toBe(LISTED);
    expect(headers['access-control-allow-credentials']).toBeUndefined();
  });

  it('is no help against a name that was rebound', async () => {
    expect((await ask(router, QUERY, { origin: LISTED, host: 'evil.example' })).status).toBe(403);
  });
});

it('a page of the router’s own host may ask a router that is known by a name', async () => {
  const own = { host: 'graph.example', origin: 'https://graph.example' };
  expect((await ask(wide, QUERY, own)).status).toBe(200);
  expect(await upgrade(wide, own)).toBe(101);
});

describe('a router that is known by a name tells nothing of the graph', () => {
  it.each([
    ['by introspection', '/graphql?query=%7B__schema%7BqueryType%7Bname%7D%7D%7D', 'application/json', 400],
    ['by GraphiQL', '/graphql', 'text/html', 404],
  ])('%s', async (_what, path, accept, refused) => {
    const { status, body } = await ask(wide, path, { accept });
    expect([status, body.includes('graphiql')]).toEqual([refused, false]);
  });

  it('by a file of GraphiQL', async () => {
    expect((await ask(wide, '/graphiql/graphiql.js')).status).toBe(404);
  });

  it('and says to a browser how to have it', async () => {
    const { body } = await ask(wide, '/graphql', { accept: 'text/html,*/*' });
    expect(body).toContain('ROUTER_INTROSPECTION=true serves GraphiQL');
  });
});

describe('every answer tells browsers to be careful', () => {
  it.each<[what: string, path: string, headers: Record<string, string>, status: number]>([
    ['JSON', QUERY, { accept: 'application/json' }, 200],
    ['an error', '/graphql?query=%7Bnope%7D', { accept: 'application/json' }, 400],
    ['server-sent events', QUERY, { accept: 'text/event-stream' }, 200],
    ['GraphiQL', '/graphql', { accept: 'text/html' }, 200],
    ['an export', '/export/history', {}, 200],
    ['nothing', '/nothing', {}, 404],
    ['a refusal', QUERY, { host: 'evil.example' }, 403],
    ['health', '/health/live', {}, 200],
    ['metrics', '/metrics', {}, 401],
  ])('%s', async (_what, path, headers, status) => {
    const answer = await ask(router, path, headers);
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'content-security-policy': expect.stringMatching(/default-src 'none'.*frame-ancestors '(none|self)'/),
    });
    expect(answer.headers['strict-transport-security']).toBeUndefined();
  });

  it('and to come back over TLS only where a trusted proxy speaks it', async () => {
    const proto = { 'x-forwarded-proto': 'https' };
    const [trusted, untrusted] = [await ask(router, QUERY, proto), await ask(wide, QUERY, proto)];
    expect(trusted.headers['strict-transport-security']).toMatch(/^max-age=\d+$/);
    expect(untrusted.headers['strict-transport-security']).toBeUndefined();
  });
});

describe('a text that was sent once', () => {
  it('is known by its hash at every door', async () => {
    const query = '{ echo(text: "kept") }';
    const extensions = {
      persistedQuery: { version: 1, sha256Hash: createHash('sha256').update(query).digest('hex') },
    };
    const post = async (body: unknown): Promise<unknown> => {
      const headers = { 'content-type': 'application/json' };
      return (await fetch(router.url, { method: 'POST', headers, body: JSON.stringify(body) })).json();
    };
    const data = { echo: 'kept' };
    expect(await post({ extensions })).toMatchObject({
      errors: [{ extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }],
    });
    const wrong = { query: '{ echo }', extensions };
    expect(await post(wrong)).toMatchObject({ errors: [{ message: 'provided sha does not match query' }] });
    expect(await post({ query, extensions })).toEqual({ data });
    expect(await post({ extensions })).toEqual({ data });
    const search = new URLSearchParams({ extensions: JSON.stringify(extensions) });
    const got = await ask(router, `/graphql?${search}`, { accept: 'text/event-stream' });
    expect(got.body).toContain(JSON.stringify({ data }));
    const stream = await openEventStream(router.url, { body: JSON.stringify({ extensions }) });
    expect(await stream.take(1)).toEqual([{ data }]);
    const raw = await openRawWebSocket(router.url);
    onTestFinished(() => void raw.socket.destroy());
    await begin(raw);
    raw.socket.write(message({ id: '1', type: 'subscribe', payload: { query: '', extensions } }));
    const answer = await until('the answer', () => raw.messages.find(({ type }) => type === 'next') ?? null);
    expect(answer.payload).toEqual({ data });
  });
});
