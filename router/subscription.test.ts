import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { readRouterConfig } from './config.ts';
import { connectClient } from './testing/client.ts';
import { anEstate } from './testing/estate.ts';
import { startPeer } from './testing/peer.ts';
import { startTestRouter, until } from './testing/router.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(options: Parameters<typeof startTestRouter>[1] = {}) {
  const estate = anEstate();
  const router = await startTestRouter(estate.sources, options);
  closers.push(router.close);
  const connect = (params: Record<string, unknown> = {}) => {
    const client = connectClient(router.url, params);
    closers.push(client.close);
    return client;
  };
  const listening = (count: number) =>
    until(`${count} upstream subscriptions`, () => estate.changes.listeners === count);
  const publish = (cursor: number, id = 'd1', overrides: Record<string, unknown> = {}) =>
    estate.changes.publish({
      deviceStatusChanged: {
        cursor: `${cursor}`,
        device: { __typename: id.startsWith('d') ? 'Display' : 'Speaker', id, name: id },
        to: 'ONLINE',
        ...overrides,
      },
    });
  return { router, changes: estate.changes, connect, listening, publish };
}

const CURSORS = 'subscription { deviceStatusChanged { cursor } }';
const WHOLE = `subscription ($on: Boolean = true) { change: deviceStatusChanged {
  cursor device { name at: changeCount @include(if: $on) ... on Display { brightness } ...S }
} } fragment S on Speaker { lastChange { name } }`;

describe('a subscription', () => {
  it('has fields of several services in each event', async () => {
    const { connect, listening, publish } = await start();
    const subscription = connect().start(WHOLE);
    await listening(1);
    publish(1);
    publish(2, 's1');
    expect(await subscription.take(2)).toEqual([
      { data: { change: { cursor: '1', device: { name: 'd1', at: 3, brightness: 80 } } } },
      { data: { change: { cursor: '2', device: { name: 's1', at: 0, lastChange: { name: 'Hall' } } } } },
    ]);
  });

  it('keeps the order of its events', async () => {
    const { connect, listening, publish } = await start();
    const subscription = connect().start('subscription { deviceStatusChanged { cursor device { changeCount } } }');
    await listening(1);
    for (let cursor = 1; cursor <= 200; cursor += 1) publish(cursor, cursor % 3 === 0 ? 's1' : 'd1');
    const cursors = (await subscription.take(200)).map(({ data }) => JSON.stringify(data).match(/\d+/)?.[0]);
    expect(cursors).toEqual(Array.from({ length: 200 }, (_, index) => `${index + 1}`));
  });

  it('asks each service once per event', async () => {
    const { router, connect, listening, publish } = await start();
    const subscription = connect().start(
      'subscription { deviceStatusChanged { device { name changeCount ... on Display { brightness label } } } }',
    );
    await listening(1);
    publish(1);
    await subscription.take(1);
    expect(Object.values(router.subgraphs).map(({ name, requests }) => [name, requests.length])).toEqual([
      ['devices', 0],
      ['displays', 1],
      ['history', 1],
    ]);
  });

  it('frees its upstream at once when the client unsubscribes, with no further event', async () => {
    const { router, connect, listening } = await start();
    const subscription = connect().start(CURSORS);
    await listening(1);
    subscription.stop();
    await listening(0);
    await until('the end of the upstream connection', () => router.subgraphs.devices?.sockets.size === 0);
    expect(subscription.events).toEqual([]);
  });

  it('frees an upstream that it shares when it is the last of those who do, with no further event', async () => {
    const { router, connect, listening, publish } = await start();
    const [first, second] = [connect().start(CURSORS), connect().start(CURSORS)];
    await listening(1);
    publish(1);
    await Promise.all([first.take(1), second.take(1)]);
    first.stop();
    publish(2);
    await second.take(1);
    await listening(1);
    second.stop();
    await listening(0);
    await until('the end of the upstream connection', () => router.subgraphs.devices?.sockets.size === 0);
    expect([first.events.length, second.events.length]).toEqual([1, 2]);
  });

  it('frees its upstream when the client’s connection breaks', async () => {
    const { router, listening } = await start();
    const socket = new WebSocket(router.url.replace('http', 'ws'), 'graphql-transport-ws');
    socket.once('open', () => socket.send('{"type":"connection_init"}'));
    socket.once('message', () => {
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: CURSORS } }));
    });
    await listening(1);
    socket.terminate();
    await listening(0);
  });

  it('still tells the event when the rest of it can not be fetched', async () => {
    const { router, connect, listening, publish } = await start();
    const subscription = connect().start(WHOLE);
    await listening(1);
    await router.subgraphs.displays?.close();
    publish(1);
    const [event] = await subscription.take(1);
    expect(event?.data).toEqual({ change: { cursor: '1', device: { name: 'd1', at: 3, brightness: null } } });
    expect(event?.errors).toMatchObject([
      { path: ['change', 'device'], extensions: { code: 'SUBGRAPH_UNAVAILABLE', serviceName: 'displays' } },
    ]);
  });

  it('makes an error of a null where none may be', async () => {
    const { router, connect, listening, publish } = await start();
    const subscription = connect().start(
      'subscription { deviceStatusChanged { device { ... on Display { panel { lamp } } } } }',
    );
    await listening(1);
    publish(1, 'd2');
    await router.subgraphs.displays?.close();
    publish(2, 'd1');
    const events = await subscription.take(2);
    expect(events.map(({ data }) => data)).toEqual([
      { deviceStatusChanged: { device: null } },
      { deviceStatusChanged: { device: null } },
    ]);
    expect(events.map(({ errors }) => errors?.length)).toEqual([1, 1]);
  });

  it('passes on errors of the event itself with their place', async () => {
    const { connect, listening, publish } = await start();
    const subscription = connect().start('subscription { x: deviceStatusChanged { c: cursor } }');
    await listening(1);
    publish(1, 'd1', { cursor: null });
    const [event] = await subscription.take(1);
    expect(event?.data).toBeNull();
    expect(event?.errors).toMatchObject([{ path: ['x', 'c'], extensions: { serviceName: 'devices' } }]);
  });

  it('ends with its upstream', async () => {
    const { connect, changes, listening, publish } = await start();
    const subscription = connect().start(CURSORS);
    await listening(1);
    publish(1);
    changes.complete();
    await until('the end', subscription.ended);
    expect(subscription.ended()).toBe('complete');
    expect(subscription.events).toHaveLength(1);
  });

  it('ends with SUBGRAPH_UNAVAILABLE when its upstream dies, and leaves others alone', async () => {
    const { router, connect, listening } = await start();
    const client = connect();
    const subscription = client.start(CURSORS);
    await listening(1);
    for (const socket of router.subgraphs.devices?.sockets ?? []) socket.terminate();
    expect(await until('the end', subscription.ended)).toMatchObject({
      error: [{ extensions: { code: 'SUBGRAPH_UNAVAILABLE', serviceName: 'devices' } }],
    });
    const query = client.start('{ echo }');
    expect(await query.take(1)).toEqual([{ data: { echo: 'silence' } }]);
  });

  it('ends with SUBGRAPH_UNAVAILABLE when its upstream was never there', async () => {
    const peer = await startPeer((_request, response) => response.writeHead(404).end());
    closers.push(peer.close);
    const { connect } = await start({ urls: { devices: peer.url } });
    const subscription = connect().start(CURSORS);
    expect(await until('the end', subscription.ended)).toMatchObject({
      error: [{ extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }],
    });
  });

  it('ends with SLOW_CONSUMER when more events wait than may, and frees its upstream', async () => {
    const { connect, listening, publish } = await start({
      config: { subscriptions: { ...readRouterConfig({}).subscriptions, capacity: 5 } },
    });
    const subscription = connect().start('subscription { deviceStatusChanged { cursor device { changeCount } } }');
    await listening(1);
    for (let cursor = 1; cursor <= 50; cursor += 1) publish(cursor);
    const end = await until('the end', subscription.ended);
    expect(end).toMatchObject({ error: [{ extensions: { code: 'SLOW_CONSUMER', capacity: 5 } }] });
    expect(JSON.stringify(subscription.events)).toMatch(/"1".*"2".*"3".*"4".*"5"/);
    await listening(0);
  });
});

