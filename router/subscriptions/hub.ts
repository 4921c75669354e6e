import { readCursor } from '@wheelhouse/kit/cursor-log.ts';
import type { GraphQLError } from 'graphql';
import type { Caller } from '../access/caller.ts';
import { withoutHttp } from '../faults.ts';
import { type Census, NOBODY } from './census.ts';
import { lifetimeExceeded, tooMany } from './endings.ts';
import { Feed } from './feed.ts';
import type { Place } from './feed-options.ts';
import type { ProjectionOptions } from './projection.ts';
import { type EndReason, Subscriber, type SubscriberOwner } from './subscriber.ts';
import type { UpstreamSink } from './upstream.ts';
import { Counts, windowOf } from './windows.ts';

export type HubOptions = {
  /** Events that may wait for one subscriber. */
  capacity: number;
  /** Subscriptions at the same time. */
  maxSubscriptions: number;
  /** Of one caller; 0: as many as the router takes. */
  maxPerCaller: number;
  /** Of one caller, those that still replay what has happened; 0: as many as it may have. */
  maxCatchingUpPerCaller: number;
  /** After this a stream ends, and its client subscribes again: no connection lives for ever. */
  lifetimeMs: number;
  /** How long an upstream may stay away before its subscribers are told. */
  retryForMs: number;
  /** Why what a caller has open must end; null while it may go on. */
  endOf?: (caller: Caller) => GraphQLError | null;
  onOpened: () => void;
  onEnded: (reason: EndReason) => void;
};

/** What a subscriber wants to hear. */
export type Wish = {
  /** Whose wish it is; null where there are no accounts. */
  caller?: Caller | null;
  /** Who is counted. */
  countedAs: string;
  /** What has the same name comes from the same upstream: service, operation, variables less the cursor, standing. */
  feedKey: string;
  /** Whether others may listen to the same upstream. */
  isShareable: boolean;
  /** The cursor behind which the subscriber goes on; null: from now on. */
  after: string | null;
  /** Whether it begins with what has happened, though the cursor be in the operation's own text. */
  replays: boolean;
  /** What has the same name makes the same of an event. */
  projectionKey: string;
  projection: ProjectionOptions;
  open: (after: string | null, sink: UpstreamSink) => () => void;
};

const SWEEP_MS = 1_000;
/** What may wait of a state, whose cursor is no place in a log: opened again, it tells the present instead of what was missed. */
const STATE_WAITING = 8;

/**
 * All subscriptions of a router. Who asks for the same as the same caller shares one live upstream; who comes back with a cursor
 * is served from what that one keeps, or catches up on an upstream of its own first.
 */
