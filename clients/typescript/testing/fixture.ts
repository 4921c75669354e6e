import { afterEach } from 'vitest';
import { WebSocket } from 'ws';
import { type ClientOptions, createWheelhouseClient, type WheelhouseClient } from '../client.ts';
import type { Following } from '../follow.ts';
import type { FollowOptions, FollowState, Gap } from '../follow-options.ts';
import { type LogServer, startLogServer } from './log-server.ts';
import { startProxy, type TestProxy } from './proxy.ts';

export const CHANGED = 'subscription ($after: String) { changed(after: $after) { cursor value } }';
export type Changed = { changed: { cursor: string; value: number } };

/** Waits only as long as a test on loopback must. */
export const QUICK = {
  retry: { baseMs: 20, maxMs: 100, floorMs: 2, stableMs: 10_000 },
  liveness: { confirmAfterMs: 20 },
};

/** A followed subscription, with all that it told. */
export type Watched = {
  stream: Following<Changed>;
  states: FollowState[];
  gaps: Gap[];
  /** The next values. */
  take: (count: number) => Promise<number[]>;
};

/** Servers, proxies and clients that are closed after each test, also when it forgets. */
export function useFixture() {
  const closers: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });
  const own = <T extends { close: () => unknown }>(thing: T): T => {
    closers.push(thing.close);
    return thing;
  };
  return {
    server: async (): Promise<LogServer> => own(await startLogServer()),
    proxy: async (target: string): Promise<TestProxy> => own(await startProxy(target)),
    client: (options: ClientOptions): WheelhouseClient =>
      own(createWheelhouseClient({ webSocketImpl: WebSocket, ...QUICK, ...options })),
  };
}

export function watch(client: WheelhouseClient, options: Partial<FollowOptions<Changed>> = {}): Watched {
  const states: FollowState[] = [];
  const gaps: Gap[] = [];
  const stream = client.follow<Changed>({
    query: CHANGED,
    onState: (state) => states.push(state),
    onGap: (gap) => gaps.push(gap),
    ...options,
  });
  const take = async (count: number): Promise<number[]> => {
    const values: number[] = [];
    while (values.length < count) {
      const { done, value } = await stream.next();
      if (done) throw new Error(`the stream ended after ${values.length} of ${count} events`);
      values.push(value.data.changed.value);
    }
    return values;
  };
  return { stream, states, gaps, take };
}

/** first, first + 1, ... last. */
export const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** Numbers in [0, 1) that are the same for the same seed (mulberry32, public domain). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
