import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import type { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { connectClient, type Subscription } from '../testing/client.ts';
import { frame, INIT, message, openRawWebSocket, PING, TEXT } from '../testing/raw-websocket.ts';
import { until } from '../testing/router.ts';

const MIB = 1024 * 1024;
const HUGE_BYTES = 100 * MIB;
/** Frames and bodies end at 4 MiB; garbage that is not collected yet comes on top. */
const MAX_GROWTH_BYTES = 60 * MIB;
/** Work that was refused leaves garbage of its own: some hundred thousand operations of it. */
const MAX_FLOOD_GROWTH_BYTES = 200 * MIB;
const BLOCK = Buffer.alloc(MIB, 'x');

type Memory = { bytes: number; peakBytes: number };

let child: ChildProcess;
let url: string;
let good: { query: () => Subscription; close: () => unknown };

const memory = async (): Promise<Memory> => {
  child.send('memory');
  const [answer] = await once(child, 'message');
  return answer;
};

beforeAll(async () => {
  // Left alone, V8 lets what is young grow by 128 MiB before it collects: what is kept would be hidden below that.
  const execArgv = ['--max-semi-space-size=16'];
  child = fork(new URL('../testing/router-process.ts', import.meta.url), { stdio: 'inherit', execArgv });
  [{ url }] = await once(child, 'message');
  const client = connectClient(url);
  good = { query: () => client.start('{ devices { name changeCount } }'), close: client.close };
  // What is loaded and compiled with the first use is no growth.
  await good.query().take(1);
  await sendHuge(async () => (await openRawWebSocket(url)).socket, 4 * MIB);
});
afterAll(async () => {
  await good.close();
  const ended = once(child, 'exit');
  child.disconnect();
  await ended;
});

/** Writes blocks until so many bytes have gone or nobody takes them any more. */
async function sendHuge(open: () => Promise<Writable>, bytes = HUGE_BYTES, block: Buffer = BLOCK): Promise<void> {
  const stream = await open();
  const closed = new AbortController();
  stream.once('close', () => closed.abort());
  stream.on('error', () => closed.abort());
  let sent = 0;
  while (sent < bytes && !closed.signal.aborted) {
    sent += block.length;
    if (!stream.write(block)) await once(stream, 'drain', { signal: closed.signal }).catch(() => {});
  }
  stream.destroy();
}

/** How much the router has grown at most while something was done, with its other clients served meanwhile and after. */
async function growthDuring(action: () => Promise<unknown>): Promise<number> {
  const { bytes } = await memory();
  await Promise.all([action(), good.query().take(1)]);
  const { peakBytes } = await memory();
  expect(await good.query().take(1)).toMatchObject([{ data: { devices: [{ name: 'Hall' }, {}, {}] } }]);
  return peakBytes - bytes;
}

/** A POST whose body is still to be written. */
function startPost(accept: string, headers: Record<string, string> = {}) {
  const asking = request(url, {
    method: 'POST',
    agent: false,
    // Else the router would close behind its answer, and the answer may be lost with what it has not read.
    headers: { accept, 'content-type': 'application/json', connection: 'keep-alive', ...headers },
  });
  let status: number | null = null;
  asking.on('response', (response) => {
    status = response.statusCode ?? 0;
    response.resume().once('end', () => asking.destroy());
  });
  asking.on('error', () => {});
  return { asking, status: () => status };
}

describe('100 MB', () => {
  it('in one frame are closed with 1009, and nothing of them is kept', async () => {
    const raw = await openRawWebSocket(url);
    raw.socket.write(INIT);
    const growth = await growthDuring(async () => {
      raw.socket.write(frame(TEXT, '', { saysBytes: HUGE_BYTES }));
      await sendHuge(() => Promise.resolve(raw.socket));
    });
    expect(await until('the close', raw.end)).toBe(1009);
    expect(growth).toBeLessThan(MAX_GROWTH_BYTES);
  });

  it('in frames of 1 MiB that make one message are closed with 1009', async () => {
    const raw = await openRawWebSocket(url);
    raw.socket.write(INIT);
    const growth = await growthDuring(async () => {
      raw.socket.write(frame(TEXT, '', { isFinal: false }));
      await sendHuge(() => Promise.resolve(raw.socket), HUGE_BYTES, frame(0, BLOCK, { isFinal: false }));
    });
    expect(await until('the close', raw.end)).toBe(1009);
    expect(growth).toBeLessThan(MAX_GROWTH_BYTES);
  });

  it.each<[what: string, accept: string, headers: Record<string, string>]>([
    ['server-sent events, with their length', 'text/event-stream', { 'content-length': `${HUGE_BYTES}` }],
    ['server-sent events, in chunks', 'text/event-stream', { 'transfer-encoding': 'chunked' }],
    ['JSON, in chunks', 'application/json', { 'transfer-encoding': 'chunked' }],
  ])('as the body of a request for %s, are refused with 413', async (_what, accept, headers) => {
    const { asking, status } = startPost(accept, headers);
    const growth = await growthDuring(() => sendHuge(() => Promise.resolve(asking)));
    expect(await until('the answer', status)).toBe(413);
    expect(growth).toBeLessThan(MAX_GROWTH_BYTES);
  });
});

describe('a client that asks and asks and reads nothing', () => {
  /** Asks without reading until nothing more is taken for half a second, while other clients are answered in milliseconds. */
  async function flood(ask: (id: number) => Buffer) {
    const raw = await openRawWebSocket(url);
    onTestFinished(() => void raw.socket.destroy());
    raw.socket.write(INIT);
    await until('connection_ack', () => raw.messages.length === 1);
    raw.socket.pause();
    let id = 0;
    const nextBlock = (): Buffer => {
      const asked: Buffer[] = [];
      for (let bytes = 0; bytes < MIB; bytes += asked.at(-1)?.length ?? MIB) asked.push(ask(++id));
      return Buffer.concat(asked);
    };
    const isTaken = () =>
      new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(false), 500);
        raw.socket.once('drain', () => {
          clearTimeout(timer);
          resolve(true);
        });
      });
    const growth = await growthDuring(async () => {
      for (let blocks = 0; raw.socket.write(nextBlock()) || (await isTaken()); blocks += 1) {
        if (blocks === 50) throw new Error('all was taken');
      }
    });
    raw.socket.resume();
    return { raw, growth };
  }

  it.each<[what: string, ask: (id: number) => Buffer]>([
    ['pings of the protocol', () => message({ type: 'ping', payload: { x: 'x'.repeat(1_000) } })],
    [
      'operations that are refused',
      (id) => message({ id: `${id}`, type: 'subscribe', payload: { query: '{ nope }' } }),
    ],
    ['queries', (id) => message({ id: `${id}`, type: 'subscribe', payload: { query: '{ echo }' } })],
  ])('with %s, is not read any more, until it reads', async (_what, ask) => {
    const { raw, growth } = await flood(ask);
    expect(growth).toBeLessThan(MAX_FLOOD_GROWTH_BYTES);
    if (raw.socket.writableNeedDrain) await once(raw.socket, 'drain');
    expect(raw.end()).toBeNull();
  });

  it('with pings of the websocket, is cut', async () => {
    const { raw, growth } = await flood(() => frame(PING, 'x'.repeat(125)));
    expect(growth).toBeLessThan(MAX_GROWTH_BYTES);
    expect(await until('the end', raw.end)).toBe('cut');
  });
});
