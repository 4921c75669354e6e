import { anEstate } from './estate.ts';
import { startTestRouter, type TestRouter, until } from './router.ts';
import type { Topic } from './topic.ts';

export const CHANGES = 'subscription { deviceStatusChanged { cursor } }';

/** A router over the small estate, and what its changes of status do to it. */
export type LiveRouter = {
  router: TestRouter;
  changes: Topic<{ deviceStatusChanged: unknown }>;
  /** Waits until so many upstream subscriptions are open. */
  listening: (count: number) => Promise<unknown>;
  publish: (cursor: number, id?: string, overrides?: Record<string, unknown>) => void;
  /** What the router says under a name of its metrics, labels and all; 0 when it says nothing. */
  metric: (name: string) => Promise<number>;
  /** Waits until the router counts so many subscriptions. */
  open: (count: number) => Promise<void>;
};

export async function startLiveRouter(options: Parameters<typeof startTestRouter>[1] = {}): Promise<LiveRouter> {
  const estate = anEstate();
  const router = await startTestRouter(estate.sources, options);
  const metric: LiveRouter['metric'] = async (name) => {
    const text = await (await fetch(new URL('/metrics', router.url))).text();
    const line = text.split('\n').find((each) => each.startsWith(`${name} `));
    return Number(line?.split(' ').at(-1) ?? 0);
  };
  const open: LiveRouter['open'] = async (count) => {
    const endsAt = performance.now() + 10_000;
    for (;;) {
      const counted = await metric('router_subscriptions_open');
      if (counted === count) return;
      if (performance.now() > endsAt) throw new Error(`${counted} subscriptions are open, and not ${count}`);
    }
  };
  return {
    router,
    changes: estate.changes,
    metric,
    open,
    listening: (count) => until(`${count} upstream subscriptions`, () => estate.changes.listeners === count),
    publish: (cursor, id = 'd1', overrides = {}) =>
      estate.changes.publish({
        deviceStatusChanged: {
          cursor: `${cursor}`,
          device: { __typename: id.startsWith('d') ? 'Display' : 'Speaker', id, name: id },
          to: 'ONLINE',
          ...overrides,
        },
      }),
  };
}
