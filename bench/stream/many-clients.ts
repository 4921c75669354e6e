// Many subscribers, one websocket each, spread over the addresses of loopback. Argument: {url, query, first, count, identities}.
// Told {event: true}, it says when each has had one more event; told {reconnect}, it drops all connections and comes back, each
// with its own cursor, and says when the last has caught up.
import { WebSocket } from 'ws';

type Options = { port: number; query: string; first: number; count: number; identities: number };

const { port, query, first, count, identities }: Options = JSON.parse(process.argv[2] ?? '{}');
/** Connections that are being opened at the same time. */
const AT_ONCE = 200;
const ADDRESSES = 5;
const EPOCH = 'be9c4000';
const cursorAt = (position: number): string => Buffer.from(`${EPOCH}:${position}`).toString('base64url');
const positionIn = (text: string): number => {
  const cursor = /"cursor":"([^"]+)"/.exec(text)?.[1] ?? '';
  return Number(Buffer.from(cursor, 'base64url').toString().split(':')[1]);
};

type Client = { socket: WebSocket | null; position: number; seen: number; missed: number };
const clients: Client[] = Array.from({ length: count }, () => ({ socket: null, position: -1, seen: 0, missed: 0 }));
let reached = (): void => {};

function open(client: Client, index: number, after: string | null): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // One address has too few ports for all.
  const localAddress = `127.0.0.${1 + ((first + index) % ADDRESSES)}`;
  const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws', {
    perMessageDeflate: false,
    localAddress,
  });
  client.socket = socket;
  const identity = identities > 0 ? { authorization: `Bearer ${(first + index) % identities}` } : undefined;
  socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: identity })));
  socket.on('message', (data) => {
    const text = String(data);
    if (text.includes('"type":"next"')) {
      const position = positionIn(text);
      if (client.position !== -1 && position !== client.position + 1) client.missed += 1;
      client.position = position;
      client.seen += 1;
      reached();
    } else if (text.includes('connection_ack')) {
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query, variables: { after } } }));
      resolve();
    } else if (text.includes('"type":"ping"')) socket.send('{"type":"pong"}');
    else if (text.includes('"type":"error"')) process.send?.({ failed: text });
  });
  socket.on('error', reject);
  return promise;
}

async function openAll(after: (client: Client, index: number) => string | null): Promise<void> {
  const waiting = clients.map((client, index) => ({ client, index }));
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      for (let attempt = 0; ; attempt += 1) {
        try {
          await open(next.client, next.index, after(next.client, next.index));
          break;
        } catch (err) {
          if (attempt > 200) throw err;
          await new Promise((resolve) => setTimeout(resolve, 25));
        }
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

/** Resolves when every client stands at the position; with the time at which the last one came there. */
function allAt(position: number): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const look = (): void => {
    if (clients.every((client) => client.position >= position)) resolve(Date.now());
  };
  let scheduled = false;
  reached = () => {
    if (scheduled) return;
    scheduled = true;
    setTimeout(() => {
      scheduled = false;
      look();
    }, 5);
  };
  look();
  return promise;
}

await openAll(() => null);
process.send?.({ open: count });
process.on('message', async (message: { until?: number; reconnectFrom?: number; spread?: number; drop?: boolean }) => {
  const { until, reconnectFrom, spread = 1, drop } = message;
  if (drop) {
    for (const { socket } of clients) socket?.terminate();
    process.send?.({ dropped: true });
    return;
  }
  if (reconnectFrom !== undefined) {
    for (const client of clients) client.position = -1;
    // Each has a cursor of its own among the last ones.
    void openAll((client, index) => {
      const position = reconnectFrom - ((first + index) % spread);
      client.position = position;
      return cursorAt(position);
    });
  }
  const atMs = await allAt(until ?? 0);
  process.send?.({ atMs, missed: clients.reduce((sum, client) => sum + client.missed, 0) });
});
process.on('disconnect', () => process.exit(0));
