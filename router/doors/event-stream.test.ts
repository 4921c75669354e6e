import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { createClient } from 'graphql-sse';
import { afterEach, describe, expect, it } from 'vitest';
import { readRouterConfig } from '../config.ts';
import type { Event } from '../testing/client.ts';
import { type EventStreamRequest, openEventStream } from '../testing/event-stream.ts';
import { CHANGES, startLiveRouter } from '../testing/live.ts';
import { until } from '../testing/router.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(options: Parameters<typeof startLiveRouter>[0] = {}) {
  const live = await startLiveRouter(options);
  closers.push(live.router.close);
  const ask = async (asked: EventStreamRequest) => {
    const stream = await openEventStream(live.router.url, asked);
    closers.push(stream.leave);
    return stream;
  };
  return { ...live, ask, subscribe: (query = CHANGES) => ask({ operation: { query } }) };
}

const limited = (overrides: Partial<ReturnType<typeof readRouterConfig>['subscriptions']>) => ({
  config: { subscriptions: { ...readRouterConfig({}).subscriptions, ...overrides } },
});
/** Whether the router's side of the connection on which the next request comes has been closed. */
function nextServerSideSocket(): () => boolean {
  const sockets: Socket[] = [];
  const see = (message: unknown): void => {
    sockets.push((message as { socket: Socket }).socket);
    unsubscribe('http.server.request.start', see);
  };
  subscribe('http.server.request.start', see);
  return () => sockets[0]?.destroyed === true;
}
const WHOLE = `subscription Whole($on: Boolean = true) { change: deviceStatusChanged {
  cursor device { name at: changeCount @include(if: $on) ... on Display { brightness } ...S }
} } fragment S on Speaker { lastChange { name } }`;
const WHOLE_EVENTS = [
  { data: { change: { cursor: '1', device: { name: 'd1', at: 3, brightness: 80 } } } },
  { data: { change: { cursor: '2', device: { name: 's1', at: 0, lastChange: { name: 'Hall' } } } } },
];

