import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { anEstate } from '../testing/estate.ts';
import { startPeer } from '../testing/peer.ts';
import { startTestRouter, until } from '../testing/router.ts';
import { send, sendData, startTestClient } from '../testing/subgraph-client.ts';
import { InFlight } from './in-flight.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A client of a peer that answers each request when the test says so, and counts those that end without an answer. */
async function aHeldClient(options: Parameters<typeof startTestClient>[1] = {}) {
  const held: { request: IncomingMessage; response: ServerResponse }[] = [];
  let left = 0;
  const client = await startTestClient(
    (request, response) => {
      held.push({ request, response });
      response.on('close', () => {
        if (!response.writableFinished) left += 1;
      });
    },
    { connections: 20, ...options },
  );
  closers.push(client.close);
  const requests = (count: number) => until(`${count} requests`, () => held.length >= count);
  const answer = (): void => {
    for (const [index, { response }] of held.entries()) if (!response.writableEnded) sendData(response, { index });
  };
  return { ...client, held, requests, answer, left: () => left };
}

type FetchArgs = Parameters<Awaited<ReturnType<typeof aHeldClient>>['fetch']>;

const alice = { authorization: 'Bearer alice', 'x-request-id': '1' };
const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

describe('queries that are the same while one is under way', () => {
  it('are one request, and each caller has an answer of its own', async () => {
    const { fetch, held, requests, answer, counts, outcomes } = await aHeldClient();
    const answers = times(10, (index) => fetch({}, { ...alice, 'x-request-id': `${index}` }));
    await requests(1);
    answer();
    const taken = await Promise.all(answers);
    expect(taken).toEqual(times(10, () => ({ data: { index: 0 } })));
    expect(new Set(taken.map(({ data }) => data)).size).toBe(10);
    expect([held.length, counts.shared, outcomes]).toEqual([1, 9, ['ok']]);
    expect(held[0]?.request.headers).toMatchObject({ authorization: 'Bearer alice', 'x-request-id': '0' });
  });

  it.each<[what: string, first: FetchArgs, other: FetchArgs]>([
    ['callers with different authorization', [{}, alice], [{}, { ...alice, authorization: 'Bearer bob' }]],
    ['a caller with authorization and one without', [{}, alice], [{}, {}]],
    ['different variables', [{ variables: { id: 1 } }, alice], [{ variables: { id: 2 } }, alice]],
    ['different queries', [{ query: '{ a }' }, alice], [{ query: '{ b }' }, alice]],
    ['different operation names', [{ operationName: 'A' }, alice], [{ operationName: 'B' }, alice]],
    ['mutations', [{ kind: 'mutation' }, alice], [{ kind: 'mutation' }, alice]],
  ])('are two requests: %s', async (_what, first, other) => {
    const { fetch, requests, answer, counts } = await aHeldClient();
    const answers = [fetch(...first), fetch(...other)];
    await requests(2);
    answer();
    const taken = await Promise.all(answers);
    expect(taken.map(({ data }) => data?.index).sort()).toEqual([0, 1]);
    expect(counts.shared).toBe(0);
  });

  it('are two requests when sharing is switched off', async () => {
    const { fetch, requests, answer } = await aHeldClient({ inFlight: null });
    const answers = [fetch(), fetch()];
    await requests(2);
    answer();
    expect(await Promise.all(answers)).toHaveLength(2);
  });

  it('are asked anew once the first is answered', async () => {
    const { fetch, requests, answer } = await aHeldClient();
    for (const count of [1, 2]) {
      const taken = fetch();
      await requests(count);
      answer();
      expect(await taken).toEqual({ data: { index: count - 1 } });
    }
  });

  it('share an error too, each its own', async () => {
    const { fetch, requests, held } = await aHeldClient();
    const answers = [fetch(), fetch()];
    await requests(1);
    for (const { response } of held) send(response, 200, 'text/html', '<h1>');
    const [one, other] = await Promise.all(answers);
    expect(one).toEqual(other);
    expect(one?.errors?.[0]?.extensions?.code).toBe('SUBGRAPH_INVALID_RESPONSE');
    expect(one?.errors?.[0]).not.toBe(other?.errors?.[0]);
  });

  it('are not joined after a mutation has ended that began later: whoever changed something sees it', async () => {
    const { fetch, held, requests } = await aHeldClient();
    const before = fetch();
    await requests(1);
    const mutation = fetch({ kind: 'mutation', query: 'mutation { a }' });
    await requests(2);
    if (held[1]) sendData(held[1].response, { changed: true });
    await mutation;
    const after = fetch();
    await requests(3);
    if (held[2]) sendData(held[2].response, { a: 'after' });
    if (held[0]) sendData(held[0].response, { a: 'before' });
    expect([await before, await after]).toEqual([{ data: { a: 'before' } }, { data: { a: 'after' } }]);
  });
});

