import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { type Balancer, openBalancer } from './balancer.ts';

const HOST = '127.0.0.1';

describe('the balancer', () => {
  const closers: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });
  const listen = async (server: Server): Promise<number> => {
    const sockets = new Set<Socket>();
    server.on('connection', (socket) => sockets.add(socket));
    server.listen(0, HOST);
    await once(server, 'listening');
    closers.push(() => {
      for (const socket of sockets) socket.destroy();
      if (server.listening) server.close();
    });
    return (server.address() as AddressInfo).port;
  };
  /** Says its name to whoever connects, and closes. */
  const aNamed = (name: string): Promise<number> => listen(createServer((socket) => socket.end(name)));
  const aBalancer = async (...ports: number[]): Promise<Balancer> => {
    const balancer = await openBalancer({ host: HOST, ports });
    closers.push(balancer.close);
    return balancer;
  };
  const open = (port: number): Socket => {
    const socket = connect({ host: HOST, port });
    closers.push(() => socket.destroy());
    return socket;
  };
  const ask = (port: number): Promise<string> => text(open(port));
  const aDeadPort = async (): Promise<number> => {
    const server = createServer().listen(0, HOST);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    return port;
  };

  it('takes the backends in turn', async () => {
    const { port } = await aBalancer(await aNamed('a'), await aNamed('b'), await aNamed('c'));
    const answers: string[] = [];
    for (let count = 0; count < 6; count += 1) answers.push(await ask(port));
    expect(answers).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
  });

  it('passes over a backend that is dead, and takes it again when it is back', async () => {
    const dead = await aDeadPort();
    const { port } = await aBalancer(await aNamed('a'), dead);
    expect([await ask(port), await ask(port), await ask(port)]).toEqual(['a', 'a', 'a']);
    const back = createServer((socket) => socket.end('back')).listen(dead, HOST);
    closers.push(() => back.close());
    await once(back, 'listening');
    expect(new Set([await ask(port), await ask(port)])).toEqual(new Set(['a', 'back']));
  });

  it('closes a connection for which no backend is left', async () => {
    const { port } = await aBalancer(await aDeadPort(), await aDeadPort());
    expect(await ask(port)).toBe('');
  });

  it('carries all of a large answer to a client that reads slowly, though the backend closes at once', async () => {
    const large = Buffer.alloc(8 * 1024 * 1024, 'x');
    const { port } = await aBalancer(await listen(createServer((socket) => socket.end(large))));
    const client = open(port);
    await once(client, 'readable');
    expect((await buffer(client)).length).toBe(large.length);
  });

  it('lets a client that has finished sending read its answer', async () => {
    const answering = createServer({ allowHalfOpen: true }, (socket) => {
      void text(socket).then((heard) => socket.end(`heard ${heard}`));
    });
    const { port } = await aBalancer(await listen(answering));
    const client = connect({ host: HOST, port, allowHalfOpen: true });
    client.end('hello');
    expect(await text(client)).toBe('heard hello');
  });

  it("closes the client's side when the backend's connection breaks", async () => {
    const backend = createServer();
    const { port } = await aBalancer(await listen(backend));
    const accepted = once(backend, 'connection');
    const client = open(port);
    client.on('error', () => {});
    const [atBackend]: Socket[] = await accepted;
    const closed = once(client, 'close');
    atBackend?.resetAndDestroy();
    await closed;
    expect(client.destroyed).toBe(true);
  });

  it("closes the backend's side when the client's connection breaks", async () => {
    const backend = createServer();
    const { port } = await aBalancer(await listen(backend));
    const accepted = once(backend, 'connection');
    const client = open(port);
    const [atBackend]: Socket[] = await accepted;
    atBackend?.on('error', () => {}).resume();
    const closed = once(atBackend ?? client, 'close');
    client.resetAndDestroy();
    await closed;
    expect(atBackend?.destroyed).toBe(true);
  });

  it('passes websockets', async () => {
    const http = createHttpServer();
    const sockets = new WebSocketServer({ server: http });
    sockets.on('connection', (socket) => socket.on('message', (message) => socket.send(`heard ${message}`)));
    const { port } = await aBalancer(await listen(http));
    const client = new WebSocket(`ws://${HOST}:${port}`);
    closers.push(() => client.terminate());
    await once(client, 'open');
    client.send('hello');
    const [message] = await once(client, 'message');
    expect(String(message)).toBe('heard hello');
  });

  it('cuts what it carries when it is closed', async () => {
    const balancer = await aBalancer(await listen(createServer()));
    const client = open(balancer.port);
    await once(client, 'connect');
    const closed = once(client, 'close');
    await balancer.close();
    await closed;
    await expect(once(open(balancer.port), 'connect')).rejects.toThrow('ECONNREFUSED');
  });
});
