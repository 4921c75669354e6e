import type { RequestListener, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { anEstate } from '../testing/estate.ts';
import { startPeer } from '../testing/peer.ts';
import { startTestRouter, until } from '../testing/router.ts';
import { send, sendData, startTestClient } from '../testing/subgraph-client.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

type Answer = (response: ServerResponse) => void;
const reset: Answer = (response) => void response.req.socket.resetAndDestroy();
const hangsUp: Answer = (response) => void response.req.socket.destroy();
const badGateway: Answer = (response) => send(response, 502, 'text/html', '<h1>Bad Gateway</h1>');
const good: Answer = (response) => sendData(response, { a: 1 });
const breaksOff: Answer = (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 });
  response.write('{"data":', () => response.socket?.destroy());
};

/** A client of a peer that answers each request with the next of these, and all further ones with the last. */
async function aClient(answers: Answer[], options: Parameters<typeof startTestClient>[1] = {}) {
  let asked = 0;
  const listener: RequestListener = (_request, response) => {
    const answer = answers[Math.min(asked, answers.length - 1)];
    asked += 1;
    answer?.(response);
  };
  const client = await startTestClient(listener, options);
  closers.push(client.close);
  return { ...client, asked: () => asked };
}
const codeOf = ({ errors }: Awaited<ReturnType<Awaited<ReturnType<typeof aClient>>['fetch']>>) =>
  errors?.[0]?.extensions?.code;

describe('a query', () => {
  it.each<[what: string, answers: Answer[]]>([
    ['the connection was reset', [reset, good]],
    ['the service hung up, and then again', [hangsUp, hangsUp, good]],
    ['the answer broke off', [breaksOff, good]],
    ['a proxy said that the service is away', [badGateway, good]],
  ])('is answered after %s', async (_what, answers) => {
    const { fetch, asked, counts, outcomes } = await aClient(answers);
    expect(await fetch()).toEqual({ data: { a: 1 } });
    const retries = answers.length - 1;
    expect([asked(), counts.retries, outcomes]).toEqual([answers.length, retries, ['ok']]);
  });

  it('is given up after three tries', async () => {
    const { fetch, asked } = await aClient([reset]);
    expect(codeOf(await fetch())).toBe('SUBGRAPH_UNAVAILABLE');
    expect(asked()).toBe(3);
  });

  it('is tried three times where nobody listens', async () => {
    const { fetch, counts, peer, asked } = await aClient([good]);
    await peer.close();
    expect(codeOf(await fetch())).toBe('SUBGRAPH_UNAVAILABLE');
    expect([counts.retries, asked()]).toEqual([2, 0]);
  });

  it.each<[what: string, answer: Answer]>([
    ['GraphQL errors', (response) => send(response, 200, 'application/json', '{"errors":[{"message":"no"}]}')],
    [
      'GraphQL with status 503',
      (response) => send(response, 503, 'application/json', '{"errors":[{"message":"no"}],"data":null}'),
    ],
    ['status 500', (response) => send(response, 500, 'text/html', '<h1>')],
    ['what is not GraphQL', (response) => send(response, 200, 'text/plain', 'hello')],
  ])('is not sent again after %s', async (_what, answer) => {
    const { fetch, asked } = await aClient([answer]);
    expect((await fetch()).errors).toHaveLength(1);
    expect(asked()).toBe(1);
  });

  it('is not sent again when its time is over, and all tries are within one deadline', async () => {
    const { fetch, asked, outcomes } = await aClient([reset, () => {}], { timeoutMs: 2_000 });
    const startedAt = performance.now();
    expect(codeOf(await fetch())).toBe('SUBGRAPH_TIMEOUT');
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect([asked(), outcomes]).toEqual([2, ['timeout']]);
  });

  it('is not sent again when that could only be after the deadline', async () => {
    const { fetch, asked } = await aClient([reset], { timeoutMs: 12 });
    await fetch();
    expect(asked()).toBeLessThan(2);
  });

  it('is not sent again once its caller is gone', async () => {
    const aborter = new AbortController();
    // The next query is answered later than a retry would come, at most 37.5 ms after the reset.
    const slow: Answer = (response) => void setTimeout(() => good(response), 100);
    const { fetch, asked } = await aClient([reset, slow]);
    const gone = fetch({}, {}, aborter);
    await until('the first try', () => asked() === 1);
    aborter.abort();
    expect(codeOf(await gone)).toBe('REQUEST_ABORTED');
    expect(await fetch({ query: '{ b }' })).toEqual({ data: { a: 1 } });
    expect(asked()).toBe(2);
  });

  it('is not sent again when retries are switched off', async () => {
    const { fetch, asked } = await aClient([reset], { retryPercent: 0 });
    expect(codeOf(await fetch())).toBe('SUBGRAPH_UNAVAILABLE');
    expect(asked()).toBe(1);
  });
});

it('retries end when the budget is spent, and queries are sent once from then on', async () => {
  const { fetch, asked, counts } = await aClient([reset], { breakerFailures: 0, connections: 50, inFlight: null });
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: 200 }, () => fetch()));
  const seconds = (performance.now() - startedAt) / 1_000;
  // 100 to begin with, 20 that 200 queries paid for, one a second; 400 were wanted.
  expect(counts.retries).toBeGreaterThanOrEqual(100);
  expect(counts.retries).toBeLessThanOrEqual(120 + Math.ceil(seconds));
  expect(asked()).toBe(200 + counts.retries);
});

it('a mutation is never sent again', async () => {
  const { fetch, asked, counts } = await aClient([reset, good]);
  expect(codeOf(await fetch({ kind: 'mutation' }))).toBe('SUBGRAPH_UNAVAILABLE');
  expect([asked(), counts.retries]).toEqual([1, 0]);
});

it('a router sends its queries again and its mutations never', async () => {
  const seen: string[] = [];
  const peer = await startPeer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      seen.push(JSON.parse(body).query.startsWith('mutation') ? 'mutation' : 'query');
      if (seen.length === 2) sendData(response, { echo: 'x' });
      else reset(response);
    });
  });
  const router = await startTestRouter(anEstate().sources, { urls: { devices: peer.url } });
  closers.push(peer.close, router.close);
  expect((await router.query('{ echo }')).data).toEqual({ echo: 'x' });
  const { errors } = await router.query('mutation { fail }');
  expect(errors?.[0]?.extensions.code).toBe('SUBGRAPH_UNAVAILABLE');
  expect(seen).toEqual(['query', 'query', 'mutation']);
  const metrics = await (await fetch(new URL('/metrics', router.url))).text();
  expect(metrics).toContain('router_subgraph_retries_total{service="devices"} 1');
});
