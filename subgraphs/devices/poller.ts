import { OBSERVATIONS_QUEUE, type Observations, observationsShape } from '@wheelhouse/contracts/observations.ts';
import type { Database } from '@wheelhouse/kit/database.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import type { Queues } from '@wheelhouse/kit/queue.ts';
import { afterObservation, nextFreshnessLook, type Thresholds, withoutFindings } from './rules.ts';
import { type Decision, decideStatuses, findOldestFinding, findUnwatched } from './store/statuses.ts';

/** Jobs in hand at a time; more would only wait for the same log. */
const ENGINE_CONCURRENCY = 2;
/** Small enough that the log is not held for long. */
const TICK_DEVICES = 500;

function logChanges(logger: Logger, decisions: readonly Decision[]): void {
  for (const { deviceId, change } of decisions) {
    if (change) logger.info({ deviceId, from: change.from, to: change.to, reason: change.reason }, 'status changed');
  }
}

/** The status engine: one transaction for all devices of a job. */
export async function applyObservations(db: Database, job: Observations, thresholds: Thresholds): Promise<Decision[]> {
  const slot = new Date(job.slotMs);
  const byDevice = new Map(job.observations.map((observation) => [observation.deviceId, observation]));
  return decideStatuses(db, [...byDevice.keys()], (deviceId, state) => {
    const observation = byDevice.get(deviceId);
    return observation ? afterObservation(state, observation, slot, thresholds) : { state, change: null };
  });
}

/** Consumes what the systems' probes found. */
export async function openStatusEngine(options: {
  db: Database;
  queues: Queues;
  thresholds: Thresholds;
  logger: Logger;
}): Promise<void> {
  await options.queues
    .queue(OBSERVATIONS_QUEUE, observationsShape)
    .work(async (job) => logChanges(options.logger, await applyObservations(options.db, job, options.thresholds)), {
      concurrency: ENGINE_CONCURRENCY,
    });
}

/** One look for devices that nobody looks at; any number of processes may take it at once. */
export async function tickFreshness(db: Database, now: Date, thresholds: Thresholds): Promise<Decision[]> {
  const decided: Decision[] = [];
  for (;;) {
    const ids = await findUnwatched(db, new Date(now.getTime() - thresholds.unknownAfterMs), TICK_DEVICES);
    if (ids.length === 0) return decided;
    const decisions = await decideStatuses(
      db,
      ids,
      (_id, state) => withoutFindings(state, now, thresholds) ?? { state, change: null },
    );
    decided.push(...decisions);
  }
}

/**
 * Looks for unwatched devices in the serving process, not on a queue: it has to notice that the workers, or the queues
 * themselves, are down. Each second it asks whether any can have run out, and the database only if so.
 */
export function openFreshnessTick(options: { db: Database; thresholds: Thresholds; logger: Logger; now: () => Date }): {
  close: () => Promise<void>;
} {
  let running: Promise<void> | undefined;
  let isFailing = false;
  let lookAt = options.now();
  const look = async (now: Date): Promise<void> => {
    logChanges(options.logger, await tickFreshness(options.db, now, options.thresholds));
    lookAt = nextFreshnessLook(now, await findOldestFinding(options.db), options.thresholds);
    isFailing = false;
  };
  const tick = (): void => {
    const now = options.now();
    if (now < lookAt) return;
    running ??= look(now)
      .catch((err: unknown) => {
        if (!isFailing) options.logger.warn({ err }, 'the freshness tick failed, trying again every second');
        isFailing = true;
      })
      .finally(() => {
        running = undefined;
      });
  };
  const timer = setInterval(tick, 1_000);
  return {
    close: async () => {
      clearInterval(timer);
      await running;
    },
  };
}
