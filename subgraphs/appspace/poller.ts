import { OBSERVATIONS_QUEUE, type Observations, observationsShape } from '@wheelhouse/contracts/observations.ts';
import { REGISTRY_PATH, type RegistryItem, registryItemShape } from '@wheelhouse/contracts/registry.ts';
import { followFeed } from '@wheelhouse/kit/feed.ts';
import type { JobQueue, Queues } from '@wheelhouse/kit/queue.ts';
import { type Chunk, openSweep } from '@wheelhouse/kit/sweep.ts';
import { createTake, type Listings, shareListings, type TakeOptions } from './listings.ts';
import { appspaceIdOf, findingOf, type Listing, type Look, lookOf, UNREADABLE } from './rules.ts';
import {
  applyRegistryItems,
  findTargets,
  forgetRegistry,
  type Looked,
  listTargetIds,
  readFeedCursor,
  saveLooks,
} from './store.ts';

const REGISTRY_FEED = 'registry';
const SYSTEM = 'APPSPACE';
/** The first place of each slot is the account's own: its players are listed also while the registry has none of them. */
const ACCOUNT_KEY = '';

export type PollerOptions = TakeOptions & {
  queues: Queues;
  sweepSeconds: number;
  chunkConcurrency: number;
  devicesUrl: string;
  serviceToken: string;
};

type ChunkOptions = Pick<PollerOptions, 'db' | 'metrics'> & { listings: Listings };

const lookAt = (listing: Listing, connection: Record<string, unknown>): Look => {
  const appspaceId = appspaceIdOf(connection);
  return appspaceId === null ? { kind: 'couldNotLook', problem: UNREADABLE } : lookOf(listing, appspaceId);
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
  if (list.length === 0) return;
  const id = `${SYSTEM}-${chunk.slotMs}-${chunk.keys[0] || 'first'}`;
  await observations.add([{ id, payload: { slotMs: chunk.slotMs, observations: list } }]);
}

/** Sweeps all players, and keeps the targets up with the registry; a new or changed one is looked at at once. */
export async function openPoller(options: PollerOptions): Promise<{ stopped: Promise<void> }> {
  const { db, logger, metrics } = options;
  const observations = options.queues.queue(OBSERVATIONS_QUEUE, observationsShape);
  const listings = shareListings(createTake(options), Date.now);
  const sweep = await openSweep({
    queues: options.queues,
    name: 'appspace',
    intervalSeconds: options.sweepSeconds,
    concurrency: options.chunkConcurrency,
    listKeys: async () => [ACCOUNT_KEY, ...(await listTargetIds(db))],
    visitChunk: (chunk) => visitPlayers({ db, metrics, listings }, observations, chunk),
    onLate: (chunk) => {
      metrics.lateChunks.inc();
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