export class Hub {
  readonly #options: HubOptions;
  readonly #live = new Map<string, Feed>();
  readonly #feeds = new Set<Feed>();
  /** In the order in which they started, and all live equally long: the first is the next to end. */
  readonly #subscribers = new Set<Subscriber>();
  readonly #perCaller = new Counts();
  /** Streams that have an upstream for themselves until they have caught up. */
  readonly #catchingUp = new Counts();
  /** What is made of events for one caller's own. */
  readonly #selections = new Counts();
  readonly #sweep: NodeJS.Timeout;
  readonly #owner: SubscriberOwner;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#owner = {
      delivered: 0,
      left: (subscriber, reason) => {
        this.#subscribers.delete(subscriber);
        this.#perCaller.add(subscriber.countedAs, -1);
        subscriber.seat?.feed.remove(subscriber, reason === 'unsubscribed');
        options.onEnded(reason);
      },
      drained: ({ seat }) => seat?.feed.drained(),
    };
    this.#sweep = setInterval(() => {
      this.#endOldest(performance.now());
      this.endTaken();
    }, SWEEP_MS);
  }

  /** @returns the stream, or why there is none */
  subscribe(wish: Wish): Subscriber | GraphQLError {
    const { capacity, onOpened } = this.#options;
    const { caller = null, countedAs, feedKey, isShareable, after, projectionKey, projection } = wish;
    const live = isShareable ? this.#live.get(feedKey) : undefined;
    const from = after === null ? null : readCursor(after);
    const joins = live !== undefined && this.#joins(live, wish, from);
    const refused = this.#refusal(wish, joins);
    if (refused !== null) return refused;
    const subscriber = new Subscriber(this.#owner, capacity, performance.now(), { caller, countedAs });
    this.#perCaller.add(countedAs, 1);
    this.#subscribers.add(subscriber);
    onOpened();
    if (joins) {
      live.add(subscriber, projectionKey, projection, from ?? undefined);
    } else {
      const feed = this.#openFeed(wish, subscriber);
      if (isShareable && after === null) this.#live.set(feedKey, feed);
      feed.add(subscriber, projectionKey, projection);
    }
    return subscriber;
  }

  /** Whether a live feed tells all that is wished for, from what it keeps where it is shared or little. */
  #joins(live: Feed, { after, projectionKey, countedAs }: Wish, from: Place | null): boolean {
    if (after === null) return true;
    if (from === null || !live.covers(from)) return false;
    return live.makes(projectionKey) || live.countBehind(from) <= this.#windowOf(countedAs);
  }

  #refusal({ countedAs, replays }: Wish, joins: boolean): GraphQLError | null {
    const { maxSubscriptions, maxPerCaller, maxCatchingUpPerCaller: most } = this.#options;
    if (this.#subscribers.size >= maxSubscriptions) {
      return tooMany(`This router has ${maxSubscriptions} subscriptions open, which is all it takes`, maxSubscriptions);
    }
    if (maxPerCaller > 0 && this.#perCaller.of(countedAs) >= maxPerCaller) {
      return tooMany(`You have ${maxPerCaller} subscriptions open, which is all that one caller may`, maxPerCaller);
    }
    if (most > 0 && replays && !joins && this.#catchingUp.of(countedAs) >= most) {
      return tooMany(
        `${most} of your subscriptions still catch up from their cursors, which is all that one caller may at a time: read those, or try again later`,
        most,
      );
    }
    return null;
  }

  #windowOf(countedAs: string): number {
    return windowOf(this.#options.capacity, this.#selections.of(countedAs));
  }

  #openFeed({ feedKey, isShareable, after, replays, projectionKey, countedAs, open }: Wish, first: Subscriber): Feed {
    const { capacity, retryForMs } = this.#options;
    const mayWait = (feed: Feed): number =>
      Math.min(this.#windowOf(countedAs), feed.place === null ? STATE_WAITING : Number.POSITIVE_INFINITY);
    let isCounted = replays;
    if (isCounted) this.#catchingUp.add(countedAs, 1);
    const caughtUp = (): void => {
      if (isCounted) this.#catchingUp.add(countedAs, -1);
      isCounted = false;
    };
    const isLittle = (live: Feed, { place }: Feed): boolean =>
      first.waiting <= capacity >> 2 &&
      place !== null &&
      (live.makes(projectionKey) || first.waiting + live.countBehind(place) <= this.#windowOf(countedAs));
    const feed = new Feed({
      ...{ open, after, replays, retryForMs },
      // Together with a quarter that waits already, and the quarter more that a feed keeps, below what may wait. What nobody else may listen to
      // nobody comes back to.
      keptEvents: () => (isShareable ? this.#windowOf(countedAs) : 0),
      counts: (founder, change) => this.#selections.add(founder, change),
      moved: (feed, isCaughtUp) => {
        if (isCaughtUp) caughtUp();
        const live = this.#live.get(feedKey);
        if (live === feed) return;
        if (isShareable && live === undefined && isCaughtUp) this.#live.set(feedKey, feed);
        else if (isShareable && live?.follows(feed, isCaughtUp) && isLittle(live, feed)) live.adopt(feed);
        else if (!isCaughtUp && first.waiting >= mayWait(feed)) feed.pause();
      },
      closed: (feed) => {
        caughtUp();
        this.#feeds.delete(feed);
        if (this.#live.get(feedKey) === feed) this.#live.delete(feedKey);
      },
    });
    this.#feeds.add(feed);
    return feed;
  }

  /** Looks at everything: for whoever asks now and then. */
  census(): Census {
    const census = { ...NOBODY, delivered: this.#owner.delivered };
    for (const { isLive, isOpen, size, kept } of this.#feeds) {
      census.kept += kept;
      if (isLive) {
        census.live += size;
        census.liveUpstreams += isOpen ? 1 : 0;
      } else {
        census.catchingUp += size;
        census.catchingUpUpstreams += isOpen ? 1 : 0;
      }
    }
    for (const { waiting } of this.#subscribers) census.mostWaiting = Math.max(census.mostWaiting, waiting);
    return census;
  }

  #endOldest(nowMs: number): void {
    const { lifetimeMs } = this.#options;
    for (const subscriber of this.#subscribers) {
      if (nowMs - subscriber.startedAtMs < lifetimeMs) return;
      subscriber.end('lifetime', lifetimeExceeded(lifetimeMs));
    }
  }

  /** Ends the subscriptions of callers who count no longer: their time is over, or something was taken away from them. */
  endTaken(): void {
    const { endOf } = this.#options;
    if (endOf === undefined) return;
    for (const subscriber of [...this.#subscribers]) {
      const end = subscriber.caller === null ? null : endOf(subscriber.caller);
      if (end !== null) subscriber.end('access', withoutHttp(end));
    }
  }

  /** Ends every subscription; what waits for one is still delivered. */
  endAll(reason: EndReason, err?: GraphQLError): void {
    for (const subscriber of [...this.#subscribers]) subscriber.end(reason, err);
  }

  close(): void {
    clearInterval(this.#sweep);
    this.endAll('stopping');
  }
}
