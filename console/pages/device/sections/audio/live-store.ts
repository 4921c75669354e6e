import type { FollowState } from '@wheelhouse/client/follow-options.ts';
import type { AudioControlsLiveSubscription } from '../../../../generated/device/sections/audio/graphql.ts';
import { createStore, type Store } from '../../../../store.ts';
import type { Reading } from './control-rules.ts';

export type LiveEvent = NonNullable<AudioControlsLiveSubscription['audioControlsChanged']>;
/** How the values stand to what is, as far as the Core is concerned. `asOf` is null while it tells, and before it ever did. */
export type Telling = { isLive: boolean; problem: string | null; asOf: string | null };

/** What controls of a component say, one store for each: a value that changes turns its own row, and nothing around it. */
export type LiveStore = {
  of: (name: string) => Store<Reading | 'missing' | null>;
  telling: Store<Telling | null>;
  /** When the last event came, in ms since the epoch; null before the first. */
  lastAt: () => number | null;
  take: (event: LiveEvent, now: number) => void;
};

const isSame = (a: Reading | 'missing' | null, b: Reading): boolean =>
  a !== null && a !== 'missing' && a.value === b.value && a.string === b.string && a.position === b.position;

export function createLiveStore(): LiveStore {
  const stores = new Map<string, Store<Reading | 'missing' | null>>();
  const telling = createStore<Telling | null>(null);
  let last: number | null = null;
  const of = (name: string): Store<Reading | 'missing' | null> => {
    const store = stores.get(name) ?? createStore<Reading | 'missing' | null>(null);
    stores.set(name, store);
    return store;
  };
  return {
    of,
    telling,
    lastAt: () => last,
    take: (event, now) => {
      last = now;
      for (const { name, value, string, position, measuredAt } of event.values) {
        const reading = { value, string, position, measuredAt };
        const store = of(name);
        // The time alone turns nothing; it is taken with the next value.
        if (!isSame(store.get(), reading)) store.set(reading);
      }
      for (const { name } of event.missing) if (name !== null) of(name).set('missing');
      const next = { isLive: event.live, problem: event.problem, asOf: event.live ? null : event.asOf };
      const before = telling.get();
      if (before?.isLive !== next.isLive || before.problem !== next.problem || before.asOf !== next.asOf)
        telling.set(next);
    },
  };
}

/** Whether values are live, in a word, and as of when they are where they are not. */
export type Freshness = {
  phase: 'live' | 'connecting' | 'reconnecting' | 'ended' | 'coreSilent';
  asOf: string | number | null;
  reason: string | null;
};

/** What holds of the road to the page and of the Core together. @param lastAt when the last event came, in ms since the epoch */
export function freshnessOf(
  follow: Pick<FollowState, 'phase' | 'reason'> | null,
  telling: Telling | null,
  lastAt: number | null,
): Freshness {
  const phase = follow?.phase ?? 'connecting';
  if (phase === 'reconnecting' || phase === 'ended')
    return { phase, asOf: telling?.asOf ?? lastAt, reason: follow?.reason ?? null };
  if (telling === null || phase === 'connecting') return { phase: 'connecting', asOf: null, reason: null };
  return telling.isLive
    ? { phase: 'live', asOf: null, reason: null }
    : { phase: 'coreSilent', asOf: telling.asOf, reason: telling.problem };
}
