import { ACCESS_FEED_PATH, type AccessItem, accessItemShape, TOKEN_MAX_SECONDS } from '@wheelhouse/contracts/access.ts';
import { followFeed } from '@wheelhouse/kit/feed.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import type { Caller } from './caller.ts';

/** Longer than any token lives, clocks that differ included: what was taken away before that concerns nobody any more. */
const KEPT_MS = (TOKEN_MAX_SECONDS + 60) * 1_000;

/** What was taken away, by the session, key or person that it was taken from. */
export class Revocations {
  readonly #before = new Map<string, number>();

  add(items: readonly AccessItem[], now: Date): void {
    for (const { sub, sid, before } of items) {
      const beforeMs = Date.parse(before);
      for (const name of [sub === null ? [] : `sub ${sub}`, sid === null ? [] : `sid ${sid}`].flat())
        this.#before.set(name, Math.max(beforeMs, this.#before.get(name) ?? 0));
    }
    for (const [name, beforeMs] of this.#before) if (beforeMs < now.getTime() - KEPT_MS) this.#before.delete(name);
  }

  concerns({ asserted: { sub, sid }, sinceMs }: Caller): boolean {
    const beforeMs = Math.max(this.#before.get(`sub ${sub}`) ?? 0, this.#before.get(`sid ${sid}`) ?? 0);
    return sinceMs < beforeMs;
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
