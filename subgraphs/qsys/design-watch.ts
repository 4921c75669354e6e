import type { Database } from '@wheelhouse/kit/database.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import { DesignError, readChanges, readDesign, watchDesign } from './design.ts';
import { saveDesign, saveValues } from './design-store.ts';
import type { Metrics } from './metrics.ts';
import type { CoreLink } from './qrc.ts';

type Watched = { connection: number; designCode: string; hasControls: boolean };

export type DesignWatchOptions = {
  db: Database;
  /** How long reading a whole design may take. */
  timeoutMs: number;
  metrics: Pick<Metrics, 'designReads'>;
  logger: Logger;
  /** Aborted when the worker stops. */
  signal: AbortSignal;
};

/** A Core that has just answered. */
export type SeenCore = { deviceId: string; link: CoreLink; designCode: string };

/**
 * Keeps the components of Cores, and what their controls say. The first time on a connection, and when another design runs, all is read
 * and the connection watches it; afterwards only what has changed since is asked for. It never fails: the next look tries again.
 */
export function createDesignWatch({ db, timeoutMs, metrics, logger, signal: stopped }: DesignWatchOptions) {
  const watched = new WeakMap<CoreLink, Watched>();
  const busy = new WeakSet<CoreLink>();

  async function keepUp({ deviceId, link, designCode }: SeenCore, signal: AbortSignal): Promise<void> {
    const { connection } = link;
    const before = watched.get(link);
    const at = new Date();
    if (before?.connection === connection && before.designCode === designCode) {
      if (before.hasControls) await saveValues(db, deviceId, await readChanges(link, signal), at);
      return;
    }
    watched.delete(link);
    const components = await readDesign(link, signal);
    await saveDesign(db, deviceId, { designCode, readAt: at, components });
    // Before the values: what a change of settings reads back meanwhile is newer.
    const watchedAt = new Date();
    const values = await watchDesign(link, components, signal);
    await saveValues(db, deviceId, values ?? [], watchedAt);
    watched.set(link, { connection, designCode, hasControls: values !== null });
    metrics.designReads.inc({ outcome: 'read' });
    logger.info({ deviceId, components: components.length }, 'components read');
  }

  return {
    refresh: async (seen: SeenCore): Promise<void> => {
      // The look before is still at it: a large design takes longer than a slot.
      if (busy.has(seen.link)) return;
      busy.add(seen.link);
      try {
        await keepUp(seen, AbortSignal.any([stopped, AbortSignal.timeout(timeoutMs)]));
      } catch (err) {
        watched.delete(seen.link);
        if (stopped.aborted) return;
        metrics.designReads.inc({ outcome: 'failed' });
        const { deviceId } = seen;
        if (err instanceof DesignError)
          logger.warn({ deviceId, code: err.code, reason: err.message }, 'components were not read');
        else logger.warn({ err, deviceId }, 'components were not read');
      } finally {
        busy.delete(seen.link);
      }
    },
  };
}
export type DesignWatch = ReturnType<typeof createDesignWatch>;