it('a client that stops reading is a slow consumer: its upstream is freed', async () => {
  const { router, changes, listening, publish } = await start({
    config: { subscriptions: { ...readRouterConfig({}).subscriptions, capacity: 20 } },
  });
  const socket = new WebSocket(router.url.replace('http', 'ws'), 'graphql-transport-ws');
  closers.push(() => socket.terminate());
  socket.once('open', () => socket.send('{"type":"connection_init"}'));
  socket.once('message', () => {
    const query = 'subscription { deviceStatusChanged { cursor device { name } } }';
    socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
    socket.pause();
  });
  await listening(1);
  // Kernel buffers of loopback hold some megabytes before a writer has to wait.
  const device = { __typename: 'Display', id: 'd1', name: 'x'.repeat(200_000) };
  let cursor = 0;
  await until('the end of the upstream', () => {
    for (let sent = 0; sent < 5; sent += 1) publish(++cursor, 'd1', { device });
    return changes.listeners === 0;
  });
  expect(cursor).toBeGreaterThan(20);
});

describe('an identity', () => {
  const tokens = (sockets: Iterable<unknown>) => [...sockets].length;

  it('is never used for another caller: each has an upstream connection of its own', async () => {
    const { router, connect, listening, publish } = await start();
    const ann = connect({ Authorization: 'Bearer ann' });
    const subscriptions = [
      ann.start(CURSORS),
      ann.start(CURSORS),
      connect({ authorization: 'Bearer bob' }).start(CURSORS),
      connect().start(CURSORS),
    ];
    // Those of one caller that ask for the same share one.
    await listening(3);
    expect(tokens(router.subgraphs.devices?.sockets ?? [])).toBe(3);
    const details = subscriptions.map(({ take }) => take(1));
    publish(1);
    expect(await Promise.all(details)).toHaveLength(4);
  });

  it('from connection_init reaches the services that complete an event', async () => {
    const { router, connect, listening, publish } = await start();
    const subscription = connect({ Authorization: 'Bearer ann', cookie: 'c' }).start(WHOLE);
    await listening(1);
    publish(1);
    await subscription.take(1);
    const sent = router.subgraphs.history?.requests.at(-1)?.headers;
    expect([sent?.authorization, sent?.cookie]).toEqual(['Bearer ann', undefined]);
  });
});

it('stopping the router closes websockets with 1001, frees every upstream, and says of no stream that it is complete', async () => {
  const { router, connect, listening } = await start();
  const subscription = connect().start(CURSORS);
  await listening(1);
  const socket = new WebSocket(router.url.replace('http', 'ws'), 'graphql-transport-ws');
  let code: number | null = null;
  socket.once('close', (closeCode) => {
    code = closeCode;
  });
  await until('the connection', () => socket.readyState === socket.OPEN);
  await router.close();
  expect(await until('the close', () => code)).toBe(1001);
  // Clients come back after a connection that was closed, and not after a stream that is complete.
  expect(await until('the end of the stream', subscription.ended)).toMatchObject({ error: { code: 1001 } });
  await listening(0);
});
