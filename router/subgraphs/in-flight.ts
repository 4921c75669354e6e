import { copyJson } from '../execution/json.ts';
import type { Place } from '../tracing/stage.ts';
import type { SubgraphResponse } from './subgraph-response.ts';

type Taker = { signal: AbortSignal; leave: () => void; resolve: (response: SubgraphResponse) => void };

type FlightOptions = {
  /** Where the request stands in the trace of whoever sent it; null when it is not traced. */
  place: Place | null;
  /** What a taker gets that leaves before the answer. */
  gone: () => SubgraphResponse;
  /** The last one has left. */
  onDeserted: () => void;
};

/** A request under way and all who wait for its answer. */
export class Flight {
  readonly #takers = new Set<Taker>();
  readonly #options: FlightOptions;

  constructor(options: FlightOptions) {
    this.#options = options;
  }

  get place(): Place | null {
    return this.#options.place;
  }

  /** Resolves with the answer, or at once when the signal aborts; others go on waiting then. */
  join(signal: AbortSignal): Promise<SubgraphResponse> {
    return new Promise((resolve) => {
      const leave = (): void => {
        this.#takers.delete(taker);
        resolve(this.#options.gone());
        if (this.#takers.size === 0) this.#options.onDeserted();
      };
      const taker: Taker = { signal, leave, resolve };
      this.#takers.add(taker);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  /** Every taker gets a response of its own, for it merges others into it. */
  settle(response: SubgraphResponse): void {
    let isTaken = false;
    for (const { signal, leave, resolve } of this.#takers) {
      signal.removeEventListener('abort', leave);
      resolve(isTaken ? copyJson(response) : response);
      isTaken = true;
    }
    this.#takers.clear();
  }
}

/** Names of headers that say nothing of who asks or what for: they tie log lines and spans together. */
const TRACING = new Set(['x-request-id', 'traceparent', 'tracestate']);

/**
 * Requests with the same key get the same answer: same address, same body, and same value of every header that is passed on but for
 * tracing. Lengths stand before the values, so that no value can look like a header and its value.
 */
export function shareKey(url: string, headers: Readonly<Record<string, string>>, body: string): string {
  let key = `${url} `;
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined && !TRACING.has(name)) key += `${name}:${value.length}:${value};`;
  }
  return key + body;
}

/** A power of two, far more than requests under way: a slot seldom holds two. */
const SLOTS = 4_096;

/** Reads at most some 250 characters, evenly spread: what has the same slot is compared whole. */
function slotOf(key: string): number {
  const step = 1 + (key.length >> 8);
  let hash = key.length;
  for (let index = key.length - 1; index >= 0; index -= step) hash = (Math.imul(hash, 31) + key.charCodeAt(index)) | 0;
  return hash & (SLOTS - 1);
}

type Entry = { key: string; flight: Flight; generation: number; next: Entry | null };

/**
 * Queries under way that another caller may join, of all subgraphs together: what a mutation in one has changed may show in
 * another, so after a mutation anywhere nobody joins a query that began before it.
 *
 * A Map would do, but the tables that V8's leaves behind every few dozen keys hold what was in them until the next full collection:
 * requests of distinct callers cost a third more in all.
 */
export class InFlight {
  readonly #slots = new Array<Entry | null>(SLOTS).fill(null);
  #generation = 0;

  find(key: string): Flight | null {
    for (let entry = this.#slots[slotOf(key)] ?? null; entry !== null; entry = entry.next) {
      if (entry.generation === this.#generation && entry.key === key) return entry.flight;
    }
    return null;
  }

  /** @returns takes it out again */
  add(key: string, flight: Flight): () => void {
    const slot = slotOf(key);
    const added: Entry = { key, flight, generation: this.#generation, next: this.#slots[slot] ?? null };
    this.#slots[slot] = added;
    return () => {
      let entry = this.#slots[slot] ?? null;
      if (entry === added) this.#slots[slot] = added.next;
      else {
        while (entry !== null && entry.next !== added) entry = entry.next;
        if (entry !== null) entry.next = added.next;
      }
    };
  }

  /** Those that wait go on waiting; nobody joins them any more. */
  forget(): void {
    this.#generation += 1;
  }
}
