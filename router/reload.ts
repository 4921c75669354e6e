import type { Logger } from '@wheelhouse/kit/logger.ts';
import { createServing, type Serving, type ServingOptions } from './serving.ts';

/** How long operations of the old supergraph are planned for the new one. */
const WARM_LIMIT_MS = 3_000;

export type Reloading = {
  /** What serves new operations now. */
  current: () => Serving;
  /**
   * Puts another supergraph in the place of the one that is served, at once and whole. Operations under way end on the old one;
   * its subscriptions end with SUBSCRIPTION_SCHEMA_RELOAD. Of several calls under way, the last one given is what stays.
   *
   * @returns false when it is the one that is served
   * @throws SupergraphRefusedError when it can't be served as meant: then nothing changes
   */
  reload: (sdl: string) => Promise<boolean>;
  close: () => Promise<void>;
};

/** @throws SupergraphRefusedError when the first supergraph can't be served as meant */
export async function startReloading(
  options: ServingOptions & { logger: Logger; drainMs: number },
): Promise<Reloading> {
  const { logger, drainMs, metrics } = options;
  let current = await createServing(options);
  let retiring = new Set<Promise<void>>();
  let queue: Promise<unknown> = Promise.resolve();
  let isClosed = false;

  const swap = async (sdl: string): Promise<boolean> => {
    if (isClosed || sdl === current.engine.sdl) return false;
    const startedAt = performance.now();
    const next = await createServing({ ...options, sdl });
    const warmed = await next.warm(current.engine.recentPlans(), WARM_LIMIT_MS);
    const old = current;
    current = next;
    const retired = old
      .retire(drainMs)
      .catch((err: unknown) => logger.warn({ err }, 'the old supergraph did not retire as it should'))
      .finally(() => retiring.delete(retired));
    retiring.add(retired);
    metrics.reloaded('done');
    logger.info({ warmed, ms: Math.round(performance.now() - startedAt) }, 'another supergraph is served');
    return true;
  };

  return {
    current: () => current,
    reload: (sdl) => {
      const done = queue.then(() => swap(sdl));
      queue = done.catch(() => metrics.reloaded('refused'));
      return done;
    },
    close: async () => {
      isClosed = true;
      await queue;
      await Promise.all([current.close(), ...retiring]);
      retiring = new Set();
    },
  };
}
