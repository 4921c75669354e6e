import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'undici';
import { WebSocket } from 'ws';

export type Attack = (options: { url: URL; signal: AbortSignal; sent: { count: number } }) => Promise<void>;

/** How many attack at a time, each on a connection of its own, all of them one caller. */
const CONNECTIONS = 16;
/** More than one address may have open. */
const SOCKETS = 5_000;
/** As large as a body may be, nearly. */
const HUGE_BODY = `{"query":"{ device(id: 1) { id } }","variables":{"x":"${'x'.repeat(4 * 1024 * 1024 - 100)}"}}`;

let made = 0;
const json = { 'content-type': 'application/json', authorization: 'Bearer attacker' };

/** Asks as fast as it is answered, on each connection. */
const asking =
  (from: string, bodyOf: () => string): Attack =>
  async ({ url, signal, sent }) => {
    const ask = async (): Promise<void> => {
      while (!signal.aborted) {
        const client = new Client(url.origin, { pipelining: 1, localAddress: from });
        try {
          while (!signal.aborted) {
            const request = { path: url.pathname, method: 'POST', headers: json, body: bodyOf() } as const;
            const { body } = await client.request(request);
            await body.dump();
            sent.count += 1;
          }
        } catch {
          // It was refused its connection, and comes again.
          await sleep(1);
        }
        client.destroy().catch(() => {});
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, ask));
  };

const operation = (query: string): string => JSON.stringify({ query });
/** A text that was never sent before. */
const fresh = (text: string): string => {
  made += 1;
  return `${text} # ${made}`;
};
const aliased = (count: number, field: string): string =>
  `{ ${Array.from({ length: count }, (_, index) => `a${index}: ${field}`).join(' ')} }`;

/** Operations on one websocket, as many at a time as it takes, and another websocket when that is closed. */
const flooding: Attack = async ({ url, signal, sent }) => {
  while (!signal.aborted) {
    const socket = new WebSocket(url.href.replace('http', 'ws'), 'graphql-transport-ws', { localAddress: '127.0.1.6' });
    socket.on('error', () => {});
    socket.on('message', () => {});
    const ended = new Promise((closed) => socket.once('close', closed));
    socket.once('open', () => socket.send('{"type":"connection_init","payload":{"authorization":"Bearer attacker"}}'));
    while (!signal.aborted && socket.readyState <= socket.OPEN) {
      if (socket.readyState === socket.OPEN && socket.bufferedAmount < 1_000_000) {
        for (let index = 0; index < 200; index += 1) {
          made += 1;
          sent.count += 1;
          socket.send(`{"id":"${made}","type":"subscribe","payload":{"query":"{ nope }"}}`);
        }
      }
      await sleep(1);
    }
    socket.terminate();
    await ended;
  }
};

/** Connections that say half a head and nothing more, opened again when they are closed. */
const halfOpen: Attack = async ({ url, signal, sent }) => {
  const open = async (): Promise<void> => {
    while (!signal.aborted) {
      const socket = connect({ host: url.hostname, port: Number(url.port), localAddress: '127.0.1.7' });
      socket.on('error', () => {});
      socket.write('POST /graphql HTTP/1.1\r\nhost: localhost\r\n');
      sent.count += 1;
      const cut = (): void => void socket.destroy();
      signal.addEventListener('abort', cut, { once: true });
      await new Promise<void>((closed) => socket.once('close', () => closed()));
      signal.removeEventListener('abort', cut);
      if (!signal.aborted) await sleep(1_000);
    }
  };
  await Promise.all(Array.from({ length: SOCKETS }, open));
};

/** What attackers do, by name. */
export const ATTACKS: Readonly<Record<string, Attack>> = {
  flood: asking('127.0.1.1', () => operation('{ device(id: "1") { id } }')),
  costBombs: asking('127.0.1.2', () => operation(fresh(aliased(40, 'devices(first: 1000) { nodes { id name } }')))),
  planningBombs: asking('127.0.1.3', () => operation(fresh(aliased(40, 'device(id: "1") { id name status }')))),
  longTexts: asking('127.0.1.4', () => operation(fresh(`{ ${'device(id: "1") { id } '.repeat(1_600)} nope }`))),
  hugeBodies: asking('127.0.1.5', () => HUGE_BODY),
  websocketFlood: flooding,
  halfOpen,
};
