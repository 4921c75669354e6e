import { readCursor } from '@wheelhouse/kit/cursor-log.ts';
import type { SubgraphResponse } from '../subgraphs/subgraph-response.ts';
import type { FeedOptions, Place } from './feed-options.ts';
import { type FeedEvent, Projection, type ProjectionOptions } from './projection.ts';
import { openResuming } from './resuming.ts';
import type { EndReason, Subscriber } from './subscriber.ts';
import { SubscriptionRefusedError, type UpstreamSink } from './upstream.ts';

/**
 * One upstream subscription and those who listen to it. A live feed is shared by all who asked for the same as the same caller; one
 * that is catching up has a listener of its own, and joins the live one when it has come to what that one keeps.
 */
export class Feed {
  readonly #options: FeedOptions;
  readonly #projections = new Map<string, Projection>();
  #subscribers = 0;
  #events: FeedEvent[] = [];
  #epoch: string | null = null;
  /** It has all events behind this position, up to `#reached`. */
  #start = 0;
  #reached = 0;
  #cursor: string | null;
  /** Whether the service has named a cursor: only then there is a place to go on from. */
  #isResumable = false;
  #upstream: { free: () => void } | null = null;
  #isClosed = false;
  #isLive: boolean;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#cursor = options.after;
    this.#isLive = !options.replays;
    const from = options.after === null ? null : readCursor(options.after);
    if (from !== null) this.#goTo(from);
  }

  get size(): number {
    return this.#subscribers;
  }

  /** Whether it tells what happens, and not what has happened. */
  get isLive(): boolean {
    return this.#isLive;
  }

  /** Whether it has an upstream: none while its listener is slow to read what came. */
  get isOpen(): boolean {
    return this.#upstream !== null;
  }

  /** Where it stands; null while that is not known. */
  get place(): Place | null {
    return this.#epoch === null ? null : { epoch: this.#epoch, position: this.#reached };
  }

  /** Past events that are kept. */
  get kept(): number {
    return this.#events.length;
  }

  /** Whether somebody has asked for the same selection, so that another has its results for nothing. */
  makes(projectionKey: string): boolean {
    return this.#projections.has(projectionKey);
  }

  /** How many of the kept events come behind a position. */
  countBehind({ position }: Place): number {
    let count = 0;
    for (let at = this.#events.length - 1; at >= 0 && (this.#events[at]?.position ?? 0) > position; at -= 1) count += 1;
    return count;
  }

  /** Whether it can go on for who has had everything up to the position. */
  covers({ epoch, position }: Place): boolean {
    return epoch === this.#epoch && position >= this.#start && position <= this.#reached;
  }

  /** Whether a listener of another feed can go on here: from what is kept, or since neither has anything left to tell it. */
  follows(other: Feed, isCaughtUp: boolean): boolean {
    const { place } = other;
    if (place === null || place.epoch !== this.#epoch) return false;
    return this.covers(place) || (isCaughtUp && place.position > this.#reached);
  }

  /** Adds a listener that gets what comes from now on and, with `from`, first what is kept behind that position. */
  add(subscriber: Subscriber, key: string, options: ProjectionOptions, from?: Place): void {
    const projection = this.#projections.get(key) ?? new Projection(key, options, subscriber.countedAs);
    if (!this.#projections.has(key)) this.#options.counts(projection.founder, 1);
    this.#projections.set(key, projection);
    projection.subscribers.add(subscriber);
    subscriber.seat = { feed: this, projection };
    this.#subscribers += 1;
    if (from !== undefined) {
      subscriber.skipUpTo = from.position;
      for (const event of this.#events) this.#offer(subscriber, projection, event);
    }
    if (this.#upstream === null) this.#connect();
  }

  /** Takes over the listeners of a feed that has come to what is kept here. */
  adopt(other: Feed): void {
    const { place } = other;
    if (place === null) return;
    if (place.epoch === this.#epoch && place.position >= this.#start && other.#start < this.#start)
      this.#prepend(other);
    for (const projection of other.#projections.values()) {
      for (const subscriber of projection.subscribers) {
        this.add(subscriber, projection.key, projection.options, place);
      }
    }
    other.#close();
  }

  /** Keeps what a feed that began earlier has of the time before this one, as far as there is room. */
  #prepend(other: Feed): void {
    const before = other.#events.filter(({ position }) => position !== null && position <= this.#start);
    if (before.length + this.#events.length > this.#options.keptEvents()) return;
    this.#events = [...before, ...this.#events];
    this.#start = other.#start;
  }

  /** @param isGone whether it takes nothing any more, not even what waits for it */
  remove(subscriber: Subscriber, isGone: boolean): void {
    const projection = subscriber.seat?.projection;
    if (projection?.subscribers.delete(subscriber) !== true) return;
    subscriber.seat = null;
    this.#subscribers -= 1;
    if (projection.subscribers.size === 0) {
      if (isGone) projection.abandon();
      this.#projections.delete(projection.key);
      this.#options.counts(projection.founder, -1);
      // Or a quiet log's events would gather the results of all who ever came by.
      for (const { outcomes } of this.#events) outcomes.delete(projection);
    }
    if (this.#subscribers === 0) this.#close();
  }

  /** Goes on after a listener that was catching up has read what waited for it. */
  drained(): void {
    if (!this.#isClosed && this.#upstream === null) this.#connect();
  }

  #connect(): void {
    this.#upstream = openResuming({
      open: this.#options.open,
      after: this.#cursor,
      isResumable: this.#isResumable,
      retryForMs: this.#options.retryForMs,
      sink: {
        event: (response, cursor) => this.#event(response, cursor),
        caughtUp: (cursor) => {
          this.#isLive = true;
          this.#moveTo(cursor, readCursor(cursor));
          this.#options.moved(this, true);
        },
        end: (err) => this.#end(err),
      },
    });
    if (this.#isClosed) this.#upstream.free();
  }

  #goTo({ epoch, position }: Place): void {
    // Another log: what is kept of the one before is of no use.
    if (epoch !== this.#epoch) {
      this.#events = [];
      this.#start = position;
    }
    this.#epoch = epoch;
    this.#reached = position;
  }

  #moveTo(cursor: string, place: Place | null): void {
    this.#cursor = cursor;
    this.#isResumable = true;
    if (place !== null) this.#goTo(place);
  }

  #event(response: SubgraphResponse, cursor: string | null): void {
    if (this.#isClosed) return;
    const place = cursor === null ? null : readCursor(cursor);
    // Cursors rise: what does not has come before.
    if (place !== null && place.epoch === this.#epoch && place.position <= this.#reached) return;
    if (cursor !== null) this.#moveTo(cursor, place);
    const event: FeedEvent = { position: place?.position ?? null, response, outcomes: new Map() };
    if (place !== null) this.#keep(event);
    for (const projection of this.#projections.values()) {
      for (const subscriber of projection.subscribers) this.#offer(subscriber, projection, event);
    }
    if (cursor !== null && !this.#isClosed) this.#options.moved(this, false);
  }

  #keep(event: FeedEvent): void {
    const keptEvents = this.#options.keptEvents();
    this.#events.push(event);
    if (this.#events.length <= keptEvents * 1.25) return;
    // Cut in portions: shifting one by one would move all for each event.
    const dropped = this.#events.splice(0, this.#events.length - keptEvents);
    this.#start = dropped.at(-1)?.position ?? this.#start;
  }

  #offer(subscriber: Subscriber, projection: Projection, event: FeedEvent): void {
    if (event.position !== null && event.position <= subscriber.skipUpTo) return;
    subscriber.offer(projection.outcomeOf(event));
  }

  /** Stops reading until its one listener has read what waits for it: a log can be read on from anywhere, and a state is told anew. */
  pause(): void {
    this.#upstream?.free();
    this.#upstream = null;
  }

  /** Ends every listener. */
  end(reason: EndReason, err?: unknown): void {
    for (const projection of [...this.#projections.values()]) {
      for (const subscriber of [...projection.subscribers]) subscriber.end(reason, err);
    }
    this.#close();
  }

  #end(err: Parameters<UpstreamSink['end']>[0]): void {
    const reason = err === undefined ? 'completed' : err instanceof SubscriptionRefusedError ? 'refused' : 'lost';
    this.end(reason, err);
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#upstream?.free();
    for (const { founder } of this.#projections.values()) this.#options.counts(founder, -1);
    this.#projections.clear();
    this.#options.closed(this);
  }
}
