import type { readCursor } from '@wheelhouse/kit/cursor-log.ts';
import type { Feed } from './feed.ts';
import type { UpstreamSink } from './upstream.ts';

/** Where a stream stands in a log. */
export type Place = NonNullable<ReturnType<typeof readCursor>>;

export type FeedOptions = {
  open: (after: string | null, sink: UpstreamSink) => () => void;
  /** The cursor behind which it begins; null: with the next event. */
  after: string | null;
  /** Whether it begins with what has happened. */
  replays: boolean;
  /** Past events that are kept for who comes back; the memory of a quarter more is taken. */
  keptEvents: () => number;
  /** Told of each selection that is made of its events, by whom it is counted, and of its end. */
  counts: (founder: string, change: 1 | -1) => void;
  retryForMs: number;
  /** Called when the feed has come to an event or a mark, so that one which has caught up can join another. */
  moved: (feed: Feed, isCaughtUp: boolean) => void;
  closed: (feed: Feed) => void;
};
