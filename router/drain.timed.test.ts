import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { connectClient } from './testing/client.ts';
import { compose, until } from './testing/router.ts';
import { type SubgraphSource, startSubgraph, type TestSubgraph } from './testing/subgraph.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
const DRAIN_MS = 3_000;
/** What ending takes besides, on a busy machine. */
const SLACK_MS = 2_000;

/** A service whose answers the test gives. */
const asked: { answer: (text: string) => void }[] = [];
const SLOW: SubgraphSource = {
  name: 'slow',
  typeDefs: 'type Query { slow(n: Int): String }',
  resolvers: { Query: { slow: () => new Promise<string>((answer) => asked.push({ answer })) } },
};

let folder: string;
let file: string;
let subgraph: TestSubgraph;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'router-'));
  file = join(folder, 'supergraph.graphql');
  subgraph = await startSubgraph(SLOW);
  await writeFile(
    file,
    compose([SLOW], () => subgraph.url),
  );
});
afterAll(async () => {
  await subgraph.close();
  await rm(folder, { recursive: true });
});

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  asked.length = 0;
});

/** The router as a process of its own. */
async function startRouter() {
  const child = spawn(process.execPath, [MAIN, '--supergraph', file, '--port', '0'], {
    env: { PATH: process.env.PATH, LOG_LEVEL: 'error', ROUTER_DRAIN_MS: `${DRAIN_MS}` },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  closers.push(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  const url = await until('the address', () => /http:\S+/.exec(text)?.[0] ?? null, 20_000);
  const query = async (n: number): Promise<{ status: number; body: unknown }> => {
    const body = JSON.stringify({ query: `{ slow(n: ${n}) }` });
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    return { status: response.status, body: await response.json() };
  };
  return {
    url,
    query,
    /** Tells it to stop; resolves with how long it took, and its exit code. */
    stop: async (): Promise<{ exitCode: number; tookMs: number }> => {
      const startedAt = performance.now();
      child.kill('SIGTERM');
      const [exitCode] = await exited;
      return { exitCode, tookMs: performance.now() - startedAt };
    },
  };
}

/** A websocket that answers nothing any more, not even a close. */
async function openSilentSocket(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws');
  closers.push(() => socket.terminate());
  socket.on('error', () => {});
  await once(socket, 'open');
  socket.pause();
  return socket;
}

/** What comes of a new websocket: the status that it is refused with, or `open`. */
async function tryWebSocket(url: string): Promise<number | string> {
  const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws');
  const { promise, resolve } = Promise.withResolvers<number | string>();
  socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
  socket.once('open', () => resolve('open'));
  socket.on('error', (err) => resolve('code' in err ? String(err.code) : err.message));
  const outcome = await promise;
  socket.terminate();
  return outcome;
}

const codeOf = (err: unknown): unknown =>
  err instanceof Error && 'cause' in err ? (err.cause as { code?: unknown }).code : err;

describe('a router that is told to stop', () => {
  it('answers what it was asked, says that it is not ready, and takes nothing new', async () => {
    const { url, query, stop } = await startRouter();
    const answered = query(1);
    await until('the service is asked', () => asked.length === 1);
    const client = connectClient(url);
    closers.push(client.close);
    const overWebSocket = client.start('{ slow(n: 2) }');
    await until('the service is asked again', () => asked.length === 2);
    await openSilentSocket(url);
    const stopped = stop();
    const ready = async (): Promise<unknown> => {
      const response = await fetch(new URL('/health/ready', url)).catch((err: unknown) => codeOf(err));
      return response instanceof Response ? [response.status, await response.json()] : response;
    };
    await expect.poll(ready).toEqual([503, { status: 'unready', reason: 'stopping' }]);
    expect(await tryWebSocket(url)).toBe(503);
    asked[1]?.answer('over a websocket');
    expect(await overWebSocket.take(1)).toEqual([{ data: { slow: 'over a websocket' } }]);
    // The silent one is cut after a while, and then nobody listens any more.
    await expect.poll(ready, { timeout: 40_000 }).toBe('ECONNREFUSED');
    expect(await tryWebSocket(url)).toBe('ECONNREFUSED');
    asked[0]?.answer('late, and whole');
    expect(await answered).toEqual({ status: 200, body: { data: { slow: 'late, and whole' } } });
    expect(await stopped).toMatchObject({ exitCode: 0 });
  });

  it('is gone within its limit whatever does not end, and at once when nothing is under way', async () => {
    const busy = await startRouter();
    const never = [1, 2].map((n) => busy.query(n).catch((err: unknown) => codeOf(err)));
    const client = connectClient(busy.url);
    closers.push(client.close);
    client.start('{ slow(n: 3) }');
    await until('the service is asked', () => asked.length === 3);
    await openSilentSocket(busy.url);
    const { exitCode, tookMs } = await busy.stop();
    expect(exitCode).toBe(0);
    expect(tookMs).toBeGreaterThan(DRAIN_MS * 0.9);
    expect(tookMs).toBeLessThan(DRAIN_MS + SLACK_MS);
    expect(await Promise.all(never)).toEqual(['UND_ERR_SOCKET', 'UND_ERR_SOCKET']);
    const idle = await startRouter();
    const { tookMs: idleMs } = await idle.stop();
    expect(idleMs).toBeLessThan(DRAIN_MS);
  });
});
