import {
  OBSERVATIONS_QUEUE,
  type Observations,
  observationJobs,
  observationsShape,
} from '@wheelhouse/contracts/observations.ts';
import { registryItemShape, registryUrl, UNREADABLE_ENTRY } from '@wheelhouse/contracts/registry.ts';
import { followIntoCopy, listPresent } from '@wheelhouse/kit/feed-copy.ts';
import type { JobQueue, Queues } from '@wheelhouse/kit/queue.ts';
import { type Chunk, openSweep } from '@wheelhouse/kit/sweep.ts';
import type { SweepLog } from '@wheelhouse/kit/sweep-log.ts';
import { createTake, type Listings, shareListings, type TakeOptions } from './listings.ts';
import { appspaceIdOf, findingOf, type Listing, type Look, lookOf } from './rules.ts';
import { findTargets, type Looked, registryCopy, saveLooks } from './store.ts';

const SYSTEM = 'APPSPACE';
/** The first place of each slot is the account's own: its players are listed also while the registry has none of them. */
const ACCOUNT_KEY = '';

export type PollerOptions = TakeOptions & {
  queues: Queues;
  sweepLog: SweepLog;
  sweepSeconds: number;
  chunkConcurrency: number;
  devicesUrl: string;
  serviceToken: string;
};

type ChunkOptions = Pick<PollerOptions, 'db' | 'metrics'> & { listings: Listings };

const lookAt = (listing: Listing, connection: Record<string, unknown>): Look => {
  const appspaceId = appspaceIdOf(connection);
  return appspaceId === null ? { kind: 'couldNotLook', problem: UNREADABLE_ENTRY } : lookOf(listing, appspaceId);
};

/** Finds a chunk's players in the slot's listing, keeps what it says of them, and tells the status engine. */
export async function visitPlayers(
  { db, metrics, listings }: ChunkOptions,
  observations: JobQueue<Observations>,
  chunk: Chunk,
): Promise<void> {
  const listing = await listings.since(chunk.slotMs);
  // After the listing: one that was removed meanwhile is not looked at.
  const rows = await findTargets(db, chunk.keys);
  const at = new Date(listing.atMs);
  const found = rows.map(({ deviceId, connection }): Looked => ({ deviceId, at, look: lookAt(listing, connection) }));
  for (const { look } of found) metrics.looks.inc({ outcome: look.kind });
  await saveLooks(db, new Date(chunk.slotMs), found);
  const list = found.map(({ deviceId, look }) => ({ deviceId, atMs: listing.atMs, finding: findingOf(look) }));
  await observations.add(observationJobs(SYSTEM, chunk, list));
}

/** Sweeps all players, and keeps the targets up with the registry; a new or changed one is looked at at once. */
export async function openPoller(options: PollerOptions): Promise<{ stopped: Promise<void> }> {
  const { db, logger, metrics } = options;
  const observations = options.queues.queue(OBSERVATIONS_QUEUE, observationsShape);
  const listings = shareListings(createTake(options), Date.now);
  const sweep = await openSweep({
    ...{ queues: options.queues, lateChunks: metrics.lateChunks, logger, log: options.sweepLog },
    name: 'appspace',
    intervalSeconds: options.sweepSeconds,
    concurrency: options.chunkConcurrency,
    listKeys: async () => [ACCOUNT_KEY, ...(await listPresent(db, registryCopy))],
    visitChunk: (chunk) => visitPlayers({ db, metrics, listings }, observations, chunk),
  });

  const stopped = followIntoCopy({
    ...{ db, logger, copy: registryCopy, item: registryItemShape, signal: options.signal },
    url: registryUrl(options.devicesUrl, SYSTEM),
    token: options.serviceToken,
    onChanged: sweep.visitNow,
  });
  return { stopped };
}
