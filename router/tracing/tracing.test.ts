import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { readRouterConfig } from '../config.ts';
import { connectClient } from '../testing/client.ts';
import { type CollectedSpan, startCollector } from '../testing/collector.ts';
import { anEstate } from '../testing/estate.ts';
import { startPeer } from '../testing/peer.ts';
import { startTestRouter, until } from '../testing/router.ts';
import { sendData } from '../testing/subgraph-client.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = 'b7ad6b7169203331';
const SAMPLED = `00-${TRACE}-${CALLER}-01`;

/** A traced router over the estate; `stop` closes it and gives the spans that the collector has then. */
async function start(options: { env?: NodeJS.ProcessEnv; urls?: Record<string, string> } = {}) {
  const collector = await startCollector();
  closers.push(collector.close);
  const estate = anEstate();
  const { tracing } = readRouterConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, ...options.env });
  const router = await startTestRouter(estate.sources, {
    config: { tracing },
    ...(options.urls && { urls: options.urls }),
  });
  closers.push(router.close);
  const stop = async (): Promise<CollectedSpan[]> => {
    await router.close();
    return collector.spans;
  };
  return { ...router, collector, changes: estate.changes, stop };
}

const named = (spans: readonly CollectedSpan[], name: string): CollectedSpan[] =>
  spans.filter((span) => span.name === `router.${name}`);

function theOne(spans: readonly CollectedSpan[], name: string): CollectedSpan {
  const [span, ...others] = named(spans, name);
  if (span === undefined || others.length > 0) throw new Error(`${others.length + (span ? 1 : 0)} spans ${name}`);
  return span;
}

const FEDERATED = 'query Overview { devices { name changeCount ... on Display { brightness } } }';

describe('a query over three subgraphs', () => {
  it('is one trace, and each subgraph goes on below the request that it got', async () => {
    const { query, stop, subgraphs } = await start();
    const headers = { traceparent: SAMPLED, tracestate: 'vendor=7' };
    expect((await query(FEDERATED, { headers })).errors).toBeUndefined();
    const spans = await stop();
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]));
    const operation = theOne(spans, 'operation');
    expect(operation).toMatchObject({ kind: 2, parentSpanId: CALLER, isError: false, service: 'wheelhouse-router' });
    expect(operation.attributes).toEqual({
      'router.door': 'http',
      'router.outcome': 'ok',
      'graphql.operation.type': 'query',
      'graphql.operation.name': 'Overview',
    });
    const execute = theOne(spans, 'execute');
    for (const stage of [theOne(spans, 'prepare'), theOne(spans, 'plan'), execute]) {
      expect(stage).toMatchObject({ kind: 1, parentSpanId: operation.spanId });
    }
    const fetches = named(spans, 'fetch');
    expect(fetches.map(({ attributes }) => attributes['router.service']).sort()).toEqual([
      'devices',
      'displays',
      'history',
    ]);
    for (const { kind, parentSpanId, spanId, attributes } of fetches) {
      expect({ kind, parentSpanId }).toEqual({ kind: 3, parentSpanId: execute.spanId });
      expect(attributes).toMatchObject({ 'router.kind': 'query', 'router.outcome': 'ok' });
      const got = subgraphs[String(attributes['router.service'])]?.requests.map((request) => request.headers);
      expect(got).toMatchObject([{ traceparent: `00-${TRACE}-${spanId}-01`, tracestate: 'vendor=7' }]);
    }
    expect(spans).toHaveLength(7);
  });

  it('says what was at hand already, and begins a trace where the caller has none', async () => {
    const { query, stop } = await start();
    await query(FEDERATED);
    await query(FEDERATED, { headers: { traceparent: '00-nonsense-01' } });
    const spans = await stop();
    const cached = (name: string) => named(spans, name).map(({ attributes }) => attributes['router.cached']);
    expect([cached('prepare'), cached('plan')]).toEqual([
      [false, true],
      [false, true],
    ]);
    const operations = named(spans, 'operation');
    expect(operations.map(({ parentSpanId }) => parentSpanId)).toEqual(['', '']);
    expect(new Set(operations.map(({ traceId }) => traceId)).size).toBe(2);
  });

  it('that a caller does not want sampled has no spans, and subgraphs are told so', async () => {
    const { query, stop, subgraphs } = await start();
    await query(FEDERATED, { headers: { traceparent: `00-${TRACE}-${CALLER}-00` } });
    expect(await stop()).toEqual([]);
    for (const name of ['devices', 'displays', 'history']) {
      const traceparent = String(subgraphs[name]?.requests[0]?.headers.traceparent);
      expect(traceparent).toMatch(new RegExp(`^00-${TRACE}-(?!${CALLER})[0-9a-f]{16}-00$`));
    }
  });

  it('is sampled by the ratio where the trace begins here', async () => {
    const { query, stop } = await start({ env: { OTEL_TRACES_SAMPLER_ARG: '0' } });
    await query(FEDERATED);
    await query('query Followed { devices { name } }', { headers: { traceparent: SAMPLED } });
    const operations = named(await stop(), 'operation');
    expect(operations.map(({ attributes }) => attributes['graphql.operation.name'])).toEqual(['Followed']);
  });
});

