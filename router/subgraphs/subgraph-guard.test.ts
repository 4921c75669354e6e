import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { readRouterConfig } from '../config.ts';
import { anEstate } from '../testing/estate.ts';
import { startPeer } from '../testing/peer.ts';
import { compose, startTestRouter, until } from '../testing/router.ts';
import { send, sendData, startTestClient } from '../testing/subgraph-client.ts';
import type { SubgraphResponse } from './subgraph-response.ts';

const closers: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

type Answer = (response: ServerResponse) => void;
const reset: Answer = (response) => void response.req.socket.destroy();
const good: Answer = (response) => sendData(response, { a: 1 });

/** A client of a peer whose way to answer the test changes; its queries are sent once, to be counted. */
async function aClient(answer: Answer, options: Parameters<typeof startTestClient>[1] = {}) {
  const peer = { answer, asked: 0 };
  const { close, ...client } = await startTestClient(
    (_request, response) => {
      peer.asked += 1;
      peer.answer(response);
    },
    { retryPercent: 0, inFlight: null, breakerFailures: 3, breakerOpenMs: 50, ...options },
  );
  closers.push(close);
  /** Asks again and again until the answer is as wanted. */
  const fetchUntil = async (isWanted: (response: SubgraphResponse) => boolean): Promise<SubgraphResponse> => {
    const endsAt = performance.now() + 10_000;
    for (;;) {
      const response = await client.fetch();
      if (isWanted(response)) return response;
      if (performance.now() > endsAt) throw new Error(`asked in vain, last answered ${JSON.stringify(response)}`);
      await sleep(5);
    }
  };
  return { ...client, peer, fetchUntil };
}
const messageOf = ({ errors }: SubgraphResponse): string => errors?.[0]?.message ?? '';
const isRefused = (response: SubgraphResponse): boolean => /is not asked until/.test(messageOf(response));

describe.concurrent('a subgraph that fails again and again', () => {
  it.each<[what: string, answer: Answer]>([
    ['the connection is reset', reset],
    ['it is silent', () => {}],
    ['a proxy says that it is away', (response) => send(response, 503, 'text/plain', 'upstream is away')],
  ])('is not asked any more for a while: %s', async (_what, answer) => {
    const { fetch, fetchUntil, peer, phases, outcomes } = await aClient(answer, {
      timeoutMs: 100,
      breakerOpenMs: 60_000,
    });
    const startedAt = performance.now();
    const refused = await fetchUntil(isRefused);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(1_000);
    expect(refused.errors?.[0]?.extensions).toEqual({ code: 'SUBGRAPH_UNAVAILABLE', serviceName: 'fida' });
    const [, failures, until] =
      /failed (\d+) times in a row and is not asked until (.+)$/.exec(messageOf(refused)) ?? [];
    expect(Number(failures)).toBe(outcomes.filter((outcome) => outcome !== 'refused').length);
    expect(Math.abs(Date.parse(until ?? '') - Date.now() - 60_000)).toBeLessThan(5_000);

    const asked = peer.asked;
    const mutation = await fetch({ kind: 'mutation' });
    expect([isRefused(mutation), peer.asked, phases, outcomes.at(-1)]).toEqual([
      true,
      asked,
      ['closed', 'open'],
      'refused',
    ]);
  });

  it('is tried with one request at a time, and asked as ever once it answers', async () => {
    const { fetch, fetchUntil, peer, phases } = await aClient(reset);
    await fetchUntil(isRefused);
    const held: ServerResponse[] = [];
    peer.answer = (response) => held.push(response);
    const answers: Promise<SubgraphResponse>[] = [];
    await until('the probe', () => {
      answers.push(fetch());
      return held.length > 0;
    });
    // The probe is under way: all others are refused, however long it takes.
    expect(messageOf(await fetch())).toMatch(/is not asked until one request that is under way has been answered/);
    expect(held).toHaveLength(1);
    peer.answer = good;
    for (const response of held) good(response);
    await Promise.all(answers);
    expect(await fetch()).toEqual({ data: { a: 1 } });
    expect(phases.slice(-2)).toEqual(['halfOpen', 'closed']);
  });

  it('is not asked for as long again when the probe fails too', async () => {
    const { fetchUntil, peer, phases } = await aClient(reset);
    await fetchUntil(() => phases.length >= 6);
    expect(phases.slice(0, 6)).toEqual(['closed', 'open', 'halfOpen', 'open', 'halfOpen', 'open']);
    peer.answer = good;
    expect(await fetchUntil(({ data }) => data != null)).toEqual({ data: { a: 1 } });
  });

  it('gets another probe when nobody waits for the first any more', async () => {
    const { fetch, fetchUntil, peer, phases } = await aClient(reset);
    await fetchUntil(isRefused);
    peer.answer = () => {};
    const aborter = new AbortController();
    const asked = peer.asked;
    const answers: Promise<SubgraphResponse>[] = [];
    await until('the probe', () => {
      answers.push(fetch({}, {}, aborter));
      return peer.asked > asked;
    });
    peer.answer = good;
    aborter.abort();
    await Promise.all(answers);
    expect(await fetch()).toEqual({ data: { a: 1 } });
    expect(phases.slice(-4)).toEqual(['halfOpen', 'open', 'halfOpen', 'closed']);
  });
});

