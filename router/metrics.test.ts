import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readRouterConfig } from './config.ts';
import { createRouterMetrics } from './metrics.ts';
import { connectClient } from './testing/client.ts';
import { anEstate } from './testing/estate.ts';
import { compose, startTestRouter, until } from './testing/router.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A router over the estate, and what its metrics say. */
async function start(estate = anEstate()) {
  const router = await startTestRouter(estate.sources, { config: { drainMs: 5_000 } });
  closers.push(router.close);
  const client = connectClient(router.url);
  closers.push(client.close);
  const read = async (name: string): Promise<number> => {
    const line = (await router.metrics()).split('\n').find((text) => text.startsWith(`${name} `));
    return Number(line?.slice(name.length) ?? Number.NaN);
  };
  const reads = async (name: string, value: number): Promise<void> => {
    const endsAt = performance.now() + 5_000;
    while ((await read(name)) !== value && performance.now() < endsAt) await sleep(5);
    expect(await read(name), name).toBe(value);
  };
  return { ...router, estate, client, read, reads };
}

describe('the metrics', () => {
  it('count the work of each stage: what is kept is not made again', async () => {
    const { query, reads, client } = await start();
    for (let time = 0; time < 3; time += 1) await query('{ devices { name changeCount } }');
    await client.start('{ devices { name changeCount } }').take(1);
    await query('{ nothing }');
    await query('{ devices {');
    await reads('router_prepare_seconds_count', 3);
    await reads('router_plan_seconds_count', 1);
    await reads('router_execute_seconds_count', 4);
    await reads('router_kept_documents', 1);
    await reads('router_kept_plans', 1);
    await reads('router_subgraph_fetch_seconds_count{service="history"}', 4);
    await reads('router_operations_running', 0);
  });

  it('count an event once where it is completed, and as often as it is handed out', async () => {
    const { client, estate, read, reads } = await start();
    const text = 'subscription { deviceStatusChanged { cursor } }';
    const all = [1, 2, 3].map(() => client.start(text));
    await reads('router_subscriptions_open', 3);
    await until('the upstream', () => estate.changes.listeners === 1);
    await reads('router_upstreams_open{state="live"}', 1);
    for (const cursor of ['1', '2']) estate.changes.publish({ deviceStatusChanged: { cursor } });
    for (const subscription of all) await subscription.take(2);
    await reads('router_subscription_deliveries_total', 6);
    await reads('router_subscription_events_total', 2);
    expect(await read('router_event_seconds_count')).toBeGreaterThan(0);
    await reads('router_subscription_waiting_max', 0);
    for (const { stop } of all) stop();
    await reads('router_subscriptions_open', 0);
    await reads('router_upstreams_open{state="live"}', 0);
    await reads('router_subscriptions_opened_total', 3);
    await reads('router_subscriptions_ended_total{reason="unsubscribed"}', 3);
  });

  it('show a supergraph that was replaced until its operations have ended, and lose nothing it counted', async () => {
    const held = Promise.withResolvers<void>();
    const estate = anEstate();
    const history = estate.sources.find(({ name }) => name === 'history');
    Object.assign(history?.resolvers ?? {}, { Query: { busiest: () => held.promise.then(() => null) } });
    const { client, subgraphs, query, reload, reads } = await start(estate);
    const subscription = client.start('subscription { deviceStatusChanged { cursor } }');
    await until('the upstream', () => estate.changes.listeners === 1);
    estate.changes.publish({ deviceStatusChanged: { cursor: '1' } });
    await subscription.take(1);
    const running = query('{ busiest { id } }');
    await reads('router_operations_running', 1);
    const changed = estate.sources.map((source) => {
      return { ...source, typeDefs: source.typeDefs.replace('volume: Int', '') };
    });
    await reload(compose(changed, (name) => subgraphs[name]?.url ?? ''));
    await reads('router_supergraphs_draining', 1);
    await reads('router_operations_running', 1);
    held.resolve();
    await running;
    await reads('router_supergraphs_draining', 0);
    await reads('router_operations_running', 0);
    await reads('router_subscription_deliveries_total', 1);
  });
});

/** What prom-client keeps of a metric; its types leave the labels out. */
const metricShape = z.object({ name: z.string(), type: z.string(), labelNames: z.array(z.string()) });

it('the table in docs/operating.md has all metrics, with their kinds and labels, and no other', async () => {
  const page = await readFile(new URL('../docs/operating.md', import.meta.url), 'utf8');
  const section = page.split('## Watching the router')[1]?.split('\n## ')[0] ?? '';
  const told = [...section.matchAll(/^\| (`router_[^|]*`) +\| (counter|gauge|histogram) /gm)].flatMap(
    ([, names = '', kind = '']) =>
      names
        .replaceAll('`', '')
        .split(', ')
        .map((name) => `${kind} ${name}`),
  );
  const own = createRouterMetrics()
    .registry.getMetricsAsArray()
    .map((metric) => {
      const { name, type, labelNames } = metricShape.parse(metric);
      return `${type} ${name}${labelNames.length > 0 ? `{${labelNames.join(',')}}` : ''}`;
    });
  expect(told.sort()).toEqual(own.filter((metric) => metric.includes(' router_')).sort());
});

describe('the door of the metrics', () => {
  const TOKENS = { metricsToken: 'a token of Prometheus', serviceToken: 'a token that all services know' };
  const openedBy = async (config: Parameters<typeof startTestRouter>[1]) => {
    const router = await startTestRouter(anEstate().sources, config);
    closers.push(router.close);
    const port = new URL(router.url).port;
    return async (token?: string) => {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const response = await fetch(`http://127.0.0.1:${port}/metrics`, { headers });
      return { status: response.status, text: await response.text() };
    };
  };

  it('is open on loopback', async () => {
    expect((await (await openedBy({ config: TOKENS }))()).status).toBe(200);
  });

  it.each([
    ['bound wide', { host: '0.0.0.0', config: { ...TOKENS, publicHost: '127.0.0.1' } }],
    [
      'behind a proxy of this machine',
      { config: { ...TOKENS, doors: { ...readRouterConfig({}).doors, proxyHops: 1 } } },
    ],
  ])('needs a token where the router is %s', async (_what, options) => {
    const ask = await openedBy(options);
    for (const token of [undefined, 'another token', '']) {
      const { status, text } = await ask(token);
      expect([status, text]).toEqual([401, expect.stringContaining('ROUTER_METRICS_TOKEN')]);
    }
    for (const token of Object.values(TOKENS)) {
      const { status, text } = await ask(token);
      expect([status, text]).toEqual([200, expect.stringContaining('router_subscriptions_open 0')]);
    }
  });

  it('is shut where the router is bound wide and has no token', async () => {
    const ask = await openedBy({ host: '0.0.0.0', config: { publicHost: '127.0.0.1', metricsToken: null } });
    for (const token of [undefined, '', 'null', 'undefined']) expect((await ask(token)).status).toBe(401);
  });
});