describe('an operation span', () => {
  it('tells its door and its outcome', async () => {
    const { query, url, stop } = await start();
    const client = connectClient(url, { traceparent: SAMPLED });
    closers.push(client.close);
    await query('query Broken { broken }');
    await query('{ nothing }');
    await query('{ devices {');
    await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '[not json' });
    expect(await client.start('query Socket { devices { name } }').take(1)).toHaveLength(1);
    expect(await until('an end', client.start('{ nothing }').ended)).toHaveProperty('error');
    const accept = { accept: 'text/event-stream' };
    await (
      await fetch(`${url}?query=${encodeURIComponent('query Stream { devices { name } }')}`, { headers: accept })
    ).text();
    await (await fetch(`${url}?query=${encodeURIComponent('mutation { fail }')}`, { headers: accept })).text();
    const spans = await stop();
    const told = named(spans, 'operation').map(({ attributes: told, isError }) => {
      return [
        told['router.door'],
        told['graphql.operation.type'],
        told['graphql.operation.name'],
        told['router.outcome'],
        isError,
      ].join(' ');
    });
    expect(told).toEqual([
      'http query Broken errors true',
      'http query  refused true',
      'http unknown  refused true',
      'http unknown  refused true',
      'websocket query Socket ok false',
      'websocket unknown  refused true',
      'sse query Stream ok false',
      'sse mutation  refused true',
    ]);
    // What the door has prepared is not prepared once more.
    for (const { spanId } of named(spans, 'operation').slice(4)) {
      expect(named(spans, 'prepare').filter(({ parentSpanId }) => parentSpanId === spanId)).toHaveLength(1);
    }
    expect(named(spans, 'operation').filter(({ traceId }) => traceId === TRACE)).toHaveLength(2);
  });
});

