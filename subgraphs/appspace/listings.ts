import type { Database } from '@wheelhouse/kit/database.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import type { Appspace } from './appspace.ts';
import type { Metrics } from './metrics.ts';
import { type Listing, NOT_CONFIGURED } from './rules.ts';
import { saveListing } from './store.ts';

export type Listings = {
  /** The players as they were at some time since `slotMs`. @throws the signal's reason, and what the database says */
  since: (slotMs: number) => Promise<Listing>;
};

type Taken = { startedMs: number; listing: Promise<Listing>; isDone: boolean };

/**
 * One listing for all that ask for one of the same slot: a sweep is a few requests, however many chunks and players it has. Only one is under way at
 * a time, so a slow Appspace is not asked more than it can answer.
 */
export function shareListings(take: () => Promise<Listing>, now: () => number): Listings {
  let latest: Taken | null = null;
  const begin = (): Taken => {
    const taken: Taken = { startedMs: now(), listing: take(), isDone: false };
    taken.listing.then(
      () => {
        taken.isDone = true;
      },
      () => {
        // Nobody else should be told of it: the next one who asks begins anew.
        if (latest === taken) latest = null;
      },
    );
    return taken;
  };
  return {
    async since(slotMs) {
      for (;;) {
        if (latest !== null && latest.startedMs >= slotMs) return latest.listing;
        if (latest === null || latest.isDone) {
          latest = begin();
          return latest.listing;
        }
        await latest.listing.catch(() => undefined);
      }
    },
  };
}

export type TakeOptions = {
  db: Database;
  /** Null where no account is configured. */
  appspace: Appspace | null;
  metrics: Metrics;
  logger: Logger;
  signal: AbortSignal;
};

/** Takes listings, keeps what is in them, and says in the log when it begins to go wrong, and when it is right again. */
export function createTake({ db, appspace, metrics, logger, signal }: TakeOptions): () => Promise<Listing> {
  let said: string | null = null;
  if (appspace === null) {
    logger.info(
      `${NOT_CONFIGURED}: set APPSPACE_URL, APPSPACE_SUBJECT_ID and APPSPACE_REFRESH_TOKEN to watch its players`,
    );
    return async () => ({ atMs: Date.now(), players: new Map(), problem: NOT_CONFIGURED });
  }
  return async () => {
    const endTimer = metrics.listingSeconds.startTimer();
    const listing = await appspace.listPlayers(signal);
    endTimer();
    metrics.listedPlayers.set(listing.players.size);
    const { problem, players } = listing;
    if (problem !== null && problem !== said) logger.warn({ problem, players: players.size }, 'Appspace does not tell');
    if (problem === null && said !== null) logger.info({ players: players.size }, 'Appspace tells again');
    said = problem;
    await saveListing(db, listing);
    return listing;
  };
}
