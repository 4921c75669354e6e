// People who have signed in: each with a websocket, a subscription on it and queries now and then. Argument: {url, first, count}. Signs all of
// them in and subscribes, and says how that went; told {ms, everySeconds}, each asks once in that time, and it says how long that took, how late events
// came, and what failed.
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from 'undici';
import { WebSocket } from 'ws';
import { emailOf, PASSWORD } from './house.ts';

export type Clients = { url: string; first: number; count: number; deviceIds: readonly string[] };
export type Mixing = { ms: number; everySeconds: number };
export type Opened = { signInsMs: number; openMs: number; failures: string[] };
export type Mixed = { queryMs: number[]; lateMs: number[]; failures: string[] };

const { url, first, count, deviceIds }: Clients = JSON.parse(process.argv[2] ?? '{}');
const { origin, pathname, port } = new URL(url);
/** Sign-ins and connections under way at the same time. */
const AT_ONCE = 20;
const agent = new Agent({ connections: 64, connect: { localAddress: `127.0.0.${4 + (first % 7)}` } });
const SUBSCRIPTION = 'subscription { deviceStatusChanged { at to device { id name status } } }';
const QUERIES = [
  { query: 'query ($id: ID!) { device(id: $id) { id name site status } }', variables: { id: deviceIds[0] } },
  { query: '{ devices(first: 20) { totalCount nodes { id name site status statusSince stale } } }', variables: {} },
  { query: '{ me { email roles sites } estateSummary { total online offline } }', variables: {} },
];

type Person = { index: number; accessToken: string; socket: WebSocket | null };
const people: Person[] = Array.from({ length: count }, (_, index) => ({
  index: first + index,
  accessToken: '',
  socket: null,
}));
let failures: string[] = [];
let lateMs: number[] = [];
/** What went wrong, by how often: two thousand of one kind are one line. */
const fail = (what: string): void => void failures.push(what.slice(0, 200));

async function post(person: Person, body: unknown): Promise<string> {
  const { index, accessToken } = person;
  const headers = {
    ...{ 'content-type': 'application/json', 'x-forwarded-for': `10.2.${index >> 8}.${index & 255}` },
    ...(accessToken !== '' && { authorization: `Bearer ${accessToken}` }),
  };
  const request = { origin, path: pathname, method: 'POST', headers, body: JSON.stringify(body) } as const;
  return (await agent.request(request)).body.text();
}

async function signIn(person: Person): Promise<void> {
  const query =
    'mutation ($email: String!, $password: String!) { login(email: $email, password: $password) { accessToken userErrors { code } } }';
  const text = await post(person, { query, variables: { email: emailOf(person.index), password: PASSWORD } });
  person.accessToken = /"accessToken":"([^"]+)"/.exec(text)?.[1] ?? '';
  if (person.accessToken === '') fail(`sign-in: ${text}`);
}

/** Resolves when the connection was taken and the subscription sent. */
function subscribe(person: Person): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { index, accessToken } = person;
  // One address has too few ports for all.
  const localAddress = `127.0.0.${11 + (index % 5)}`;
  const headers = { 'x-forwarded-for': `10.2.${index >> 8}.${index & 255}` };
  const options = { perMessageDeflate: false, localAddress, headers };
  const socket = new WebSocket(`ws://127.0.0.1:${port}${pathname}`, 'graphql-transport-ws', options);
  person.socket = socket;
  socket.on('open', () => {
    const payload = { authorization: `Bearer ${accessToken}` };
    socket.send(JSON.stringify({ type: 'connection_init', payload }));
  });
  socket.on('message', (data) => {
    const text = String(data);
    if (text.includes('"type":"next"') && !text.includes('"errors"')) {
      lateMs.push(Date.now() - Date.parse(/"at":"([^"]+)"/.exec(text)?.[1] ?? ''));
    } else if (text.includes('connection_ack')) {
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: SUBSCRIPTION } }));
      resolve();
    } else if (text.includes('"type":"ping"')) socket.send('{"type":"pong"}');
    else fail(`stream: ${text}`);
  });
  socket.on('error', (err) => {
    fail(`connection: ${err.message}`);
    resolve();
  });
  socket.on('close', (code) => {
    fail(`connection closed with ${code}`);
    resolve();
  });
  return promise;
}

async function forAll(work: (person: Person) => Promise<void>): Promise<number> {
  const startedAtMs = performance.now();
  const waiting = [...people];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return performance.now() - startedAtMs;
}

async function mix({ ms, everySeconds }: Mixing): Promise<Mixed> {
  [failures, lateMs] = [[], []];
  const queryMs: number[] = [];
  const askOnce = async (turn: number, dueAtMs: number): Promise<void> => {
    const [person, question] = [people[turn % count], QUERIES[turn % QUERIES.length]];
    if (person === undefined || question === undefined) return;
    try {
      const text = await post(person, question);
      if (text.includes('"errors"')) fail(`query: ${text}`);
    } catch (err) {
      fail(`query: ${err}`);
    }
    queryMs.push(performance.now() - dueAtMs);
  };
  const startedAtMs = performance.now();
  const perMs = count / (everySeconds * 1_000);
  const all: Promise<void>[] = [];
  for (let turn = 0; turn < ms * perMs; turn += 1) {
    const dueAtMs = startedAtMs + turn / perMs;
    const waitMs = dueAtMs - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    all.push(askOnce(turn, dueAtMs));
  }
  await Promise.all(all);
  return { queryMs, lateMs, failures };
}

const signInsMs = await forAll(signIn);
const openMs = await forAll(subscribe);
process.on('message', async (order: Mixing) => process.send?.(await mix(order)));
process.on('disconnect', () => process.exit(0));
process.send?.({ signInsMs, openMs, failures } satisfies Opened);
