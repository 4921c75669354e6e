import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { until } from './router.ts';

export type Event = {
  data?: unknown;
  errors?: readonly { message: string; path?: unknown; extensions?: Record<string, unknown> }[];
};
export type Subscription = {
  events: Event[];
  /** What ended it: null while it runs. */
  ended: () => 'complete' | { error: unknown } | null;
  /** The next events up to `count` of them. */
  take: (count: number) => Promise<Event[]>;
  stop: () => void;
};

/** A graphql-transport-ws client as browsers have it. */
export function connectClient(url: string, connectionParams: Record<string, unknown> = {}) {
  const client: Client = createClient({
    url: url.replace(/^http/, 'ws'),
    webSocketImpl: WebSocket,
    connectionParams,
    retryAttempts: 0,
    onNonLazyError: () => {},
  });
  const start = (query: string, variables: Record<string, unknown> = {}): Subscription => {
    const events: Event[] = [];
    let end: ReturnType<Subscription['ended']> = null;
    let taken = 0;
    const stop = client.subscribe(
      { query, variables },
      {
        next: (event) => events.push(event as Event),
        error: (error) => {
          end = { error };
        },
        complete: () => {
          end ??= 'complete';
        },
      },
    );
    return {
      events,
      ended: () => end,
      take: async (count) => {
        await until(`${count} events`, () => events.length >= taken + count);
        taken += count;
        return events.slice(taken - count, taken);
      },
      stop,
    };
  };
  return { start, close: () => client.dispose() };
}
