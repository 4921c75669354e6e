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
import { type Chunk, openSweep } from '@wheelhouse/kit/sweep.ts';
import type { SweepLog } from '@wheelhouse/kit/sweep-log.ts';
import type { Metrics } from './metrics.ts';
import type { Pinger, PingTarget } from './ping.ts';
import { findingOf, targetOf } from './rules.ts';
import { findTargets, type Looked, registryCopy, saveLooks } from './store.ts';

const SYSTEM = 'ENTERTAINMENT';
/**
 * A chunk costs two processes and two jobs, which is more than a second's pings do. What its first ping found waits so long for the last:
 * little beside the sweeps that it takes until a device is OFFLINE.
 */
const CHUNK_SPAN_MS = 5_000;

export type PollerOptions = {
  db: Database;
  queues: Queues;
  sweepLog: SweepLog;
  pinger: Pinger;
  sweepSeconds: number;
  chunkConcurrency: number;
  devicesUrl: string;
  serviceToken: string;
  metrics: Metrics;
  logger: Logger;
  signal: AbortSignal;
};

type ChunkOptions = Pick<PollerOptions, 'db' | 'pinger' | 'metrics' | 'signal'>;

/** Pings a chunk's devices, each at its place, keeps what was found, and tells the status engine. */
export async function visitDevices(
  options: ChunkOptions,
  observations: JobQueue<Observations>,
  chunk: Chunk,
): Promise<void> {
  const { db, pinger, metrics, signal } = options;
  const rows = new Map((await findTargets(db, chunk.keys)).map((row) => [row.deviceId, row]));
  const found: Looked[] = [];
  const readable: { deviceId: string; target: PingTarget }[] = [];
  for (const deviceId of chunk.keys) {
    const row = rows.get(deviceId);
    if (row === undefined) continue;
    try {
      readable.push({ deviceId, target: targetOf(row.connection) });
    } catch (err) {
      found.push({ deviceId, at: new Date(), look: unreadableTarget(err) });
    }
  }
  const targets = readable.map(({ target }) => target);
  const seen = await pinger.lookAt(targets, { startMs: chunk.startMs, paceMs: chunk.paceMs, signal });
  // A look that was cut off by our own stop says nothing; the chunk fails and is taken again.
  signal.throwIfAborted();
  for (const [index, { deviceId, target }] of readable.entries()) {
    const one = seen[index];
    if (one === undefined) continue;
    metrics.lateness.observe(Math.max(0, one.atMs - one.dueMs) / 1_000);
    metrics.looks.inc({ method: target.method, outcome: one.look.kind });
    found.push({ deviceId, at: new Date(one.atMs), look: one.look });
  }
  await saveLooks(db, new Date(chunk.slotMs), found);
  const list = found.map(({ deviceId, at, look }) => ({ deviceId, atMs: at.getTime(), finding: findingOf(look) }));
  await observations.add(observationJobs(SYSTEM, chunk, list));
}

/** Sweeps all pinged devices, and keeps the targets up with the registry; a new or changed one is looked at at once. */
export async function openPoller(options: PollerOptions): Promise<{ stopped: Promise<void> }> {
  const { db, logger } = options;
  const observations = options.queues.queue(OBSERVATIONS_QUEUE, observationsShape);
  const sweep = await openSweep({
    ...{ queues: options.queues, lateChunks: options.metrics.lateChunks, logger, log: options.sweepLog },
    name: 'entertainment',
    intervalSeconds: options.sweepSeconds,
    concurrency: options.chunkConcurrency,
    chunkSpanMs: CHUNK_SPAN_MS,
    listKeys: () => listPresent(db, registryCopy),
    visitChunk: (chunk) => visitDevices(options, observations, chunk),
  });
  const stopped = followIntoCopy({
    ...{ db, logger, copy: registryCopy, item: registryItemShape, signal: options.signal },
    url: registryUrl(options.devicesUrl, SYSTEM),
    token: options.serviceToken,
    onChanged: sweep.visitNow,
  });
  return { stopped };
}
