import {
  OBSERVATIONS_QUEUE,
  type Observations,
  observationJobs,
  observationsShape,
} from '@wheelhouse/contracts/observations.ts';
import { registryItemShape, registryUrl, unreadableTarget } from '@wheelhouse/contracts/registry.ts';
import type { Database } from '@wheelhouse/kit/database.ts';
import { followIntoCopy, listPresent } from '@wheelhouse/kit/feed-copy.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import type { JobQueue, Queues } from '@wheelhouse/kit/queue.ts';
import { type Chunk, openSweep, visitPaced } from '@wheelhouse/kit/sweep.ts';
import type { SweepLog } from '@wheelhouse/kit/sweep-log.ts';
import type { SweepMetrics } from '@wheelhouse/kit/sweep-metrics.ts';
import { type Look, lookAt } from './http.ts';
import { findingOf, targetOf } from './rules.ts';
import { findTargets, registryCopy, saveLooks, type TargetRow } from './store.ts';

const SYSTEM = 'LIGHTS';
/** Chunks, each of a second's looks, that one worker has in hand at a time. */
const CHUNK_CONCURRENCY = 16;

export type PollerOptions = {
  db: Database;
  queues: Queues;
  sweepLog: SweepLog;
  sweepSeconds: number;
  devicesUrl: string;
  serviceToken: string;
  metrics: SweepMetrics;
  logger: Logger;
  signal: AbortSignal;
};

async function lookAtTarget({ connection }: TargetRow, signal: AbortSignal): Promise<Look> {
  try {
    return await lookAt(targetOf(connection), signal);
  } catch (err) {
    return unreadableTarget(err);
  }
}

/** Looks at a chunk's lights, each at its place, keeps what was found, and tells the status engine. */
async function visitLights(options: PollerOptions, observations: JobQueue<Observations>, chunk: Chunk): Promise<void> {
  const targets = new Map((await findTargets(options.db, chunk.keys)).map((row) => [row.deviceId, row]));
  const looked = await visitPaced(chunk, chunk.keys, async (deviceId, dueMs) => {
    const row = targets.get(deviceId);
    if (row === undefined) return null;
    const at = new Date();
    options.metrics.lateness.observe(Math.max(0, at.getTime() - dueMs) / 1_000);
    return { deviceId, at, look: await lookAtTarget(row, options.signal) };
  });
  // A look that was cut off by our own stop says nothing; the chunk fails and is taken again.
  options.signal.throwIfAborted();
  const found = looked.filter((item) => item !== null);
  await saveLooks(options.db, new Date(chunk.slotMs), found);
  const list = found.map(({ deviceId, at, look }) => ({ deviceId, atMs: at.getTime(), finding: findingOf(look) }));
  await observations.add(observationJobs(SYSTEM, chunk, list));
}

/** Sweeps all lights, and keeps the targets up with the registry; a new or changed one is looked at at once. */
export async function openPoller(options: PollerOptions): Promise<{ stopped: Promise<void> }> {
  const { db, logger } = options;
  const observations = options.queues.queue(OBSERVATIONS_QUEUE, observationsShape);
  const sweep = await openSweep({
    ...{ queues: options.queues, lateChunks: options.metrics.lateChunks, logger, log: options.sweepLog },
    name: 'lights',
    intervalSeconds: options.sweepSeconds,
    concurrency: CHUNK_CONCURRENCY,
    listKeys: () => listPresent(db, registryCopy),
    visitChunk: (chunk) => visitLights(options, observations, chunk),
  });
  const stopped = followIntoCopy({
    ...{ db, logger, copy: registryCopy, item: registryItemShape, signal: options.signal },
    url: registryUrl(options.devicesUrl, SYSTEM),
    token: options.serviceToken,
    onChanged: sweep.visitNow,
  });
  return { stopped };
}
