import { STATE_CURSOR } from '@wheelhouse/kit/state-stream.ts';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../testing/router.ts';
import { Hub } from './hub.ts';
import { Subscriber } from './subscriber.ts';
import { UpstreamLostError, type UpstreamSink } from './upstream.ts';

const hubs: Hub[] = [];
afterEach(() => {
  for (const hub of hubs.splice(0)) hub.close();
});

/** A service that tells a number, which is there when it is asked, and then each change of it. */
function aState() {
  let now = 0;
  const sinks = new Set<UpstreamSink>();
  const told = { opened: 0 };
  const tell = (sink: UpstreamSink): void => sink.event({ data: { now } }, STATE_CURSOR);
  const open = (_after: string | null, sink: UpstreamSink): (() => void) => {
    told.opened += 1;
    sinks.add(sink);
    queueMicrotask(() => sinks.has(sink) && tell(sink));
    return () => void sinks.delete(sink);
  };
  const become = (next: number): void => {
    now = next;
    for (const sink of sinks) tell(sink);
  };
  const lose = (): void => {
    for (const sink of sinks) sink.end(new UpstreamLostError('state'));
  };
  return { told, open, become, lose, listeners: () => sinks.size };
}

function subscribe(state: ReturnType<typeof aState>, capacity = 1_000): Subscriber {
  const hub = new Hub({
    ...{
      capacity,
      maxSubscriptions: 10,
      maxPerCaller: 0,
      maxCatchingUpPerCaller: 0,
      lifetimeMs: 60_000,
      retryForMs: 2_000,
    },
    ...{ onOpened: () => {}, onEnded: () => {} },
  });
  hubs.push(hub);
  const made = hub.subscribe({
    ...{
      countedAs: 'caller',
      feedKey: 'now',
      isShareable: false,
      after: null,
      replays: false,
      projectionKey: 'all',
      open: state.open,
    },
    projection: { fetchesMore: false, process: (events) => events.map(({ data }) => ({ data: data ?? null })) },
  });
  if (made instanceof Subscriber) return made;
  throw made;
}

describe('a subscriber to a state', () => {
  it('that is slow is told the present instead of all that it missed, and is not ended', async () => {
    const state = aState();
    const subscriber = subscribe(state);
    expect(await subscriber.next()).toMatchObject({ value: { data: { now: 0 } } });
    for (let i = 1; i <= 5_000; i++) state.become(i);
    expect(subscriber.waiting).toBeLessThan(10);
    expect(state.listeners()).toBe(0);
    const got: unknown[] = [];
    while (got.at(-1) !== 5_000) got.push((await subscriber.next()).value?.data?.now);
    expect(got.length).toBeLessThan(12);
    state.become(5_001);
    expect(await subscriber.next()).toMatchObject({ value: { data: { now: 5_001 } } });
  });

  it('goes on with the present when the service was away', async () => {
    const state = aState();
    const subscriber = subscribe(state);
    await subscriber.next();
    state.lose();
    state.become(7);
    expect(await subscriber.next()).toMatchObject({ value: { data: { now: 7 } } });
    expect(state.told.opened).toBe(2);
  });

  it('frees the service when it leaves, also while it is slow', async () => {
    const state = aState();
    const subscriber = subscribe(state, 4);
    await subscriber.next();
    for (let i = 1; i <= 10; i++) state.become(i);
    await subscriber.return();
    await until('nobody listens', () => state.listeners() === 0);
    expect(state.told.opened).toBe(1);
  });
});
