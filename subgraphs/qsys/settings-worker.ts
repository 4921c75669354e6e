import { unreadableTarget } from '@wheelhouse/contracts/registry.ts';
import type { Database, Queryable } from '@wheelhouse/kit/database.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import type { JobQueue, Queues } from '@wheelhouse/kit/queue.ts';
import type { Sealer } from '@wheelhouse/kit/sealed.ts';
import type { SettingsPort } from '@wheelhouse/kit/settings-carry.ts';
import type { SettingsValues } from '@wheelhouse/kit/settings-changes.ts';
import { openSettingsWorker, type SettingsJob } from '@wheelhouse/kit/settings-worker.ts';
import { z } from 'zod';
import type { CoreLinks } from './core-links.ts';
import { findControls, saveValues } from './design-store.ts';
import type { SettingsMetrics } from './settings-metrics.ts';
import { controlOf, settingOf } from './settings-names.ts';
import { controlsPort } from './settings-port.ts';
import { readShape } from './settings-wanted.ts';
import { findTargets } from './store.ts';
import { settingsTables } from './tables.ts';
import { createTargetReader } from './target-reader.ts';

/** The queue of changes of controls, and what its jobs are made on. */
export const SETTINGS_QUEUE = 'qsys-settings';

export type ControlsWorkerOptions = {
  db: Database;
  queues: Queues;
  links: CoreLinks;
  sealer: Sealer;
  concurrency: number;
  settleMs: number;
  metrics: SettingsMetrics;
  logger: Logger;
  signal: AbortSignal;
};

const REMOVED = { kind: 'refused', code: 'NOT_FOUND', detail: 'the Core was removed from the registry' } as const;

const readBackShape = z.record(z.string(), readShape.nullable());

/** Keeps what was read back where the controls of components are kept. Of named controls nothing is. */
async function keepReadBack(tx: Queryable, deviceId: string, readBack: SettingsValues, at: Date): Promise<void> {
  const changes = Object.entries(readBackShape.parse(readBack)).flatMap(([setting, read]) => {
    const { component, name } = controlOf(setting);
    return component === null || read === null ? [] : [{ deviceId, component, name, ...read, measuredAt: at }];
  });
  await saveValues(tx, changes);
}

/**
 * Reaches a Core by what the registry says of it when its change is taken in hand.
 *
 * @param readAt told when each Core was last read: what it pushes from then on is newer than what was read back
 */
function reacher({ db, links, sealer, settleMs }: ControlsWorkerOptions, readAt: Map<string, Date>) {
  const readTarget = createTargetReader(sealer);
  return async (deviceId: string, wanted: SettingsValues): Promise<SettingsPort> => {
    const places = Object.keys(wanted).flatMap((setting) => {
      const { component, name } = controlOf(setting);
      return component === null ? [] : [{ deviceId, component, name }];
    });
    const known = new Map((await findControls(db, places)).map((row) => [settingOf(row), row]));
    const reach = async () => {
      const [row] = await findTargets(db, [deviceId]);
      if (row === undefined) return REMOVED;
      try {
        return links.linkTo(deviceId, readTarget(row));
      } catch (err) {
        return unreadableTarget(err);
      }
    };
    const port = controlsPort(wanted, { reach, known, settleMs });
    const read: SettingsPort['read'] = async (signal) => {
      const reading = await port.read(signal);
      readAt.set(deviceId, new Date());
      return reading;
    };
    return { ...port, read };
  };
}

/** Carries changes of controls out. @returns the queue of their jobs */
export function openControlsWorker(options: ControlsWorkerOptions): Promise<JobQueue<SettingsJob>> {
  // One for each Core at most, whose changes run one after the other.
  const readAt = new Map<string, Date>();
  return openSettingsWorker({
    ...options,
    ...{ tables: settingsTables, name: SETTINGS_QUEUE, sentOf: (wanted) => wanted },
    reach: reacher(options, readAt),
    saveReadBack: async (tx, deviceId, readBack, at) => {
      await keepReadBack(tx, deviceId, readBack, readAt.get(deviceId) ?? at);
      readAt.delete(deviceId);
    },
    onSent: options.metrics.sent,
    onFinished: options.metrics.ended,
  });
}
