import type { Database } from '@wheelhouse/kit/database.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import type { ControlChange } from './design.ts';
import { type MeasuredValue, saveValues } from './design-store.ts';
import type { Metrics } from './metrics.ts';

/** Keeps what Cores push, a moment later. */
export type ValueWriter = {
  /** Takes values of a Core; of what is told oftener than it is written, the last is. */
  put: (deviceId: string, changes: readonly ControlChange[], measuredAt: Date) => void;
  /** Writes what waits, and takes nothing more. */
  close: () => Promise<void>;
};

/** After a writing the next one waits for this many times what it took: meters by the ten thousand leave the database most of its time. */
const PAUSE_PER_WRITING = 4;
const ROWS_IN_STATEMENT = 5_000;
/** Of one Core. A design has no more controls that are kept (design.ts), whatever a Core says. */
const MOST_WAITING = 100_000;
/** Another worker is told the same by the same Core, and one of the two need not write it. */
const QUIET_MS = 5_000;

/**
 * Gathers the values of all Cores, and writes them about once in `intervalMs`, at once where nothing was written for so long; nothing while nothing
 * changes. What can't be written waits, at most one value for each control.
 */
export function createValueWriter(options: {
  db: Database;
  intervalMs: number;
  metrics: Pick<Metrics, 'values'>;
  logger: Logger;
}): ValueWriter {
  const { db, intervalMs, metrics, logger } = options;
  /** By the device's id, and then by the control. */
  const waiting = new Map<string, Map<string, MeasuredValue>>();
  let timer: NodeJS.Timeout | null = null;
  let writing: Promise<void> | null = null;
  let mayBeginAtMs = 0;
  let isFailing = false;
  let isClosed = false;

  const keep = (value: MeasuredValue, isNewer: boolean): void => {
    const ofCore = waiting.get(value.deviceId) ?? new Map<string, MeasuredValue>();
    waiting.set(value.deviceId, ofCore);
    const key = JSON.stringify([value.component, value.name]);
    if (ofCore.has(key) ? isNewer : ofCore.size < MOST_WAITING) ofCore.set(key, value);
  };
  const writeAll = async (): Promise<void> => {
    const values = [...waiting.values()].flatMap((ofCore) => [...ofCore.values()]);
    waiting.clear();
    for (let first = 0; first < values.length; first += ROWS_IN_STATEMENT) {
      const rows = values.slice(first, first + ROWS_IN_STATEMENT);
      try {
        await saveValues(db, rows, { quietMs: QUIET_MS });
        metrics.values.inc({ step: 'written' }, rows.length);
        isFailing = false;
      } catch (err) {
        for (const value of values.slice(first)) keep(value, false);
        if (!isFailing) logger.warn({ err, values: values.length - first }, 'values of controls were not written yet');
        isFailing = true;
        return;
      }
    }
  };
  const write = (): Promise<void> => {
    const startedMs = performance.now();
    writing = writeAll().finally(() => {
      writing = null;
      const endedMs = performance.now();
      mayBeginAtMs = endedMs + Math.max(intervalMs, PAUSE_PER_WRITING * (endedMs - startedMs));
      if (waiting.size > 0 && !isClosed) plan();
    });
    return writing;
  };
  const plan = (): void => {
    if (timer !== null || writing !== null) return;
    timer = setTimeout(
      () => {
        timer = null;
        void write();
      },
      Math.max(0, mayBeginAtMs - performance.now()),
    );
  };

  return {
    put: (deviceId, changes, measuredAt) => {
      if (isClosed || changes.length === 0) return;
      metrics.values.inc({ step: 'told' }, changes.length);
      for (const change of changes) keep({ ...change, deviceId, measuredAt }, true);
      plan();
    },
    close: async () => {
      isClosed = true;
      if (timer !== null) clearTimeout(timer);
      await writing;
      if (waiting.size > 0) await write();
    },
  };
}
