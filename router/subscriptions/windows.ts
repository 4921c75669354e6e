/** So many full windows one caller has; with more streams each has a smaller one. */
const FULL_WINDOWS = 20;
/** Below this a replay would be opened again for every few events. */
const MIN_WINDOW = 16;

/**
 * How many events may wait for one stream that has them for itself before its upstream is let go, and how many a feed keeps for who comes back:
 * half of what may wait for a subscriber. Who has many such streams gets smaller ones, so that all of them together do not fill the heap: each
 * holds events that nobody shares.
 *
 * @param capacity events that may wait for one subscriber
 * @param streams of the same caller that have something for themselves
 */
export function windowOf(capacity: number, streams: number): number {
  const full = Math.max(1, capacity >> 1);
  return Math.min(full, Math.max(MIN_WINDOW, Math.floor((full * FULL_WINDOWS) / Math.max(1, streams))));
}

/** Counts by name; what is at 0 is forgotten. */
export class Counts {
  readonly #counts = new Map<string, number>();

  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  add(name: string, change: 1 | -1): void {
    const count = this.of(name) + change;
    if (count > 0) this.#counts.set(name, count);
    else this.#counts.delete(name);
  }
}
