import { afterEach, describe, expect, it } from 'vitest';
import { connectClient } from './testing/client.ts';
import { anEstate } from './testing/estate.ts';
import { compose, startTestRouter, until } from './testing/router.ts';
import type { SubgraphSource } from './testing/subgraph.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A router over the estate, and supergraphs of the same subgraphs with some of them changed. */
async function start() {
  const estate = anEstate();
  const router = await startTestRouter(estate.sources);
  closers.push(router.close);
  const client = connectClient(router.url);
  closers.push(client.close);
  const supergraph = (change: (source: SubgraphSource) => SubgraphSource) =>
    compose(estate.sources.map(change), (name) => router.subgraphs[name]?.url ?? '');
  const without = (text: string) =>
    supergraph((source) => ({ ...source, typeDefs: source.typeDefs.replace(text, '') }));
  return { router, client, changes: estate.changes, without, listening: () => estate.changes.listeners };
}

describe('another supergraph', () => {
  it('is served from one moment to the next, while operations under way end on the old one', async () => {
    const { router, without } = await start();
    let isDone = false;
    const answers: Promise<{ status: number; isOld: boolean }>[] = [];
    const asking = (async () => {
      while (!isDone) {
        const answer = router
          .query('{ devices { changeCount } busiest { ... on Speaker { volume } } }')
          .then(({ status, data }) => {
            return { status, isOld: data !== undefined };
          });
        answers.push(answer);
        await answer;
      }
    })();
    await until('some answers', () => answers.length > 5);
    expect(await router.reload(without('volume: Int'))).toBe(true);
    const soFar = answers.length;
    await until('more answers', () => answers.length > soFar + 5);
    isDone = true;
    await asking;
    const settled = await Promise.all(answers);
    // Whole answers of the old, then refusals of the new: nothing in between.
    expect(settled.map(({ isOld }) => isOld)).toEqual(
      settled
        .map(({ isOld }) => isOld)
        .toSorted()
        .reverse(),
    );
    expect(settled.at(0)).toEqual({ status: 200, isOld: true });
    expect(settled.at(-1)).toEqual({ status: 400, isOld: false });
  });

  it('ends subscriptions with SUBSCRIPTION_SCHEMA_RELOAD, frees their upstreams, and serves new ones', async () => {
    const { router, client, changes, without, listening } = await start();
    const old = client.start('subscription { deviceStatusChanged { cursor } }');
    await until('the upstream', () => listening() === 1);
    await router.reload(without('volume: Int'));
    expect(await until('the end', old.ended)).toMatchObject({
      error: [{ extensions: { code: 'SUBSCRIPTION_SCHEMA_RELOAD' } }],
    });
    await until('the upstream to be freed', () => listening() === 0);
    const next = client.start('subscription { deviceStatusChanged { cursor } }');
    await until('the new upstream', () => listening() === 1);
    changes.publish({ deviceStatusChanged: { cursor: '7' } });
    expect(await next.take(1)).toEqual([{ data: { deviceStatusChanged: { cursor: '7' } } }]);
  });

  it('has its plans made before it is served', async () => {
    const { router, without } = await start();
    const query = '{ devices { name changeCount } }';
    await router.query(query);
    await router.reload(without('volume: Int'));
    const planned = async () => /router_query_plans_total\{result="miss"\} (\d+)/.exec(await router.metrics())?.[1];
    const before = await planned();
    expect((await router.query(query)).status).toBe(200);
    expect(await planned()).toBe(before);
  });

  it('that is no supergraph, or can not be served as meant, changes nothing', async () => {
    const { router, client, listening } = await start();
    const subscription = client.start('subscription { deviceStatusChanged { cursor } }');
    await until('the upstream', () => listening() === 1);
    await expect(router.reload('type Query { x: Int }')).rejects.toThrow('not a Federation 2 supergraph');
    await expect(router.reload('type Query {')).rejects.toThrow('it is not GraphQL');
    expect(subscription.ended()).toBeNull();
    expect((await router.query('{ devices { name } }')).status).toBe(200);
    expect(await router.metrics()).toContain('router_supergraph_reloads_total{outcome="refused"} 2');
  });

  it('that is the same one ends nothing', async () => {
    const { router, client, listening } = await start();
    const same = compose(anEstate().sources, (name) => router.subgraphs[name]?.url ?? '');
    const subscription = client.start('subscription { deviceStatusChanged { cursor } }');
    await until('the upstream', () => listening() === 1);
    expect(await router.reload(same)).toBe(false);
    expect(subscription.ended()).toBeNull();
  });
});
