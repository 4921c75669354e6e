import { GraphQLError } from 'graphql';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../testing/router.ts';
import { aLog, cursorAt, matching } from '../testing/scripted-log.ts';
import { Hub } from './hub.ts';
import { Subscriber } from './subscriber.ts';
import { windowOf } from './windows.ts';

const CAPACITY = 1_000;
const ROWS = 3_000;
const hubs: Hub[] = [];
afterEach(() => {
  for (const hub of hubs.splice(0)) hub.close();
});

function aHub(maxCatchingUpPerCaller = 0) {
  const log = aLog();
  log.append(ROWS);
  const hub = new Hub({
    ...{ capacity: CAPACITY, maxSubscriptions: 10_000, maxPerCaller: 0, maxCatchingUpPerCaller },
    ...{ lifetimeMs: 600_000, retryForMs: 500, onOpened: () => {}, onEnded: () => {} },
  });
  hubs.push(hub);
  let selections = 0;
  /** Streams of a selection of their own, unless it is given. */
  const subscribe = (
    countedAs: string,
    after: string | null,
    { selection = `${selections++}`, isShareable = true, replays = after !== null } = {},
  ) =>
    hub.subscribe({
      ...{ countedAs, feedKey: 'changed', isShareable, after, replays, projectionKey: selection, open: log.open },
      projection: { fetchesMore: false, process: (events) => events.map(({ data }) => ({ data: data ?? null })) },
    });
  const start = (...args: Parameters<typeof subscribe>): Subscriber => {
    const made = subscribe(...args);
    if (made instanceof Subscriber) return made;
    throw made;
  };
  const held = (streams: readonly Subscriber[]) =>
    hub.census().kept + streams.reduce((sum, { waiting }) => sum + waiting, 0);
  return { hub, log, subscribe, start, held };
}

const many = (count: number, start: () => Subscriber): Subscriber[] => Array.from({ length: count }, start);
/** Takes all of the log that is there, one by one. */
async function readAll(stream: Subscriber): Promise<number> {
  for (let count = 0; count < matching(0, ROWS).length; count += 1) await stream.next();
  return stream.waiting;
}

describe('what may wait for a stream that has its events for itself', () => {
  it.each([
    { streams: 0, window: 500 },
    { streams: 20, window: 500 },
    { streams: 21, window: 476 },
    { streams: 625, window: 16 },
    { streams: 50_000, window: 16 },
  ])('is $window events where its caller has $streams of them', ({ streams, window }) => {
    expect(windowOf(CAPACITY, streams)).toBe(window);
  });

  it('is never more than half of what may wait for a subscriber', () => {
    expect([windowOf(8, 1), windowOf(8, 1_000), windowOf(1, 1)]).toEqual([4, 4, 1]);
  });
});

describe('many streams of one caller that come back with an old cursor and are not read', () => {
  it('hold together what twenty of them would, and another caller catches up meanwhile', async () => {
    const { log, start, held } = aHub();
    const streams = many(300, () => start('ann', cursorAt(0)));
    await until('their upstreams to be let go', () => log.opened() === 0, 30_000);
    // 300 x (500 that wait and 500 that are kept) before there was a bound.
    expect(held(streams)).toBeLessThanOrEqual(25_000);
    const bob = start('bob', cursorAt(0));
    expect(await readAll(bob)).toBe(0);
  });

  it('hold no more where the cursor stands in the text of the operation, and keep nothing for others', async () => {
    const { hub, log, start, held } = aHub();
    // The log begins at its end without a cursor: rows come once they are there.
    const streams = many(300, () => start('ann', null, { isShareable: false, replays: true }));
    await until('all upstreams', () => log.opened() === 300);
    log.append(ROWS);
    await until('their upstreams to be let go', () => log.opened() === 0, 30_000);
    expect(held(streams)).toBeLessThanOrEqual(12_500);
    expect(hub.census().kept).toBe(0);
  });

  it('are not given all at once what a live one keeps, but where they share what is made of it', async () => {
    const { log, start, held } = aHub();
    const live = start('bob', null, { selection: 'shared' });
    log.append(600);
    await until('the live one', () => live.waiting === matching(0, 600).length);
    const second = cursorAt(ROWS + 1);
    const streams = many(300, () => start('ann', second, { selection: 'shared' }));
    expect(streams.every(({ waiting }) => waiting === live.waiting - 1)).toBe(true);
    expect(log.everOpened()).toBe(1);
    const own = many(300, () => start('ann', second));
    await until('their upstreams to be let go', () => log.opened() === 1, 30_000);
    expect(held(own)).toBeLessThanOrEqual(45_000);
  });
});

describe('of streams that catch up, one caller', () => {
  const codeOf = (made: unknown) => (made instanceof GraphQLError ? made.extensions : null);
  const REFUSED = { code: 'TOO_MANY_SUBSCRIPTIONS', limit: 2 };

  it('may have so many at a time, and others, and live ones, are not counted', async () => {
    const { log, subscribe, start } = aHub(2);
    const [first] = many(2, () => start('ann', cursorAt(0), { isShareable: false }));
    const refused = subscribe('ann', cursorAt(0));
    expect(codeOf(refused)).toMatchObject(REFUSED);
    expect(String(refused)).toContain('2 of your subscriptions still catch up');
    expect(codeOf(subscribe('ann', null, { isShareable: false, replays: true }))).toMatchObject(REFUSED);
    start('bob', cursorAt(0));
    start('ann', null);
    await first?.return();
    start('ann', cursorAt(0), { isShareable: false });
    expect(log.opened()).toBe(4);
  });

  it('may have another when one has caught up', async () => {
    const { hub, subscribe, start } = aHub(2);
    const [first] = many(2, () => start('ann', cursorAt(0), { isShareable: false }));
    expect(codeOf(subscribe('ann', cursorAt(0)))).toMatchObject(REFUSED);
    if (first !== undefined) await readAll(first);
    await until('one to be live', () => hub.census().live === 1);
    start('ann', cursorAt(0));
    expect(codeOf(subscribe('ann', cursorAt(0)))).toMatchObject(REFUSED);
  });
});