it('a mutation in one subgraph ends the sharing of queries in another', async () => {
  const inFlight = new InFlight();
  const [one, other] = [await aHeldClient({ inFlight }), await aHeldClient({ inFlight })];
  const before = one.fetch();
  await one.requests(1);
  const mutation = other.fetch({ kind: 'mutation' });
  await other.requests(1);
  other.answer();
  await mutation;
  const after = one.fetch();
  await one.requests(2);
  one.answer();
  expect([await before, await after]).toEqual([{ data: { index: 0 } }, { data: { index: 1 } }]);
});

describe('a caller that goes away from a shared query', () => {
  it('hears so at once, and the others have their answer', async () => {
    const { fetch, requests, answer, left, held } = await aHeldClient();
    const aborters = times(3, () => new AbortController());
    const answers = aborters.map((aborter) => fetch({}, alice, aborter));
    await requests(1);
    // The one whose request it is, and one that joined.
    aborters[0]?.abort();
    aborters[2]?.abort();
    expect((await answers[0])?.errors?.[0]?.extensions?.code).toBe('REQUEST_ABORTED');
    expect((await answers[2])?.errors?.[0]?.extensions?.code).toBe('REQUEST_ABORTED');
    answer();
    expect(await answers[1]).toEqual({ data: { index: 0 } });
    expect([held.length, left()]).toEqual([1, 0]);
  });

  it('ends the request when it was the last, and whoever comes then asks anew', async () => {
    const { fetch, requests, answer, left, outcomes } = await aHeldClient();
    const aborters = times(2, () => new AbortController());
    const answers = aborters.map((aborter) => fetch({}, alice, aborter));
    await requests(1);
    for (const aborter of aborters) aborter.abort();
    await Promise.all(answers);
    await until('the end of the request', () => left() === 1);
    const next = fetch({}, alice);
    await requests(2);
    answer();
    expect(await next).toEqual({ data: { index: 1 } });
    expect(outcomes).toEqual(['aborted', 'ok']);
  });
});

it('clients of a router share queries only with themselves, and read it in the metrics', async () => {
  const held: ServerResponse[] = [];
  const peer = await startPeer((_request, response) => held.push(response));
  const router = await startTestRouter(anEstate().sources, { urls: { devices: peer.url } });
  closers.push(peer.close, router.close);
  const as = (name: string) => router.query('{ echo }', { headers: { authorization: `Bearer ${name}` } });
  const answers = [as('alice'), as('alice'), as('bob')];
  const metrics = async (): Promise<string> => (await fetch(new URL('/metrics', router.url))).text();
  let shared = '';
  const isShared = 'router_subgraph_deduplicated_total{service="devices"} 1';
  while (!shared.includes(isShared) || held.length < 2) shared = await metrics();
  for (const response of held) sendData(response, { echo: 'x' });
  expect((await Promise.all(answers)).map(({ data }) => data)).toEqual(times(3, () => ({ echo: 'x' })));
  expect(held).toHaveLength(2);
});
