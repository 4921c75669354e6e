import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { seededRandom } from '@wheelhouse/kit/seeded-random.ts';
import { type ExecutionResult, GraphQLError } from 'graphql';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../testing/router.ts';
import { aLog, cursorAt, matching, positionOf } from '../testing/scripted-log.ts';
import { schemaReloaded } from './endings.ts';
import { Hub, type HubOptions } from './hub.ts';
import { Subscriber } from './subscriber.ts';

const hubs: Hub[] = [];
afterEach(() => {
  for (const hub of hubs.splice(0)) hub.close();
});

function aHub(overrides: Partial<HubOptions> = {}) {
  const log = aLog();
  const ends: string[] = [];
  let processed = 0;
  const hub = new Hub({
    capacity: 100,
    maxSubscriptions: 1_000,
    maxPerCaller: 0,
    maxCatchingUpPerCaller: 0,
    lifetimeMs: 60_000,
    retryForMs: 500,
    onOpened: () => {},
    onEnded: (reason) => ends.push(reason),
    ...overrides,
  });
  hubs.push(hub);
  const subscribe = (after: string | null, options: { who?: string; isShareable?: boolean; delayMs?: number } = {}) =>
    hub.subscribe({
      countedAs: options.who ?? '',
      feedKey: `changed ${options.who ?? ''}`,
      isShareable: options.isShareable ?? true,
      after,
      replays: after !== null,
      projectionKey: 'all',
      projection: {
        fetchesMore: options.delayMs !== undefined,
        process: (events) => {
          processed += events.length;
          const results = events.map(({ data }): ExecutionResult => ({ data: data ?? null }));
          return options.delayMs === undefined ? results : sleep(options.delayMs, results);
        },
      },
      open: log.open,
    });
  const start = (after: string | null, options?: Parameters<typeof subscribe>[1]): Subscriber => {
    const made = subscribe(after, options);
    if (made instanceof Subscriber) return made;
    throw made;
  };
  return { hub, log, ends, start, subscribe, processed: () => processed };
}

const cursorOf = ({ data }: ExecutionResult): number =>
  positionOf((data as { changed: { cursor: string } }).changed.cursor);

/** Reads a stream to its end; `got` grows meanwhile. */
function read(stream: Subscriber, got: number[] = []) {
  const ended = (async (): Promise<unknown> => {
    try {
      for await (const result of stream) got.push(cursorOf(result));
      return null;
    } catch (err) {
      return err;
    }
  })();
  return { got, ended };
}

const codeOf = (err: unknown): unknown => (err instanceof GraphQLError ? err.extensions.code : err);

describe('subscribers that ask for the same', () => {
  it('share one upstream from the first event on', async () => {
    const { log, start } = aHub();
    const readers = [1, 2, 3].map(() => read(start(null)));
    log.append(9);
    for (const { got } of readers) await until('all events', () => got.length === 6);
    expect(log.everOpened()).toBe(1);
    for (const { got } of readers) expect(got).toEqual(matching(0, 9));
  });

  it('share what is made of an event', async () => {
    const { log, start, processed } = aHub();
    const readers = [1, 2, 3].map(() => read(start(null, { delayMs: 1 })));
    log.append(9);
    for (const { got } of readers) await until('all events', () => got.length === 6);
    expect(processed()).toBe(6);
  });

  it('do not share with another caller', async () => {
    const { log, start } = aHub();
    read(start(null, { who: 'ann' }));
    read(start(null, { who: 'bob' }));
    expect(log.opened()).toBe(2);
  });

  it('share once they have caught up, and what they caught up on is kept for the next', async () => {
    const { log, start } = aHub();
    log.append(30);
    const first = read(start(cursorAt(0)));
    await until('the first to catch up', () => first.got.length === 20);
    const second = read(start(cursorAt(12)));
    log.append(3);
    await until('both', () => first.got.at(-1) === 32 && second.got.at(-1) === 32);
    expect(second.got).toEqual(matching(12, 33));
    expect(log.everOpened()).toBe(1);
  });

  it('one that is behind what is kept catches up by itself first, and then lets its upstream go', async () => {
    const { log, start } = aHub({ capacity: 8 });
    log.append(60);
    const live = read(start(null));
    log.append(3);
    await until('the live one', () => live.got.length === 2);
    const late = read(start(cursorAt(10)));
    await until('the late one', () => late.got.at(-1) === 62);
    await until('one upstream', () => log.opened() === 1);
    log.append(3);
    await until('both', () => live.got.at(-1) === 65 && late.got.at(-1) === 65);
    expect(late.got).toEqual(matching(10, 66));
    expect(live.got).toEqual(matching(60, 66));
  });
});

describe('a census', () => {
  it('tells who hears what happens and who catches up, on which upstreams', async () => {
    const { hub, log, start } = aHub({ capacity: 8 });
    log.append(60);
    const live = [read(start(null)), read(start(null))];
    log.append(3);
    for (const { got } of live) await until('the live ones', () => got.length === 2);
    // Nobody reads it: it stays behind, and its upstream is let go until somebody does.
    const late = start(cursorAt(10));
    await until('it to be full', () => hub.census().mostWaiting >= 4);
    await until('its upstream to be let go', () => log.opened() === 1);
    expect(hub.census()).toMatchObject({
      live: 2,
      catchingUp: 1,
      liveUpstreams: 1,
      catchingUpUpstreams: 0,
      delivered: 4,
    });
    const { got } = read(late);
    await until('it to catch up', () => got.at(-1) === 62);
    await until('all to be live', () => hub.census().catchingUp === 0);
    expect(hub.census().kept).toBeLessThanOrEqual(5);
    expect(hub.census()).toMatchObject({
      live: 3,
      catchingUp: 0,
      liveUpstreams: 1,
      catchingUpUpstreams: 0,
      mostWaiting: 0,
      delivered: 4 + matching(10, 62).length,
    });
  });
});

