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
import type { Sealer } from '@wheelhouse/kit/sealed.ts';
import { type Chunk, openSweep, visitPaced } from '@wheelhouse/kit/sweep.ts';
import type { SweepLog } from '@wheelhouse/kit/sweep-log.ts';
import type { CoreLinks } from './core-links.ts';
import { dropRemovedDesigns } from './design-store.ts';
import type { DesignWatch, SeenCore } from './design-watch.ts';
import type { Metrics } from './metrics.ts';
import type { CoreTarget } from './qrc.ts';
import { findingOf, type Look, lookOf } from './rules.ts';
import { findTargets, registryCopy, saveLooks, type TargetRow } from './store.ts';
import { createTargetReader } from './target-reader.ts';

const SYSTEM = 'QSYS';

export type PollerOptions = {
  db: Database;
  queues: Queues;
  sweepLog: SweepLog;
  links: CoreLinks;
  watch: DesignWatch;
  sealer: Sealer;
  sweepSeconds: number;
  chunkConcurrency: number;
  devicesUrl: string;
  serviceToken: string;
  metrics: Metrics;
  logger: Logger;
  signal: AbortSignal;
};

type ChunkOptions = Pick<PollerOptions, 'db' | 'links' | 'watch' | 'metrics' | 'signal'> & {
  readTarget: (row: TargetRow) => CoreTarget;
};

async function lookAt(options: ChunkOptions, row: TargetRow): Promise<{ look: Look; seen: SeenCore | null }> {
  const { deviceId } = row;
  let target: CoreTarget;
  try {
    target = options.readTarget(row);
  } catch (err) {
    return { look: unreadableTarget(err), seen: null };
  }
  const link = options.links.linkTo(deviceId, target);
  const look = lookOf(await link.request('StatusGet', 0, options.signal));
  // Only a design that runs has components to ask for.
  const isActive = look.kind === 'answered' && look.state.engineState === 'ACTIVE';
  return { look, seen: isActive ? { deviceId, link, designCode: look.state.designCode ?? '' } : null };
}

/**
 * Looks at a chunk's Cores, each at its place, keeps what was found, and tells the status engine. Then it keeps their components up, which
 * may take longer than a look.
 */
export async function visitCores(
  options: ChunkOptions,
  observations: JobQueue<Observations>,
  chunk: Chunk,
): Promise<void> {
  const targets = new Map((await findTargets(options.db, chunk.keys)).map((row) => [row.deviceId, row]));
  const looked = await visitPaced(chunk, chunk.keys, async (deviceId, dueMs) => {
    const row = targets.get(deviceId);
    if (row === undefined) return null;
    const at = new Date();
    options.metrics.lateness.observe(Math.max(0, at.getTime() - dueMs) / 1_000);
    return { deviceId, at, ...(await lookAt(options, row)) };
  });
  // A look that was cut off by our own stop says nothing; the chunk fails and is taken again.
  options.signal.throwIfAborted();
  const found = looked.filter((item) => item !== null);
  for (const [outcome, { length }] of Map.groupBy(found, ({ look }) => look.kind))
    options.metrics.looks.inc({ outcome }, length);
  await saveLooks(options.db, new Date(chunk.slotMs), found);
  const list = found.map(({ deviceId, at, look }) => ({ deviceId, atMs: at.getTime(), finding: findingOf(look) }));
  await observations.add(observationJobs(SYSTEM, chunk, list));
  await Promise.all(found.flatMap(({ seen }) => (seen ? [options.watch.refresh(seen)] : [])));
}

/** Sweeps all Cores, and keeps the targets up with the registry; a new or changed one is looked at at once. */
export async function openPoller(options: PollerOptions): Promise<{ stopped: Promise<void> }> {
  const { db, logger } = options;
  const chunkOptions = { ...options, readTarget: createTargetReader(options.sealer) };
  const observations = options.queues.queue(OBSERVATIONS_QUEUE, observationsShape);
  const sweep = await openSweep({
    ...{ queues: options.queues, lateChunks: options.metrics.lateChunks, logger, log: options.sweepLog },
    name: 'qsys',
    intervalSeconds: options.sweepSeconds,
    concurrency: options.chunkConcurrency,
    listKeys: () => listPresent(db, registryCopy),
    visitChunk: (chunk) => visitCores(chunkOptions, observations, chunk),
  });
  const stopped = followIntoCopy({
    ...{ db, logger, copy: registryCopy, item: registryItemShape, signal: options.signal },
    url: registryUrl(options.devicesUrl, SYSTEM),
    token: options.serviceToken,
    also: dropRemovedDesigns,
    onChanged: sweep.visitNow,
  });
  return { stopped };
}
