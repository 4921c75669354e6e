import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Server as SocketServer, WebSocket, WebSocketServer } from 'ws';
import { BatchingWebSocket } from './websocket.ts';

describe('a batching websocket', () => {
  let server: Server;
  let sockets: SocketServer<typeof BatchingWebSocket>;
  let client: WebSocket;
  let serverSide: BatchingWebSocket;
  let writes: number;

  beforeEach(async () => {
    server = createServer();
    sockets = new WebSocketServer({ server, WebSocket: BatchingWebSocket });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const connected = new Promise<BatchingWebSocket>((resolve) =>
      sockets.once('connection', (socket, { socket: stream }) => {
        socket.batchOn(stream);
        writes = 0;
        const writev = stream._writev?.bind(stream);
        stream._writev = (...args) => {
          writes += 1;
          writev?.(...args);
        };
        resolve(socket);
      }),
    );
    client = new WebSocket(`ws://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`);
    [serverSide] = await Promise.all([connected, once(client, 'open')]);
  });
  afterEach(async () => {
    client.terminate();
    await new Promise((resolve) => sockets.close(resolve));
    await new Promise((resolve) => server.close(resolve));
  });

  const collect = (count: number): Promise<string[]> =>
    new Promise((resolve) => {
      const seen: string[] = [];
      client.on('message', (data) => {
        seen.push(String(data));
        if (seen.length === count) resolve(seen);
      });
    });
  const sent = (text: string): Promise<void> =>
    new Promise((resolve, reject) => serverSide.send(text, (err) => (err ? reject(err) : resolve())));

  it('writes what is sent in one go together, in order', async () => {
    const texts = Array.from({ length: 200 }, (_, index) => `message ${index}`);
    const seen = collect(texts.length);
    for (const text of texts) await sent(text);
    expect(await seen).toEqual(texts);
    expect(writes).toBe(1);
  });

  it('sends a single message without anything after it', async () => {
    const seen = collect(1);
    serverSide.send('alone');
    expect(await seen).toEqual(['alone']);
  });

  it('holds back who sends to a peer that does not read, and goes on when it reads', async () => {
    client.pause();
    const text = 'x'.repeat(32 * 1024);
    let reported = 0;
    const sending = (async () => {
      for (; reported < 1_000; reported += 1) await sent(text);
    })();
    // What the system's own buffers hold comes on top: sending stands still once those are full.
    let before = -1;
    const standsStill = (): boolean => {
      const isSame = reported === before;
      before = reported;
      return isSame && serverSide.bufferedAmount > 0;
    };
    await expect.poll(standsStill, { interval: 200, timeout: 40_000 }).toBe(true);
    expect(reported).toBeLessThan(1_000);
    expect(serverSide.bufferedAmount).toBeLessThan(4 * text.length);
    const seen = collect(1_000);
    client.resume();
    await sending;
    expect(await seen).toHaveLength(1_000);
  });

  it('sends all before it closes', async () => {
    const seen = collect(2);
    serverSide.send('first');
    serverSide.send('second');
    serverSide.close(1000);
    expect(await seen).toEqual(['first', 'second']);
  });
});