describe('a subscription over server-sent events', () => {
  it.each(['POST', 'GET'])('has fields of several services in each event when asked for by %s', async (method) => {
    const { ask, listening, publish } = await start();
    const stream = await ask({ method, operation: { query: WHOLE, operationName: 'Whole', variables: { on: true } } });
    expect([stream.status, stream.headers['content-type']]).toEqual([200, 'text/event-stream; charset=utf-8']);
    await listening(1);
    publish(1);
    publish(2, 's1');
    expect(await stream.take(2)).toEqual(WHOLE_EVENTS);
  });

  it('is understood by the client of graphql-sse, from the first event to the end', async () => {
    const { router, changes, listening, publish } = await start();
    const client = createClient({ url: router.url, retryAttempts: 0 });
    closers.push(() => client.dispose());
    const events: unknown[] = [];
    const ended = Promise.withResolvers<void>();
    client.subscribe(
      { query: WHOLE },
      { next: (event) => events.push(event), error: ended.reject, complete: ended.resolve },
    );
    await listening(1);
    publish(1);
    publish(2, 's1');
    await until('both events', () => events.length === 2);
    changes.complete();
    await ended.promise;
    expect(events).toEqual(WHOLE_EVENTS);
  });

  it('keeps the order of its events', async () => {
    const { subscribe, listening, publish } = await start();
    const stream = await subscribe('subscription { deviceStatusChanged { cursor device { changeCount } } }');
    await listening(1);
    for (let cursor = 1; cursor <= 200; cursor += 1) publish(cursor, cursor % 3 === 0 ? 's1' : 'd1');
    const cursors = (await stream.take(200)).map(({ data }) => JSON.stringify(data).match(/\d+/)?.[0]);
    expect(cursors).toEqual(Array.from({ length: 200 }, (_, index) => `${index + 1}`));
  });

  it('has a comment at once and then in every interval, so that both sides notice a dead connection', async () => {
    const { subscribe } = await start({ config: { keepAliveMs: 20 } });
    const stream = await subscribe();
    await until('several comments', () => stream.comments() >= 4);
    expect(stream.events).toEqual([]);
  });

  it('ends with `complete` when its upstream ends', async () => {
    const { subscribe, changes, listening, publish } = await start();
    const stream = await subscribe();
    await listening(1);
    publish(1);
    changes.complete();
    expect(await until('the end', stream.end)).toBe('complete');
    expect(stream.events).toHaveLength(1);
  });

  it('tells what it ended with as a last event before `complete`', async () => {
    const { router, subscribe, listening, publish } = await start();
    const stream = await subscribe();
    await listening(1);
    publish(1);
    await stream.take(1);
    for (const socket of router.subgraphs.devices?.sockets ?? []) socket.terminate();
    expect(await until('the end', stream.end)).toBe('complete');
    expect(stream.events.slice(1)).toMatchObject([
      {
        errors: [{ message: expect.any(String), extensions: { code: 'SUBGRAPH_UNAVAILABLE', serviceName: 'devices' } }],
      },
    ]);
  });

  it('frees its upstream at once when the client leaves, with no further event', async () => {
    const { router, subscribe, listening, open } = await start();
    const stream = await subscribe();
    await listening(1);
    stream.leave();
    await listening(0);
    await open(0);
    await until('the end of the upstream connection', () => router.subgraphs.devices?.sockets.size === 0);
    expect(stream.events).toEqual([]);
  });

  it('ends after its lifetime with SUBSCRIPTION_LIFETIME_EXCEEDED', async () => {
    const { subscribe, listening } = await start(limited({ lifetimeMs: 100 }));
    const stream = await subscribe();
    expect(await until('the end', stream.end)).toBe('complete');
    expect(stream.events).toMatchObject([{ errors: [{ extensions: { code: 'SUBSCRIPTION_LIFETIME_EXCEEDED' } }] }]);
    await listening(0);
  });

  it('is refused with TOO_MANY_SUBSCRIPTIONS past the limit of the router, and those that are open go on', async () => {
    const { subscribe, listening, publish, open } = await start(limited({ maxSubscriptions: 2 }));
    const streams = [await subscribe(), await subscribe()];
    await open(2);
    await listening(1);
    const refused = await subscribe();
    await until('the refusal', refused.end);
    expect(refused.events).toMatchObject([{ errors: [{ extensions: { code: 'TOO_MANY_SUBSCRIPTIONS', limit: 2 } }] }]);
    publish(1);
    for (const stream of streams) expect(await stream.take(1)).toHaveLength(1);
    streams[0]?.leave();
    await open(1);
    const next = await subscribe();
    await open(2);
    publish(2);
    expect(await next.take(1)).toHaveLength(1);
  });

  it('carries the identity of its caller to the services, and shares nothing with another', async () => {
    const { router, ask, listening, publish } = await start();
    const operation = { query: WHOLE };
    const streams = [
      await ask({ operation, headers: { authorization: 'Bearer ann' } }),
      await ask({ operation, headers: { authorization: 'Bearer ann' } }),
      await ask({ operation, headers: { authorization: 'Bearer bob' } }),
    ];
    await listening(2);
    publish(1);
    for (const stream of streams) await stream.take(1);
    const sent = router.subgraphs.history?.requests.map(({ headers }) => headers.authorization);
    expect(sent?.sort()).toEqual(['Bearer ann', 'Bearer bob']);
  });
});

