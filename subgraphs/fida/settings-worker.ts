import { unreadableTarget } from '@wheelhouse/contracts/registry.ts';
import type { Database } from '@wheelhouse/kit/database.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import type { JobQueue, Queues } from '@wheelhouse/kit/queue.ts';
import type { Sealer } from '@wheelhouse/kit/sealed.ts';
import type { SettingsPort } from '@wheelhouse/kit/settings-carry.ts';
import type { SettingsReading } from '@wheelhouse/kit/settings-rules.ts';
import { openSettingsWorker, type SettingsJob } from '@wheelhouse/kit/settings-worker.ts';
import { z } from 'zod';
import type { SettingsMetrics } from './settings-metrics.ts';
import { sentOf } from './settings-rules.ts';
import type { SnmpController } from './snmp/control.ts';
import type { SnmpTarget } from './snmp.ts';
import { findTargets, saveReadBack } from './store.ts';
import { settingsTables } from './tables.ts';
import { createTargetReader } from './target-reader.ts';

/** The queue of changes of display settings, and what its jobs are made on. */
export const SETTINGS_QUEUE = 'fida-settings';

export type DisplaySettingsWorkerOptions = {
  db: Database;
  queues: Queues;
  controller: SnmpController;
  sealer: Sealer;
  concurrency: number;
  settleMs: number;
  metrics: SettingsMetrics;
  logger: Logger;
  signal: AbortSignal;
};

const valuesShape = z.object({
  power: z.enum(['ON', 'OFF']).exactOptional(),
  brightnessPercent: z.number().exactOptional(),
  inputSource: z.string().exactOptional(),
});

type Failure = { kind: 'silent'; detail: string } | { kind: 'couldNotLook'; cause: { code: string; text: string } };
type Refusal = { kind: 'refused'; code: string; detail: string };

/** Wrong credentials are a refusal of the display's; everything else that keeps us from it is not. */
const told = (failure: Failure): Failure | Refusal =>
  failure.kind === 'couldNotLook' && failure.cause.code === 'CREDENTIALS_REJECTED'
    ? { kind: 'refused', code: failure.cause.code, detail: failure.cause.text }
    : failure;

const REMOVED: Refusal = { kind: 'refused', code: 'NOT_FOUND', detail: 'the display was removed from the registry' };

/** Reaches a display by what the registry says of it when its change is taken in hand. */
function reacher({ db, controller, sealer }: Pick<DisplaySettingsWorkerOptions, 'db' | 'controller' | 'sealer'>) {
  const readTarget = createTargetReader(sealer);
  const findTarget = async (deviceId: string): Promise<SnmpTarget | Failure | Refusal> => {
    const [row] = await findTargets(db, [deviceId]);
    if (row === undefined) return REMOVED;
    try {
      return readTarget(row);
    } catch (err) {
      return unreadableTarget(err);
    }
  };
  return (deviceId: string): SettingsPort => {
    let found: ReturnType<typeof findTarget> | undefined;
    const targetOnce = (): ReturnType<typeof findTarget> => {
      found ??= findTarget(deviceId);
      return found;
    };
    return {
      read: async (signal): Promise<SettingsReading> => {
        const target = await targetOnce();
        if ('kind' in target) return target;
        const reading = await controller.read(target, signal);
        if (reading.kind !== 'read') return told(reading);
        const { values, holds } = reading;
        return { kind: 'read', values, holds: (wanted) => holds(valuesShape.parse(wanted)) };
      },
      set: async (wanted, signal) => {
        const target = await targetOnce();
        if ('kind' in target) return target;
        const answer = await controller.set(target, valuesShape.parse(wanted), signal);
        if (answer.kind === 'silent' || answer.kind === 'couldNotLook') return told(answer);
        // RFC 3416 section 4.2.5: undoFailed says that some of it has been done and could not be undone.
        return answer.kind === 'refused' && answer.code === 'UNDO_FAILED' ? { ...answer, isPartly: true } : answer;
      },
    };
  };
}

/** Carries changes of display settings out. @returns the queue of their jobs */
export const openDisplaySettings = (options: DisplaySettingsWorkerOptions): Promise<JobQueue<SettingsJob>> =>
  openSettingsWorker({
    ...options,
    ...{ tables: settingsTables, name: SETTINGS_QUEUE, sentOf, reach: reacher(options) },
    saveReadBack: (tx, deviceId, readBack, at) => saveReadBack(tx, deviceId, valuesShape.parse(sentOf(readBack)), at),
    onSent: options.metrics.sent,
    onFinished: options.metrics.ended,
  });
