import { ACCESS_FEED_PATH, type AccessItem, accessItemShape, TOKEN_MAX_SECONDS } from '@wheelhouse/contracts/access.ts';
import { followFeed } from '@wheelhouse/kit/feed.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import type { Caller } from './caller.ts';

/** Longer than any token lives, clocks that differ included: what was taken away before that concerns nobody any more. */
const KEPT_MS = (TOKEN_MAX_SECONDS + 60) * 1_000;

/** What was taken away under one name. */
type Taken = {
  /** All that was signed before. */
  beforeMs: number;
  /** The version of rights from which on what is signed counts; null while they have not changed. */
  rightsVersion: number | null;
  /** When they changed, for what says no version. */
  changedMs: number;
};

/** What was taken away, by the session, key or person that it was taken from. */
export class Revocations {
  readonly #taken = new Map<string, Taken>();

  add(items: readonly AccessItem[], now: Date): void {
    for (const { sub, sid, before, rightsVersion } of items) {
      const atMs = Date.parse(before);
      for (const name of [sub === null ? [] : `sub ${sub}`, sid === null ? [] : `sid ${sid}`].flat()) {
        const taken = this.#taken.get(name) ?? { beforeMs: 0, rightsVersion: null, changedMs: 0 };
        if (rightsVersion === null) taken.beforeMs = Math.max(atMs, taken.beforeMs);
        else {
          taken.rightsVersion = Math.max(rightsVersion, taken.rightsVersion ?? rightsVersion);
          taken.changedMs = Math.max(atMs, taken.changedMs);
        }
        this.#taken.set(name, taken);
      }
    }
    const oldMs = now.getTime() - KEPT_MS;
    for (const [name, { beforeMs, changedMs }] of this.#taken)
      if (Math.max(beforeMs, changedMs) < oldMs) this.#taken.delete(name);
  }

  concerns({ asserted: { sub, sid }, rightsVersion, sinceMs }: Caller): boolean {
    return [`sub ${sub}`, `sid ${sid}`].some((name) => {
      const taken = this.#taken.get(name);
      if (taken === undefined) return false;
      if (sinceMs < taken.beforeMs) return true;
      if (taken.rightsVersion === null) return false;
      // By number where there is one: clocks of the machines that sign and that take away may differ.
      return rightsVersion === null ? sinceMs < taken.changedMs : rightsVersion < taken.rightsVersion;
    });
  }
}

/**
 * Follows what is taken away from users until the signal aborts. While the accounts service is away nothing is heard: what was signed
 * before holds until its own end, a quarter of an hour at most.
 */
export function followRevocations(options: {
  accounts: URL;
  serviceToken: string;
  revocations: Revocations;
  onChange: () => void;
  now: () => Date;
  signal: AbortSignal;
  logger: Logger;
}): Promise<void> {
  const { accounts, serviceToken, revocations, onChange, now, signal, logger } = options;
  let cursor: string | null = null;
  return followFeed<AccessItem>({
    url: new URL(ACCESS_FEED_PATH, accounts).href,
    token: serviceToken,
    item: accessItemShape,
    readCursor: () => Promise.resolve(cursor),
    apply: (items, { to }) => {
      cursor = to;
      revocations.add(items, now());
      if (items.length > 0) onChange();
      return Promise.resolve();
    },
    // What is known stays: it was taken away all the same.
    reset: () => {
      cursor = null;
      return Promise.resolve();
    },
    signal,
    logger,
  });
}
