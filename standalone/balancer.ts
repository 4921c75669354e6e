import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** On loopback a connection is made or refused at once; one that is neither belongs to a process that no longer accepts. */
const CONNECT_LIMIT_MS = 2_000;
/** How long an answer may pause once the client has said all it had to say. */
const HALF_OPEN_LIMIT_MS = 30_000;

export type Balancer = { port: number; close: () => Promise<void> };

/** A connection to one backend, or null when it is not to be had. */
async function tryBackend(host: string, port: number): Promise<Socket | null> {
  const socket = connect({ host, port, allowHalfOpen: true, noDelay: true });
  const { promise, resolve } = Promise.withResolvers<Socket | null>();
  const giveUp = (): void => {
    socket.destroy();
    resolve(null);
  };
  const timer = setTimeout(giveUp, CONNECT_LIMIT_MS);
  socket.once('error', giveUp);
  socket.once('connect', () => resolve(socket));
  const connected = await promise;
  clearTimeout(timer);
  socket.off('error', giveUp);
  return connected;
}

/** Carries bytes both ways until either side is gone; then the other goes as well, after what was on its way to the client. */
function join(client: Socket, backend: Socket): void {
  client.on('error', () => backend.destroy());
  backend.on('error', () => client.destroy());
  client.once('close', () => backend.destroy());
  backend.once('close', () => {
    if (!backend.readableEnded) client.destroy();
  });
  // A backend that has finished will not hear what the client still sends.
  backend.once('end', () => client.destroySoon());
  backend.pipe(client, { end: false });
  // The client may have finished and still read: what has been asked is answered.
  client.once('end', () => backend.setTimeout(HALF_OPEN_LIMIT_MS, () => backend.destroy()));
  client.pipe(backend);
}

/**
 * Takes TCP connections on a port of its own and carries each to one of `ports`, in turn; a port that nobody listens on is
 * passed over. When none answers the connection is closed, as if nobody had listened.
 */
export async function openBalancer({ host, ports }: { host: string; ports: readonly number[] }): Promise<Balancer> {
  const clients = new Set<Socket>();
  let turn = 0;
  let isClosed = false;
  const connectNext = async (): Promise<Socket | null> => {
    const first = turn;
    turn = (turn + 1) % ports.length;
    for (let step = 0; step < ports.length && !isClosed; step += 1) {
      const backend = await tryBackend(host, ports[(first + step) % ports.length] ?? 0);
      if (backend !== null) return backend;
    }
    return null;
  };
  const serve = async (client: Socket): Promise<void> => {
    clients.add(client);
    client.once('close', () => clients.delete(client));
    const ignoreError = (): void => {};
    client.on('error', ignoreError);
    const backend = await connectNext();
    if (backend === null || client.destroyed || isClosed) {
      client.destroy();
      backend?.destroy();
      return;
    }
    join(client, backend);
  };
  // Paused until it is joined: nothing that the client sends first may be lost.
  const server = createServer(
    { allowHalfOpen: true, pauseOnConnect: true, noDelay: true },
    (client) => void serve(client),
  );
  server.listen({ port: 0, host });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    isClosed = true;
    const closed = once(server, 'close');
    server.close();
    for (const client of clients) client.destroy();
    await closed;
  };
  return { port, close };
}
