import type { RequestListener } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { readRouterConfig } from '../config.ts';
import { anEstate } from '../testing/estate.ts';
import { startPeer } from '../testing/peer.ts';
import { startTestRouter, until } from '../testing/router.ts';
import { send, startTestClient } from '../testing/subgraph-client.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** The estate with `history` played by a peer; what it answers to is `{ changeCount }` of entities. */
async function withHistoryAs(listener: RequestListener, timeoutMs = 5_000) {
  const peer = await startPeer(listener);
  closers.push(peer.close);
  const router = await startTestRouter(anEstate().sources, {
    urls: { history: peer.url },
    config: { subgraph: { ...readRouterConfig({}).subgraph, timeoutMs } },
  });
  closers.push(router.close);
  return router;
}

const QUERY = '{ devices { name changeCount } echo }';
const REST = { devices: [{ name: 'Hall' }, { name: 'Foyer' }, { name: 'Attic' }], echo: 'silence' };
const withoutHistory = {
  ...REST,
  devices: REST.devices.map((device) => ({ ...device, changeCount: null })),
};

describe('a query loses the fields of a service that fails and nothing else', () => {
  it.each<[what: string, listener: RequestListener, code: string, says: RegExp]>([
    ['it hangs up', (request) => request.socket.destroy(), 'SUBGRAPH_UNAVAILABLE', /can't be reached/],
    ['it is silent', () => {}, 'SUBGRAPH_TIMEOUT', /did not answer in time \(2000 ms\)/],
    [
      'it stops in the middle',
      (_request, response) => void response.writeHead(200, { 'content-type': 'application/json' }).write('{"data":'),
      'SUBGRAPH_TIMEOUT',
      /in time/,
    ],
    [
      'a proxy answers in its place',
      (_request, response) => send(response, 502, 'text/html', '<h1>Bad Gateway</h1>'),
      'SUBGRAPH_INVALID_RESPONSE',
      /HTTP 502, text\/html/,
    ],
    [
      'it sends broken JSON',
      (_request, response) => send(response, 200, 'application/json', '{"data":{'),
      'SUBGRAPH_INVALID_RESPONSE',
      /HTTP 200/,
    ],
    [
      'it sends JSON that is not GraphQL',
      (_request, response) => send(response, 200, 'application/json', '{"ok":true}'),
      'SUBGRAPH_INVALID_RESPONSE',
      /did not answer with GraphQL/,
    ],
    [
      'it leaves out the entities',
      (_request, response) => send(response, 200, 'application/json', '{"data":{"_entities":[null]}}'),
      'SUBGRAPH_INVALID_RESPONSE',
      /entities are missing/,
    ],
    [
      'it answers with an error and a status of its own',
      (_request, response) =>
        send(
          response,
          401,
          'application/json',
          '{"errors":[{"message":"who are you?","extensions":{"code":"UNAUTHENTICATED"}}]}',
        ),
      'UNAUTHENTICATED',
      /who are you\?/,
    ],
  ])('%s', async (_what, listener, code, says) => {
    // The other services have the same limit, and are to keep it on a busy machine.
    const router = await withHistoryAs(listener, code === 'SUBGRAPH_TIMEOUT' ? 2_000 : 30_000);
    const { status, data, errors } = await router.query(QUERY);
    expect({ status, data }).toEqual({ status: 200, data: withoutHistory });
    expect(errors).toHaveLength(1);
    expect(errors?.[0]).toMatchObject({ path: ['devices'], extensions: { code, serviceName: 'history' } });
    expect(errors?.[0]?.message).toMatch(says);
    expect(JSON.stringify(errors)).not.toMatch(/127\.0\.0\.1|stack|ECONN/);
  });

  it('values of the wrong shape cost the answer but not the router', async () => {
    const router = await withHistoryAs((_request, response) => {
      send(
        response,
        200,
        'application/json',
        '{"data":{"_entities":[{"lastChange":7},{"lastChange":[]},{"lastChange":"x"}]}}',
      );
    });
    const { status, errors } = await router.query('{ devices { name lastChange { name } } }');
    expect([status, errors?.[0]?.extensions.code]).toEqual([200, 'SUBGRAPH_INVALID_RESPONSE']);
    expect((await router.query('{ echo }')).data).toEqual({ echo: 'silence' });
  });

  it('a service that is nowhere', async () => {
    const peer = await startPeer(() => {});
    await peer.close();
    const router = await startTestRouter(anEstate().sources, { urls: { history: peer.url } });
    closers.push(router.close);
    const { data, errors } = await router.query('{ busiest { id } echo }');
    expect(data).toEqual({ busiest: null, echo: 'silence' });
    expect(errors).toMatchObject([
      { path: ['busiest'], extensions: { code: 'SUBGRAPH_UNAVAILABLE', serviceName: 'history' } },
    ]);
  });
});

describe('a client of one subgraph', () => {
  const aClient = async (...args: Parameters<typeof startTestClient>) => {
    const client = await startTestClient(...args);
    closers.push(client.close);
    return client;
  };

  it('has no more requests under way than it may have connections', async () => {
    let running = 0;
    let most = 0;
    const waiting: (() => void)[] = [];
    const { fetch } = await aClient(
      (_request, response) => {
        running += 1;
        most = Math.max(most, running);
        waiting.push(() => {
          running -= 1;
          send(response, 200, 'application/json', '{"data":{}}');
        });
      },
      { inFlight: null },
    );
    const fetches = Promise.all(Array.from({ length: 6 }, () => fetch()));
    for (let answered = 0; answered < 6; answered += 1) (await until('a request', () => waiting.shift() ?? null))();
    expect(await fetches).toHaveLength(6);
    expect(most).toBe(2);
  });

  it('counts the wait for a connection in its deadline', async () => {
    const { fetch, outcomes } = await aClient(() => {}, { timeoutMs: 200, connections: 1, inFlight: null });
    const startedAt = performance.now();
    await Promise.all([1, 2, 3].map(() => fetch()));
    expect(outcomes).toEqual(['timeout', 'timeout', 'timeout']);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  it('gives up at once when its caller is gone', async () => {
    let closed = false;
    let isAsked = false;
    const { fetch, outcomes } = await aClient((_request, response) => {
      isAsked = true;
      response.on('close', () => {
        closed = true;
      });
    });
    const aborter = new AbortController();
    const answer = fetch({}, {}, aborter);
    await until('the request', () => isAsked);
    aborter.abort();
    expect((await answer).errors?.[0]?.extensions?.code).toBe('REQUEST_ABORTED');
    await until('the end of the request', () => closed);
    expect(outcomes).toEqual(['aborted']);
  });

  it('takes no connection for a caller that went away while it waited for one', async () => {
    const held: (() => void)[] = [];
    const { fetch, outcomes } = await aClient(
      (_request, response) => held.push(() => send(response, 200, 'application/json', '{"data":{}}')),
      { connections: 1 },
    );
    const first = fetch({ query: '{ first }' });
    await until('the first request', () => held.length === 1);
    const aborter = new AbortController();
    const second = fetch({ query: '{ second }' }, {}, aborter);
    const third = fetch({ query: '{ third }' });
    aborter.abort();
    expect((await second).errors?.[0]?.extensions?.code).toBe('REQUEST_ABORTED');
    held[0]?.();
    await until('the third request', () => held.length === 2);
    held[1]?.();
    expect([await first, await third]).toEqual([{ data: {} }, { data: {} }]);
    expect(outcomes).toEqual(['aborted', 'ok', 'ok']);
  });

  it('puts an answer together that comes in pieces, in the middle of a character too', async () => {
    const bytes = Buffer.from('\u{feff}{"data":{"a":"Köln"}}');
    const cut = bytes.indexOf(0xc3) + 1;
    const { fetch } = await aClient((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write(bytes.subarray(0, cut), () => response.end(bytes.subarray(cut)));
    });
    expect(await fetch()).toEqual({ data: { a: 'Köln' } });
  });

  it.each<[what: string, variables: Record<string, unknown>, headers: Record<string, string>]>([
    ['a header that HTTP can not carry', {}, { authorization: 'Bearer a\nb' }],
    ['variables nested beyond the stack', { deep: JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`) }, {}],
  ])(
    'says that it can not pass on %s, and does not count it against the service',
    async (_what, variables, headers) => {
      const { fetch, phases } = await aClient(() => {}, { breakerFailures: 1 });
      const { errors } = await fetch({ variables }, headers);
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_REQUEST', serviceName: 'fida' } }]);
      expect(errors?.[0]?.message).toMatch(/"fida" was not asked: a header or a variable/);
      expect(phases).toEqual(['closed']);
    },
  );
});
