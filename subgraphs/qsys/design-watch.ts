import type { Database } from '@wheelhouse/kit/database.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import { type ComponentDescription, DesignError, keptChanges, readDesign } from './design.ts';
import { saveDesign } from './design-store.ts';
import type { Metrics } from './metrics.ts';
import type { Watch, WatchMade } from './qrc/watch.ts';
import type { CoreLink } from './qrc.ts';
import type { ValueWriter } from './value-writer.ts';

export type DesignWatchOptions = {
  db: Database;
  /** How long reading a whole design may take. */
  timeoutMs: number;
  writer: Pick<ValueWriter, 'put'>;
  metrics: Pick<Metrics, 'designReads'>;
  logger: Logger;
  /** Aborted when the worker stops. */
  signal: AbortSignal;
};

/** A Core that has just answered. */
export type SeenCore = { deviceId: string; link: CoreLink; designCode: string };

/** Oftener than values are written, so that what is stored is right soon after a Core is back. */
const PUSH_SECONDS = 0.5;

const watchesOf = (components: readonly ComponentDescription[]): Watch[] => [
  {
    ...{ id: 'design', rateSeconds: PUSH_SECONDS, named: [] },
    components: components.map(({ name, controls }) => ({ name, controls: controls.map((control) => control.name) })),
  },
];

/**
 * Keeps the components of Cores, and what their controls say. When a design is met for the first time all of it is read, and the Core is asked to
 * push what changes, on this connection and on those that follow. It never fails: the next look tries again.
 */
export function createDesignWatch(options: DesignWatchOptions) {
  const { db, timeoutMs, writer, metrics, logger, signal: stopped } = options;
  /** The design that a link watches. */
  const watched = new WeakMap<CoreLink, { designCode: string }>();
  const busy = new WeakSet<CoreLink>();

  const failed = (deviceId: string, code: string, reason: string): void => {
    metrics.designReads.inc({ outcome: 'failed' });
    logger.warn({ deviceId, code, reason }, 'components were not read');
  };
  const heard = ({ deviceId, link }: SeenCore, made: WatchMade): void => {
    if (made.kind === 'refused') {
      watched.delete(link);
      failed(deviceId, made.reason, made.message);
    } else if (made.kind === 'made' && made.unknown.length > 0) {
      logger.warn(
        { deviceId, controls: made.unknown.slice(0, 10) },
        'the Core does not let all its controls be watched',
      );
    }
  };

  async function readAndWatch(seen: SeenCore, signal: AbortSignal): Promise<void> {
    const { deviceId, link, designCode } = seen;
    const readAt = new Date();
    const components = await readDesign(link, signal);
    await saveDesign(db, deviceId, { designCode, readAt, components });
    watched.set(link, { designCode });
    link.watch(watchesOf(components), {
      changed: (changes) => writer.put(deviceId, keptChanges(changes), new Date()),
      watched: (made) => heard(seen, made),
      designRuns: (running) => {
        if (running !== designCode) void refresh({ ...seen, designCode: running });
      },
    });
    metrics.designReads.inc({ outcome: 'read' });
    logger.info({ deviceId, components: components.length }, 'components read');
  }

  async function refresh(seen: SeenCore): Promise<void> {
    const { deviceId, link, designCode } = seen;
    // The look before is still at it: a large design takes longer than a slot.
    if (watched.get(link)?.designCode === designCode || busy.has(link)) return;
    busy.add(link);
    try {
      await readAndWatch(seen, AbortSignal.any([stopped, AbortSignal.timeout(timeoutMs)]));
    } catch (err) {
      watched.delete(link);
      if (stopped.aborted) return;
      if (err instanceof DesignError) {
        failed(deviceId, err.code, err.message);
        return;
      }
      metrics.designReads.inc({ outcome: 'failed' });
      logger.warn({ err, deviceId }, 'components were not read');
    } finally {
      busy.delete(link);
    }
  }

  return { refresh };
}
export type DesignWatch = ReturnType<typeof createDesignWatch>;
