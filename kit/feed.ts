import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Logger } from './logger.ts';

/** How long the owner of a feed holds a request that has nothing new. */
export const FEED_WAIT_SECONDS = 20;
const RETRY_MS = 1_000;

const pageShape = z.object({ cursor: z.string(), more: z.boolean(), items: z.array(z.unknown()) });

export type FeedOptions<Item> = {
  /** The feed's address; `after` and `wait` are added to it. */
  url: string;
  token: string;
  item: z.ZodType<Item>;
  /** Where this reader stands, or null to read all from the start. */
  readCursor: () => Promise<string | null>;
  /**
   * Takes the items behind the cursor `from` in order and keeps `to`, in one transaction, unless the cursor is no longer `from`:
   * another process of the same reader was quicker then.
   */
  apply: (items: Item[], move: { from: string | null; to: string }) => Promise<void>;
  /**
   * Called when the owner does not know `cursor`, since the feed is another one by now: the reader forgets all it has of it,
   * unless the cursor is no longer `cursor`, and starts over.
   */
  reset: (cursor: string) => Promise<void>;
  signal: AbortSignal;
  logger: Logger;
};

/** One page of the feed after `cursor`, or null when the owner does not know the cursor. */
async function fetchPage<Item>(
  options: FeedOptions<Item>,
  cursor: string | null,
): Promise<z.infer<typeof pageShape> | null> {
  const url = new URL(options.url);
  url.searchParams.set('wait', String(FEED_WAIT_SECONDS));
  if (cursor !== null) url.searchParams.set('after', cursor);
  const deadline = AbortSignal.timeout((FEED_WAIT_SECONDS + 10) * 1_000);
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${options.token}` },
    signal: AbortSignal.any([options.signal, deadline]),
  });
  if (response.status === 410 && cursor !== null) return null;
  if (!response.ok) throw new Error(`The feed at ${url.origin}${url.pathname} answered ${response.status}`);
  return pageShape.parse(await response.json());
}

/** Follows another service's feed by cursor until the signal aborts. An owner that is away is asked again every second. */
export async function followFeed<Item>(options: FeedOptions<Item>): Promise<void> {
  let isAway = false;
  while (!options.signal.aborted) {
    try {
      const cursor = await options.readCursor();
      const page = await fetchPage(options, cursor);
      // A wait that was over without news moves nothing.
      if (page !== null && (page.items.length > 0 || page.cursor !== cursor))
        await options.apply(z.array(options.item).parse(page.items), { from: cursor, to: page.cursor });
      else if (page === null && cursor !== null) {
        options.logger.warn({ url: options.url }, 'the feed is another one by now, reading it from the start');
        await options.reset(cursor);
      }
      if (isAway) options.logger.info({ url: options.url }, 'the feed is back');
      isAway = false;
    } catch (err) {
      if (options.signal.aborted) return;
      if (!isAway) options.logger.warn({ err, url: options.url }, 'the feed can not be read, trying again');
      isAway = true;
      await sleep(RETRY_MS, undefined, { signal: options.signal }).catch(() => {});
    }
  }
}