describe('a subscriber', () => {
  it('that leaves frees the upstream at once, and only the last one does', async () => {
    const { log, start } = aHub();
    const [one, other] = [start(null), start(null)];
    const waiting = one.next();
    await one.return();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(log.opened()).toBe(1);
    await other.return();
    expect(log.opened()).toBe(0);
  });

  it('that does not read gets what waits and then SLOW_CONSUMER, and delays nobody', async () => {
    const { log, start, ends } = aHub({ capacity: 10 });
    const slow = start(null);
    const quick = read(start(null));
    for (let round = 0; round < 10; round += 1) {
      log.append(3);
      await until('the quick one', () => quick.got.length === (round + 1) * 2);
    }
    expect(ends).toEqual(['slow']);
    const { got, ended } = read(slow);
    expect(codeOf(await ended)).toBe('SLOW_CONSUMER');
    expect(got).toEqual(matching(0, 15));
  });

  it('that is slow gets what waits also where its fields are still being fetched', async () => {
    const { log, start } = aHub({ capacity: 4 });
    const { got, ended } = read(start(null, { delayMs: 5 }));
    log.append(300);
    expect(codeOf(await ended)).toBe('SLOW_CONSUMER');
    expect(got).toEqual(matching(0, 300).slice(0, got.length));
    expect(got.length).toBeGreaterThanOrEqual(4);
  });

  it('that reads slowly while it catches up holds its upstream back, and misses nothing', async () => {
    const { log, start, ends } = aHub({ capacity: 8 });
    log.append(300);
    const stream = start(cursorAt(0));
    const got: number[] = [];
    for (const _ of matching(0, 300)) {
      const { value } = await stream.next();
      if (value) got.push(cursorOf(value));
      await turn();
    }
    expect(got).toEqual(matching(0, 300));
    expect(ends).toEqual([]);
    expect(log.everOpened()).toBeGreaterThan(1);
  });

  it('notices nothing when its upstream breaks', async () => {
    const { log, start, ends } = aHub();
    const { got } = read(start(null));
    log.append(3);
    await until('the first', () => got.length === 2);
    log.drop();
    log.append(6);
    await until('all', () => got.length === 6);
    expect(got).toEqual(matching(0, 9));
    expect(ends).toEqual([]);
  });

  it('ends when its time is over, and one that came later does not', async () => {
    const { log, start } = aHub({ lifetimeMs: 1_500 });
    const old = read(start(null));
    await sleep(1_000);
    const young = read(start(null));
    expect(codeOf(await old.ended)).toBe('SUBSCRIPTION_LIFETIME_EXCEEDED');
    log.append(1);
    await until('the young one', () => young.got.length === 1);
  });

  it('is refused beyond the limit, and let in when another has left', async () => {
    const { start, subscribe } = aHub({ maxSubscriptions: 2 });
    const [first] = [start(null), start(null)];
    expect(codeOf(subscribe(null))).toBe('TOO_MANY_SUBSCRIPTIONS');
    await first?.return();
    expect(subscribe(null)).toBeInstanceOf(Subscriber);
  });

  it('is told of another schema after what waits for it', async () => {
    const { hub, log, start } = aHub();
    const stream = start(null);
    log.append(2);
    await until('what waits', () => stream.waiting === 2);
    hub.endAll('reload', schemaReloaded());
    const { got, ended } = read(stream);
    expect(codeOf(await ended)).toBe('SUBSCRIPTION_SCHEMA_RELOAD');
    expect(got).toEqual([1, 2]);
    expect(log.opened()).toBe(0);
  });

  it('whose cursor is used for more than the place to begin shares with nobody', async () => {
    const { log, start } = aHub();
    log.append(3);
    read(start(cursorAt(0), { isShareable: false }));
    read(start(cursorAt(0), { isShareable: false }));
    await turn();
    expect(log.opened()).toBe(2);
  });
});

describe.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])('whatever happens (seed %d)', (seed) => {
  it('each subscriber that resumes gets every event behind its cursor once and in order', async () => {
    const random = seededRandom(seed);
    const { log, subscribe } = aHub({ capacity: 12, retryForMs: 200 });
    const total = 400;
    log.append(20);

    const follow = async (from: number, pace: number): Promise<number[]> => {
      const got: number[] = [];
      let last = from;
      while (last < total - 1) {
        const stream = subscribe(cursorAt(last), { delayMs: random() < 0.3 ? 1 : undefined } as { delayMs?: number });
        if (!(stream instanceof Subscriber)) throw stream;
        try {
          for await (const result of stream) {
            last = cursorOf(result);
            got.push(last);
            if (random() < pace) await sleep(random() * 3);
            // A client that goes away and comes back.
            if (last >= total - 1 || random() < 0.01) break;
          }
        } catch (err) {
          if (codeOf(err) !== 'SLOW_CONSUMER' && codeOf(err) !== 'SUBGRAPH_UNAVAILABLE') throw err;
        }
      }
      return got;
    };
    const starts = Array.from({ length: 25 }, () => Math.floor(random() * 20));
    const followers = starts.map((from) => follow(from, random() * 0.5));
    while (log.head() < total) {
      log.append(Math.min(total - log.head(), 1 + Math.floor(random() * 15)));
      if (random() < 0.1) log.drop();
      await sleep(random() * 4);
    }
    for (const [index, follower] of followers.entries()) {
      expect(await follower).toEqual(matching(starts[index] ?? 0, total));
    }
    await until('all upstreams to be freed', () => log.opened() === 0);
  });
});