describe('a subscription', () => {
  it('has a trace for its start, and one for each batch of events, which points there and is shared', async () => {
    const { url, changes, subgraphs, metrics, stop } = await start();
    const client = connectClient(url, { traceparent: SAMPLED });
    closers.push(client.close);
    const text = 'subscription Changes { deviceStatusChanged { cursor device { changeCount } } }';
    const both = [client.start(text), client.start(text)];
    while (!(await metrics()).includes('router_subscriptions_open 2'));
    await until('the upstream', () => changes.listeners === 1);
    const device = { __typename: 'Display', id: 'd1' };
    for (const cursor of ['1', '2']) {
      changes.publish({ deviceStatusChanged: { cursor, device } });
      for (const subscription of both) expect(await subscription.take(1)).toMatchObject([{ data: {} }]);
    }
    const spans = await stop();
    const subscribed = named(spans, 'subscribe');
    expect(subscribed.map(({ attributes }) => attributes)).toEqual([
      { 'router.service': 'devices', 'router.outcome': 'ok', 'router.shared': false },
      { 'router.service': 'devices', 'router.outcome': 'ok', 'router.shared': true },
    ]);
    expect(named(spans, 'operation').map(({ spanId, traceId }) => ({ spanId, traceId }))).toEqual(
      subscribed.map(({ parentSpanId }) => ({ spanId: parentSpanId, traceId: TRACE })),
    );
    const events = named(spans, 'event');
    expect(events).toHaveLength(2);
    for (const { kind, parentSpanId, traceId, links, attributes } of events) {
      expect({ kind, parentSpanId, links }).toEqual({ kind: 5, parentSpanId: '', links: [subscribed[0]?.spanId] });
      expect(attributes).toEqual({ 'router.service': 'devices', 'router.events': 1, 'router.outcome': 'ok' });
      expect(traceId).not.toBe(TRACE);
    }
    const fetches = named(spans, 'fetch');
    expect(fetches.map(({ parentSpanId }) => parentSpanId)).toEqual(events.map(({ spanId }) => spanId));
    expect(subgraphs.history?.requests.map(({ headers }) => headers.traceparent)).toEqual(
      fetches.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`),
    );
  });
});

describe('a request to a subgraph', () => {
  it('that several callers share stands in the trace of the first, and the others point at it', async () => {
    const held: { traceparent: unknown; response: ServerResponse }[] = [];
    const peer = await startPeer(({ headers: { traceparent } }, response) => held.push({ traceparent, response }));
    closers.push(peer.close);
    const { query, metrics, stop } = await start({ urls: { devices: peer.url } });
    const OTHER = '11111111111111111111111111111111';
    const first = query('{ echo }', { headers: { traceparent: SAMPLED } });
    await until('the request', () => held.length === 1);
    const second = query('{ echo }', { headers: { traceparent: `00-${OTHER}-${CALLER}-01` } });
    while (!(await metrics()).includes('router_subgraph_deduplicated_total{service="devices"} 1'));
    for (const { response } of held) sendData(response, { echo: 'x' });
    await Promise.all([first, second]);
    const fetches = named(await stop(), 'fetch');
    const own = fetches.find(({ traceId }) => traceId === TRACE);
    const shared = fetches.find(({ traceId }) => traceId === OTHER);
    expect(held.map(({ traceparent }) => traceparent)).toEqual([`00-${TRACE}-${own?.spanId}-01`]);
    expect(own?.attributes).not.toHaveProperty('router.shared');
    expect(shared).toMatchObject({
      links: [own?.spanId],
      attributes: { 'router.shared': true, 'router.outcome': 'ok' },
    });
    expect(fetches).toHaveLength(2);
  });

  it('tells how often it was sent again, and how it failed', async () => {
    let asked = 0;
    const peer = await startPeer((request, response) => {
      asked += 1;
      if (asked === 1) request.socket.destroy();
      else if (asked === 2) sendData(response, { echo: 'x' });
      else response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>');
    });
    closers.push(peer.close);
    const { query, stop } = await start({ urls: { devices: peer.url } });
    expect((await query('{ echo }')).data).toEqual({ echo: 'x' });
    await query('{ echo }');
    expect(named(await stop(), 'fetch').map(({ attributes, isError }) => ({ ...attributes, isError }))).toEqual([
      {
        'router.service': 'devices',
        'router.kind': 'query',
        'router.retries': 1,
        'router.outcome': 'ok',
        isError: false,
      },
      { 'router.service': 'devices', 'router.kind': 'query', 'router.outcome': 'invalid', isError: true },
    ]);
  });
});

it('a router that traces nothing passes the caller’s trace on untouched', async () => {
  const router = await startTestRouter(anEstate().sources);
  closers.push(router.close);
  // Not even one that is against the standard.
  for (const traceparent of [SAMPLED, 'anything']) {
    await router.query(FEDERATED, { headers: { traceparent, tracestate: 'vendor=7' } });
    for (const { requests } of Object.values(router.subgraphs)) {
      expect(requests.at(-1)?.headers).toMatchObject({ traceparent, tracestate: 'vendor=7' });
    }
  }
  await router.query(FEDERATED);
  expect(router.subgraphs.devices?.requests.at(-1)?.headers).not.toHaveProperty('traceparent');
});

describe('a collector', () => {
  it('is sent the headers that are set, at the path of traces, under the name that is set', async () => {
    const { query, stop, collector } = await start({
      env: { OTEL_EXPORTER_OTLP_HEADERS: 'x-key=a%20b, x-other=c=d', OTEL_SERVICE_NAME: 'north' },
    });
    await query('{ echo }');
    const [span] = await stop();
    expect(span?.service).toBe('north');
    expect(collector.requests[0]).toMatchObject({ path: '/v1/traces', headers: { 'x-key': 'a b', 'x-other': 'c=d' } });
  });

  it('that is away costs spans, and no answer', async () => {
    const gone = await startPeer(() => {});
    await gone.close();
    const { query, metrics } = await start({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: new URL(gone.url).origin } });
    for (let round = 0; round < 100; round += 1) expect((await query(FEDERATED)).errors).toBeUndefined();
    const failed = /router_spans_total\{outcome="failed"\} ([1-9]\d*)/;
    let seen = await metrics();
    const endsAt = performance.now() + 15_000;
    while (!failed.test(seen) && performance.now() < endsAt) seen = await metrics();
    expect(seen).toMatch(failed);
    expect((await query(FEDERATED)).errors).toBeUndefined();
  }, 30_000);

  it('that never answers holds up neither answers nor the stop beyond its limit', async () => {
    let asked = 0;
    const mute = await startPeer(() => {
      asked += 1;
    });
    closers.push(mute.close);
    const { query, stop } = await start({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: new URL(mute.url).origin } });
    for (let round = 0; round < 100; round += 1) expect((await query(FEDERATED)).errors).toBeUndefined();
    const startedAt = performance.now();
    await stop();
    expect(asked).toBeGreaterThan(0);
    // 3 s for the spans; nothing else of the router has anything to wait for.
    expect(performance.now() - startedAt).toBeLessThan(15_000);
  }, 60_000);
});
