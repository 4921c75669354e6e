import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClientOptions, createWheelhouseClient } from '@wheelhouse/client/client.ts';
import { readCursor } from '@wheelhouse/kit/cursor-log.ts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type Estate, startEstate } from '../bench/stream/processes.ts';
import { PLAIN } from '../bench/stream/sdl.ts';
import { ask } from '../bench/support/programs.ts';
import { eventually } from './harness.ts';

const OTHERS = 6;
const PADDING_BYTES = 8_000;
/** Events a second. */
const RATE = 500;
const SECONDS = 8;
/** Much more than delays vary by on a busy machine; whoever waited for the slow one would wait until it reads again, for ever. */
const DELAY_FACTOR = 3;
const DELAY_SLACK_MS = 1_000;
/** Between the thousand events that may wait for it and the four thousand that come while it does not read. */
const GROWTH_LIMIT_MB = (0.6 * RATE * SECONDS * PADDING_BYTES) / 2 ** 20;
const LOOK_MS = 300;
const SETTLED_MB = 2;

type Changed = { changed: { cursor: string; at: string } };
type Reader = { positions: number[]; delaysMs: number[]; reasons: (string | null)[]; close: () => void };

let estate: Estate;
let router: Awaited<ReturnType<Estate['startRouter']>>;
beforeAll(async () => {
  estate = await startEstate({ paddingBytes: PADDING_BYTES });
  // The slow one answers no ping, and is to be closed for its slowness.
  router = await estate.startRouter(0, { ROUTER_KEEPALIVE_MS: '120000' });
});
afterAll(() => estate.close());

/** Follows the log from its present end on. */
function openReader(options: Partial<ClientOptions> = {}): Reader {
  const client = createWheelhouseClient({ url: router.url, webSocketImpl: WebSocket, ...options });
  const reader: Reader = { positions: [], delaysMs: [], reasons: [], close: () => client.close() };
  const stream = client.follow<Changed>({
    query: PLAIN,
    startCursor: async () => (await client.query<{ cursor: string }>('{ cursor }')).data.cursor,
    onState: ({ reason }) => reader.reasons.push(reason),
  });
  (async () => {
    for await (const { data } of stream) {
      reader.positions.push(readCursor(data.changed.cursor)?.position ?? -1);
      reader.delaysMs.push(Date.now() - Number(data.changed.at));
    }
  })().catch((err: unknown) => reader.reasons.push(String(err)));
  return reader;
}

const append = async (count: number): Promise<number> =>
  (await ask<{ appended: number }>(estate.log, { append: count })).appended;
const has = (position: number) => (reader: Reader) => reader.positions.at(-1) === position;

/** What the router needs when its garbage has been collected and given back, which takes it a few looks. */
async function residentMb(): Promise<number> {
  const look = async (): Promise<number> => {
    process.kill(router.pid, 'SIGUSR2');
    await sleep(LOOK_MS);
    return Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${router.pid}/status`, 'utf8'))?.[1]) / 1_024;
  };
  const looks = [await look()];
  return eventually('its memory settles', async () => {
    looks.push(await look());
    const [earlier = 0, last = 0] = looks.slice(-2);
    return last > earlier - SETTLED_MB && Math.min(...looks);
  });
}

it('one that stops reading is closed with SLOW_CONSUMER and has all in the end; others and memory do not feel it', async () => {
  const others = Array.from({ length: OTHERS }, () => openReader());
  const flood = async (): Promise<number> => {
    for (const other of others) other.delaysMs = [];
    const { appended } = await ask<{ appended: number }>(estate.log, { rate: RATE, seconds: SECONDS });
    await eventually('the others have all', () => others.every(has(appended)));
    const delays = others.flatMap(({ delaysMs }) => delaysMs).toSorted((one, other) => one - other);
    return delays[Math.floor(delays.length * 0.95)] ?? 0;
  };
  await eventually('all listen', async () => {
    await append(1);
    return others.every(({ positions }) => positions.length > 0);
  });
  const delayWithoutMs = await flood();
  const residentBeforeMb = await residentMb();

  const sockets: WebSocket[] = [];
  class HeldSocket extends WebSocket {
    constructor(address: string, protocols?: string | string[]) {
      super(address, protocols);
      sockets.push(this);
    }
  }
  const slow = openReader({ webSocketImpl: HeldSocket, liveness: { pingIntervalMs: 120_000 } });
  await eventually('it listens, too', async () => {
    await append(1);
    return slow.positions.length > 0;
  });
  const [held] = sockets;
  held?.pause();
  const delayWithMs = await flood();
  const metrics = async (): Promise<string> => (await fetch(new URL('/metrics', router.url))).text();
  await eventually('it is closed', async () =>
    (await metrics()).includes('router_subscriptions_ended_total{reason="slow"} 1'),
  );
  expect(await residentMb()).toBeLessThan(residentBeforeMb + GROWTH_LIMIT_MB);
  expect(delayWithMs).toBeLessThan(delayWithoutMs * DELAY_FACTOR + DELAY_SLACK_MS);

  held?.resume();
  const end = await append(1);
  await eventually('it has the last one', () => has(end)(slow));
  expect(slow.reasons.filter((reason) => reason?.includes('More than 1000 events waited'))).toHaveLength(1);
  for (const { positions } of [slow, ...others]) {
    const [first = 0] = positions;
    expect(positions).toEqual(Array.from({ length: end - first + 1 }, (_, index) => first + index));
  }
  expect(await residentMb()).toBeLessThan(residentBeforeMb + GROWTH_LIMIT_MB);
  for (const { close } of [slow, ...others]) close();
}, 120_000);