describe('a client of server-sent events that does not read', () => {
  const flood = async (live: Awaited<ReturnType<typeof start>>, sent: { cursor: number }) => {
    // Kernel buffers of loopback hold some megabytes before a writer has to wait.
    const device = { __typename: 'Display', id: 'd1', name: 'x'.repeat(200_000) };
    await until('the end of the upstream', () => {
      for (let count = 0; count < 5; count += 1) live.publish(++sent.cursor, 'd1', { device });
      return live.changes.listeners === 0;
    });
  };
  const NAMES = 'subscription { deviceStatusChanged { cursor device { name } } }';

  it('is a slow consumer: its upstream is freed, and it gets what waited, in order, and SLOW_CONSUMER', async () => {
    const live = await start(limited({ capacity: 20 }));
    const stream = await live.subscribe(NAMES);
    await live.listening(1);
    stream.response.pause();
    const sent = { cursor: 0 };
    await flood(live, sent);
    stream.response.resume();
    expect(await until('the end', stream.end)).toBe('complete');
    const last = stream.events.pop();
    expect(last).toMatchObject({ errors: [{ extensions: { code: 'SLOW_CONSUMER', capacity: 20 } }] });
    const cursors = stream.events.map(
      ({ data }) => (data as Event & { deviceStatusChanged: { cursor: string } }).deviceStatusChanged.cursor,
    );
    expect(cursors).toEqual(cursors.map((_, index) => `${index + 1}`));
    expect(cursors.length).toBeGreaterThanOrEqual(20);
    expect(cursors.length).toBeLessThan(sent.cursor);
  });

  it('is cut when it takes nothing for two intervals, so that what waits for it is not kept for ever', async () => {
    const limits = limited({ capacity: 20 });
    const live = await start({ config: { ...limits.config, keepAliveMs: 200 } });
    const isCut = nextServerSideSocket();
    const stream = await live.subscribe(NAMES);
    await live.listening(1);
    stream.response.pause();
    await flood(live, { cursor: 0 });
    await until('the cut', isCut);
    stream.response.resume();
    expect(await until('the end', stream.end)).toBe('cut');
  });
});

describe('queries and mutations over server-sent events', () => {
  it.each(['POST', 'GET'])('a query by %s is one event and the end', async (method) => {
    const { router, ask } = await start();
    const query = '{ devices { name changeCount } broken }';
    const stream = await ask({ method, operation: { query } });
    expect(await until('the end', stream.end)).toBe('complete');
    const { data, errors } = await router.query(query);
    expect(stream.events).toEqual([{ data, errors }]);
  });

  it('a mutation by POST is run, and by GET is refused with 405', async () => {
    const { ask } = await start();
    const operation = { query: 'mutation { rename(id: "d1", name: "x") { name } }' };
    const stream = await ask({ operation });
    await until('the end', stream.end);
    expect(stream.events).toEqual([{ data: { rename: { name: 'x' } } }]);
    const refused = await ask({ method: 'GET', operation });
    await until('the end', refused.end);
    expect([refused.status, refused.headers.allow]).toEqual([405, 'POST']);
  });
});

it('stopping the router ends streams well before its limit, frees their upstreams, and does not say that they are complete', async () => {
  const { router, subscribe, changes, listening } = await start({ config: { drainMs: 60_000 } });
  const streams = [await subscribe(), await subscribe(WHOLE)];
  await listening(2);
  const startedAt = performance.now();
  await router.close();
  expect(performance.now() - startedAt).toBeLessThan(20_000);
  await until('the ends', () => streams.every((stream) => stream.end() !== null));
  // Clients come back after a stream that was cut short, and not after one that is complete.
  expect(streams.map((stream) => stream.end())).toEqual(['ended', 'ended']);
  expect(changes.listeners).toBe(0);
});

it('stopping the router does not wait for a client that does not read', async () => {
  const { router, subscribe, listening, publish } = await start({ config: { drainMs: 300 } });
  const stream = await subscribe('subscription { deviceStatusChanged { device { name } } }');
  await listening(1);
  stream.response.pause();
  for (let cursor = 1; cursor <= 60; cursor += 1) {
    publish(cursor, 'd1', { device: { __typename: 'Display', id: 'd1', name: 'x'.repeat(200_000) } });
  }
  const startedAt = performance.now();
  await router.close();
  expect(performance.now() - startedAt).toBeLessThan(20_000);
});
