import type { ExecutionResult } from 'graphql';
import type { SubgraphResponse } from '../subgraphs/subgraph-response.ts';
import type { Subscriber } from './subscriber.ts';

/** An event as it came from the service that owns the field. */
export type FeedEvent = {
  /** Its place in the log; null where the service does not say. */
  position: number | null;
  response: SubgraphResponse;
  /** What became of it for each selection. */
  outcomes: Map<Projection, Outcome>;
};

/** Requests for one selection at the same time: enough to hide a round trip, few enough to be fair. */
const RUNS_IN_PARALLEL = 4;
/** Events that are completed together when they come faster than one by one. */
const EVENTS_PER_RUN = 64;
/** What is fetched besides an event is the present: older than this, it is fetched anew for who replays. */
const PRESENT_MS = 1_000;

/** The result of one event for one selection: there, or still to come. */
export class Outcome {
  result: ExecutionResult | null = null;
  readonly madeAtMs = performance.now();
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
    return nowMs - this.madeAtMs < PRESENT_MS;
  }
}

export type ProjectionOptions = {
  /** Makes the results of events, in their order; at once where nothing else has to be fetched. Must not throw. */
  process: (events: readonly SubgraphResponse[], signal: AbortSignal) => ExecutionResult[] | Promise<ExecutionResult[]>;
  /** Whether results hold what is fetched besides the event. */
  fetchesMore: boolean;
  /** Told of events that are complete, and how long ago the first of them came. */
  onCompleted?: (count: number, seconds: number) => void;
};

/** One selection of a feed's events by one identity: each event is completed once for all who asked for the same. */
export class Projection {
  /** Tells it from the other selections of its feed. */
  readonly key: string;
  readonly options: ProjectionOptions;
  /** Who is counted for what it makes: who asked for it first. */
  readonly founder: string;
  readonly subscribers = new Set<Subscriber>();
  readonly #aborter = new AbortController();
  readonly #waiting: { event: FeedEvent; outcome: Outcome }[] = [];
  #running = 0;

  constructor(key: string, options: ProjectionOptions, founder: string) {
    this.key = key;
    this.options = options;
    this.founder = founder;
  }

  outcomeOf(event: FeedEvent): Outcome {
    const known = event.outcomes.get(this);
    if (known !== undefined && (!this.options.fetchesMore || known.isPresent(performance.now()))) return known;
    const outcome = new Outcome();
    event.outcomes.set(this, outcome);
    this.#waiting.push({ event, outcome });
    this.#start();
    return outcome;
  }

  /** Gives up what is being fetched: nobody waits for it. */
  abandon(): void {
    this.#waiting.length = 0;
    this.#aborter.abort();
  }

  #start(): void {
    while (this.#running < RUNS_IN_PARALLEL && this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, EVENTS_PER_RUN);
      const finish = (results: ExecutionResult[]): void => {
        for (const [index, { outcome }] of batch.entries()) outcome.done(results[index] ?? {});
        this.options.onCompleted?.(batch.length, (performance.now() - (batch[0]?.outcome.madeAtMs ?? 0)) / 1_000);
      };
      const results = this.options.process(
        batch.map(({ event }) => event.response),
        this.#aborter.signal,
      );
      if (!(results instanceof Promise)) {
        finish(results);
        continue;
      }
      this.#running += 1;
      void results.then((settled) => {
        this.#running -= 1;
        finish(settled);
        this.#start();
      });
    }
  }
}
