import type { ApolloClient } from '@apollo/client';
import { createWheelhouseClient, type WheelhouseClient } from '@wheelhouse/client/client.ts';
import type { Following } from '@wheelhouse/client/follow.ts';
import { print } from 'graphql';
import {
  DeviceStatusPartsFragmentDoc,
  StatusChangesDocument,
  type StatusChangesSubscription,
  StatusCursorDocument,
} from '../generated/data/graphql.ts';
import type { Session } from '../session/session.ts';
import { createStore, type Store } from '../store.ts';
import { keepRecent, type LiveState, nextLive, type StatusChange } from './live-rules.ts';

/** What happens on the estate, as it happens. */
export type Live = {
  state: Store<LiveState>;
  /** Status changes of the last hour that came while this page was open, newest first. */
  recent: Store<readonly StatusChange[]>;
  /** The websocket to the graph, for subscriptions of a page's own (`data/use-followed.ts`); another one after the session was renewed. */
  client: Store<WheelhouseClient>;
  /** Begins after this cursor; it was read before whatever is shown. */
  start: (cursor: string | null) => void;
  stop: () => void;
};

/** Changes that come together are shown together: one pass over the cache, and one over the page. */
const BATCH_MS = 100;
const FOLLOW_AGAIN_MS = 5_000;
/** A connection that died without a word is told as dead within these together: until then the page says that it is live. */
const LIVENESS = { pingIntervalMs: 4_000, pongTimeoutMs: 4_000 };

/**
 * One subscription to all changes of status for the whole page. It resumes by cursor, so that what happened while it was broken comes
 * afterwards; each change is written into the cache, where every list and page finds it.
 */
export function createLive(graph: ApolloClient, session: Session): Live {
  const state = createStore<LiveState>({ phase: 'connecting', since: new Date(), asOf: null });
  const recent = createStore<readonly StatusChange[]>([]);
  const open = (): WheelhouseClient => createWheelhouseClient({ url: '/graphql', liveness: LIVENESS });
  const client = createStore<WheelhouseClient>(open());
  const query = print(StatusChangesDocument);
  /** Those whose session was renewed since; they go on until the next one is live. */
  const superseded = new Set<WheelhouseClient>();
  let current: Following<StatusChangesSubscription> | null = null;
  let cursor: string | null = null;
  let waiting: StatusChange[] = [];
  let batchTimer: ReturnType<typeof setTimeout> | undefined;
  let againTimer: ReturnType<typeof setTimeout> | undefined;
  let isStopped = true;
  const generation = (): number | null => {
    const now = session.state.get();
    return now.phase === 'signedIn' ? now.generation : null;
  };

  const show = (): void => {
    batchTimer = undefined;
    const came = waiting;
    waiting = [];
    graph.cache.batch({
      update: (cache) => {
        for (const { device } of came) {
          const id = device === null ? undefined : cache.identify(device);
          if (device === null || id === undefined) continue;
          cache.writeFragment({
            id,
            fragment: DeviceStatusPartsFragmentDoc,
            fragmentName: 'DeviceStatusParts',
            data: device,
          });
        }
      },
    });
    recent.set(keepRecent(recent.get(), came, Date.now()));
  };
  const readCursor = async (): Promise<string | null> => {
    const { data } = await graph.query({ query: StatusCursorDocument });
    return data?.statusCursor ?? null;
  };

  /** Follows over `over`; when it is live it takes the place of those before, so that a renewed session is no break. */
  function follow(over: WheelhouseClient): void {
    const openedBy = generation();
    const takeOver = (): void => {
      current = stream;
      for (const old of superseded) old.close();
      superseded.clear();
    };
    const stream: Following<StatusChangesSubscription> = over.follow<StatusChangesSubscription>({
      query,
      after: cursor,
      startCursor: readCursor,
      onCursorLost: async () => {
        const fresh = await readCursor();
        await graph.refetchQueries({ include: 'active' });
        return fresh;
      },
      onState: (now) => {
        if (isStopped || client.get() !== over) return;
        if (now.phase === 'live') takeOver();
        if (stream === current) state.set(nextLive(state.get(), now, new Date()));
        // The handshake of the next connection carries the cookie of then: it had better be a good one.
        if (now.reason?.includes('TOKEN_EXPIRED') === true) void session.renewSince(openedBy);
      },
    });
    current ??= stream;
    void take(stream).catch(async () => {
      if (stream !== current || isStopped) return;
      // It was refused for good. What mends that is a renewed session, or time; the state says since when it is not live.
      current = null;
      state.set(nextLive(state.get(), { phase: 'ended', reason: null }, new Date()));
      const isHeld = await session.renewSince(openedBy);
      if (isHeld) againTimer = setTimeout(() => client.get() === over && !isStopped && follow(over), FOLLOW_AGAIN_MS);
    });
  }
  async function take(stream: Following<StatusChangesSubscription>): Promise<void> {
    for await (const { data } of stream) {
      cursor = stream.cursor;
      if (data.deviceStatusChanged === null) continue;
      waiting.push(data.deviceStatusChanged);
      batchTimer ??= setTimeout(show, BATCH_MS);
    }
  }

  const renewed = (): void => {
    if (isStopped || session.state.get().phase !== 'signedIn') return;
    superseded.add(client.get());
    clearTimeout(againTimer);
    client.set(open());
    follow(client.get());
  };

  let unsubscribe = (): void => {};
  return {
    state,
    recent,
    client,
    start: (from) => {
      if (!isStopped) return;
      isStopped = false;
      cursor = from;
      unsubscribe = session.state.subscribe(renewed);
      follow(client.get());
    },
    stop: () => {
      isStopped = true;
      unsubscribe();
      clearTimeout(batchTimer);
      clearTimeout(againTimer);
      for (const each of [...superseded, client.get()]) each.close();
      current = null;
    },
  };
}
