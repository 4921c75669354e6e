import type { ExecutionResult } from 'graphql';
import type { SubgraphResponse } from '../subgraph-response.ts';
import type { Subscriber } from './subscriber.ts';

/** An event as it came from the service that owns the field. */
export type FeedEvent = {
  /** Its place in the log; null where the service does not say. */
  position: number | null;
  response: SubgraphResponse;
  /** What became of it for each selection. */
  outcomes: Map<Projection, Outcome>;
};

/** Events of one selection whose other fields are fetched at the same time: enough to hide a round trip, few enough to be fair. */
const EVENTS_IN_PARALLEL = 8;
/** What is fetched besides an event is the present: older than this, it is fetched anew for who replays. */
const PRESENT_MS = 1_000;

/** The result of one event for one selection: there, or still to come. */
export class Outcome {
  result: ExecutionResult | null = null;
  readonly #madeAtMs = performance.now();
  #waiting: Subscriber[] | null = null;

  whenDone(subscriber: Subscriber): void {
    this.#waiting ??= [];
    this.#waiting.push(subscriber);
  }

  done(result: ExecutionResult): void {
    this.result = result;
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    for (const subscriber of waiting) subscriber.deliver();
  }

  isPresent(nowMs: number): boolean {
    return nowMs - this.#madeAtMs < PRESENT_MS;
  }
}

export type ProjectionOptions = {
  /** Makes the result of an event, at once where nothing else has to be fetched; must not throw. */
  process: (event: SubgraphResponse, signal: AbortSignal) => ExecutionResult | Promise<ExecutionResult>;
  /** Whether results hold what is fetched besides the event. */
  fetchesMore: boolean;
};

/** One selection of a feed's events by one identity: each event is completed once for all who asked for the same. */
export class Projection {
  /** Tells it from the other selections of its feed. */
  readonly key: string;
  readonly options: ProjectionOptions;
  readonly subscribers = new Set<Subscriber>();
  readonly #aborter = new AbortController();
  readonly #waiting: { event: FeedEvent; outcome: Outcome }[] = [];
  #running = 0;

  constructor(key: string, options: ProjectionOptions) {
    this.key = key;
    this.options = options;
  }

  outcomeOf(event: FeedEvent): Outcome {
    const known = event.outcomes.get(this);
    if (known !== undefined && (!this.options.fetchesMore || known.isPresent(performance.now()))) return known;
    const outcome = new Outcome();
    event.outcomes.set(this, outcome);
    if (this.options.fetchesMore) {
      this.#waiting.push({ event, outcome });
      this.#start();
    } else {
      const result = this.options.process(event.response, this.#aborter.signal);
      if (result instanceof Promise) void result.then((settled) => outcome.done(settled));
      else outcome.result = result;
    }
    return outcome;
  }

  /** Gives up what is being fetched: nobody is left. */
  abandon(): void {
    this.#waiting.length = 0;
    this.#aborter.abort();
  }

  #start(): void {
    while (this.#running < EVENTS_IN_PARALLEL) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#running += 1;
      const finish = (result: ExecutionResult): void => {
        this.#running -= 1;
        next.outcome.done(result);
        this.#start();
      };
      const result = this.options.process(next.event.response, this.#aborter.signal);
      if (result instanceof Promise) void result.then(finish);
      else finish(result);
    }
  }
}
