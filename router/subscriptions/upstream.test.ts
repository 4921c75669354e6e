import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { until } from '../testing/router.ts';
import { createUpstreams, type UpstreamSink } from './upstream.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A service that does with each `subscribe` what it is told, and nothing by itself. */
async function aService(onSubscribe: (socket: WebSocket, id: string, query: string) => void) {
  const server = createServer();
  const wss = new WebSocketServer({ server, handleProtocols: () => 'graphql-transport-ws' });
  let subscribed = 0;
  wss.on('connection', (socket, request) => {
    socket.on('message', (data) => {
      const { type, id, payload } = JSON.parse(String(data));
      if (type === 'connection_init') socket.send('{"type":"connection_ack"}');
      if (type !== 'subscribe') return;
      subscribed += 1;
      // What is sent in one go arrives in one piece.
      request.socket.cork();
      onSubscribe(socket, id, payload.query);
      request.socket.uncork();
    });
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  closers.push(() => {
    for (const socket of wss.clients) socket.terminate();
    server.close();
  });
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`);
  const upstreams = createUpstreams([{ name: 'log', url }], { timeoutMs: 1_000, keepAliveMs: 10_000 });
  closers.push(upstreams.close);
  const subscribe = (query: string) => {
    const seen: string[] = [];
    const sink: UpstreamSink = {
      event: (_response, cursor) => seen.push(`event ${cursor}`),
      caughtUp: (cursor) => seen.push(`mark ${cursor}`),
      end: (err) => {
        seen.push(`end ${err?.name ?? ''}`);
        free();
      },
    };
    const free = upstreams.subscribe('log', { query, variables: {} }, { key: '', headersFor: () => ({}) }, sink);
    return { seen, free };
  };
  return { subscribe, subscribed: () => subscribed, sockets: wss.clients };
}

const send = (socket: WebSocket, message: object): void => socket.send(JSON.stringify(message));
const event = (id: string, cursor: string) => ({
  id,
  type: 'next',
  payload: { data: { changed: 1 }, extensions: { cursor } },
});

it('a subscription that is refused in the same write as its end leaves those beside it alone', async () => {
  const service = await aService((socket, id, query) => {
    if (query !== 'bad') return send(socket, event(id, '1'));
    send(socket, { id, type: 'next', payload: { errors: [{ message: 'no' }] } });
    send(socket, { id, type: 'complete' });
  });
  const good = service.subscribe('good');
  await until('the event', () => good.seen.length === 1);
  const bad = service.subscribe('bad');
  await until('the refusal', () => bad.seen.length === 1);
  const next = service.subscribe('next');
  await until('the next one', () => next.seen.length === 1);
  expect({ good: good.seen, bad: bad.seen, next: next.seen }).toEqual({
    good: ['event 1'],
    bad: ['end SubscriptionRefusedError'],
    next: ['event 1'],
  });
  expect(service.subscribed()).toBe(3);
  expect(service.sockets.size).toBe(1);
});

it.each([1000, 1001, 1012])(
  'a connection that the service closes with %i is lost, and nothing is asked for again',
  async (code) => {
    const service = await aService((socket, id) => send(socket, event(id, '1')));
    const { seen } = service.subscribe('good');
    await until('the event', () => seen.length === 1);
    for (const socket of service.sockets) socket.close(code);
    await until('the end', () => seen.length === 2);
    await until('the end of the connection', () => service.sockets.size === 0);
    expect(seen).toEqual(['event 1', 'end UpstreamLostError']);
    expect(service.subscribed()).toBe(1);
  },
);