describe.concurrent('a subgraph is asked on', () => {
  const asLongAsItTakesToOpen = 1_300;

  it.each<[what: string, answer: Answer]>([
    ['GraphQL errors', (response) => send(response, 200, 'application/json', '{"errors":[{"message":"no"}]}')],
    ['GraphQL with status 503', (response) => send(response, 503, 'application/json', '{"errors":[{"message":"no"}]}')],
    ['what is not GraphQL', (response) => send(response, 200, 'text/plain', 'hello')],
  ])('after %s', async (_what, answer) => {
    const { fetchUntil, phases } = await aClient(answer);
    const endsAt = performance.now() + asLongAsItTakesToOpen;
    await fetchUntil(() => performance.now() > endsAt);
    expect(phases).toEqual(['closed']);
  });

  it('after callers went away', async () => {
    const { fetch, peer, phases } = await aClient(() => {});
    const endsAt = performance.now() + asLongAsItTakesToOpen;
    while (performance.now() < endsAt) {
      const aborter = new AbortController();
      const asked = peer.asked;
      const answer = fetch({}, {}, aborter);
      await until('the request', () => peer.asked > asked);
      aborter.abort();
      await answer;
    }
    expect(phases).toEqual(['closed']);
  });

  it('when it answers now and then', async () => {
    const { fetchUntil, peer, phases } = await aClient((response) => (peer.asked % 3 === 0 ? good : reset)(response));
    const endsAt = performance.now() + asLongAsItTakesToOpen;
    await fetchUntil(() => performance.now() > endsAt);
    expect(phases).toEqual(['closed']);
  });
});

it('a router goes on without the service that it does not ask, and says so in its metrics', async () => {
  const peer = await startPeer((request) => request.socket.destroy());
  const subgraph = { ...readRouterConfig({}).subgraph, breakerOpenMs: 60_000 };
  const { sources } = anEstate();
  const router = await startTestRouter(sources, { urls: { history: peer.url }, config: { subgraph } });
  closers.push(peer.close, router.close);
  const state = async (): Promise<string | undefined> => {
    const metrics = await (await fetch(new URL('/metrics', router.url))).text();
    return /router_subgraph_breaker_state\{service="history"\} (\d)/.exec(metrics)?.[1];
  };
  expect(await state()).toBe('0');
  const ask = () => router.query('{ busiest { id } echo }');
  let answer = await ask();
  while (!/is not asked until/.test(answer.errors?.[0]?.message ?? '')) answer = await ask();
  expect(answer).toMatchObject({ status: 200, data: { busiest: null, echo: 'silence' } });
  expect(answer.errors).toMatchObject([
    { path: ['busiest'], extensions: { code: 'SUBGRAPH_UNAVAILABLE', serviceName: 'history' } },
  ]);
  expect(await state()).toBe('2');

  // The clients of another supergraph begin anew, and they are what the metrics show from then on.
  const changed = sources.map((source) => ({ ...source, typeDefs: source.typeDefs.replace('volume: Int', '') }));
  expect(await router.reload(compose(changed, (name) => router.subgraphs[name]?.url ?? ''))).toBe(true);
  expect(await state()).toBe('0');
});
