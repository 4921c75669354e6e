import { OBSERVATIONS_QUEUE, type Observations, observationsShape } from '@wheelhouse/contracts/observations.ts';
import { REGISTRY_PATH, type RegistryItem, registryItemShape } from '@wheelhouse/contracts/registry.ts';
import type { Database } from '@wheelhouse/kit/database.ts';
import { followFeed } from '@wheelhouse/kit/feed.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import type { JobQueue, Queues } from '@wheelhouse/kit/queue.ts';
import { type Chunk, openSweep } from '@wheelhouse/kit/sweep.ts';
import { ZodError } from 'zod';
import type { Metrics } from './metrics.ts';
import type { Look, Pinger, PingTarget } from './ping.ts';
import { findingOf, targetOf } from './rules.ts';
import {
  applyRegistryItems,
  findTargets,
  forgetRegistry,
  type Looked,
  listTargetIds,
  readFeedCursor,
  saveLooks,
  type TargetRow,
} from './store.ts';

const REGISTRY_FEED = 'registry';
const SYSTEM = 'ENTERTAINMENT';
/**
 * A chunk costs two processes and two jobs, which is more than a second's pings do. What its first ping found waits so long for the last:
 * little beside the sweeps that it takes until a device is OFFLINE.
 */
const CHUNK_SPAN_MS = 5_000;

export type PollerOptions = {
  db: Database;
  queues: Queues;
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

const UNREADABLE: Look = {
  kind: 'couldNotLook',
  cause: { code: 'INVALID_TARGET', text: 'the registry entry is not one that this version can read' },
};

/** The target of a row, or null for an entry that a newer registry wrote. */
function readTarget({ connection }: TargetRow): PingTarget | null {
  try {
    return targetOf(connection);
  } catch (err) {
    if (err instanceof ZodError) return null;
    throw err;
  }
}

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
    const target = readTarget(row);
    if (target === null) found.push({ deviceId, at: new Date(), look: UNREADABLE });
    else readable.push({ deviceId, target });
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
  if (list.length > 0) {
    await observations.add([
      { id: `${SYSTEM}-${chunk.slotMs}-${chunk.keys[0]}`, payload: { slotMs: chunk.slotMs, observations: list } },
    ]);
  }
}

/** Sweeps all pinged devices, and keeps the targets up with the registry; a new or changed one is looked at at once. */
export async function openPoller(options: PollerOptions): Promise<{ stopped: Promise<void> }> {
  const { db, logger } = options;
  const observations = options.queues.queue(OBSERVATIONS_QUEUE, observationsShape);
  const sweep = await openSweep({
    queues: options.queues,
    name: 'entertainment',
    intervalSeconds: options.sweepSeconds,
    concurrency: options.chunkConcurrency,
    chunkSpanMs: CHUNK_SPAN_MS,
    listKeys: () => listTargetIds(db),
    visitChunk: (chunk) => visitDevices(options, observations, chunk),
    onLate: (chunk) => {
      options.metrics.lateChunks.inc();
      logger.warn({ slot: new Date(chunk.slotMs), devices: chunk.keys.length }, 'chunk left out: its slot is over');
    },
  });
  const stopped = followFeed<RegistryItem>({
    url: `${options.devicesUrl}${REGISTRY_PATH}?system=${SYSTEM}`,
    token: options.serviceToken,
    item: registryItemShape,
    readCursor: () => readFeedCursor(db, REGISTRY_FEED),
    apply: async (items, move) => {
      const changed = await applyRegistryItems(db, REGISTRY_FEED, items, move);
      if (changed.length === 0) return;
      logger.info({ devices: changed.length }, 'targets learnt from the registry');
      await sweep.visitNow(changed);
    },
    reset: (cursor) => forgetRegistry(db, REGISTRY_FEED, cursor),
    signal: options.signal,
    logger,
  });
  return { stopped };
}
