import { LRUCache } from 'lru-cache';

/** How many times as long as its work took a caller leaves the thread to others that ask. */
const LEAVES = 3;
/** The longest that a caller rests for what it has asked so far. */
const MOST_REST_MS = 1_000;
/** How lately somebody else must have asked: who is alone need not rest. */
const RECENT_MS = 1_000;
/** Callers of which is remembered that they rest. */
const REMEMBERED = 10_000;

export type Turns = {
  /** Waits until the caller may begin something; null where that is at once. */
  begin: (caller: string) => Promise<void> | null;
  /** Notes for how long nobody else had a turn because of a caller. */
  spent: (caller: string, ms: number) => void;
  /** Notes that a caller asks, and tells for how long it leaves the thread to others before it begins anything more; 0 where nobody else asks. */
  restMs: (caller: string) => number;
};

/**
 * Shares the one thread that all callers have in common. Each caller begins one thing in each turn of the event loop: who asks on many
 * connections at once would else have all of them parsed, checked and planned in one go, while everybody else waits. And after what took
 * long, a caller rests: what somebody else asks takes several turns to be answered, and would have to wait in each of them.
 *
 * @param now a clock in ms that never goes back
 */
export function createTurns(now: () => number = () => performance.now()): Turns {
  const begun = new Set<string>();
  const waiting = new Map<string, (() => void)[]>();
  const restsUntilMs = new LRUCache<string, number>({ max: REMEMBERED });
  let latest = { caller: '', atMs: Number.NEGATIVE_INFINITY };
  /** The latest of somebody else than that one. */
  let before = latest;
  let endsTurn = false;
  let restTimer: NodeJS.Timeout | undefined;

  const restMs: Turns['restMs'] = (caller) => {
    const atMs = now();
    if (caller !== latest.caller) before = latest;
    latest = { caller, atMs };
    const leftMs = (restsUntilMs.get(caller) ?? atMs) - atMs;
    return leftMs > 0 && atMs - before.atMs < RECENT_MS ? leftMs : 0;
  };

  const endTurn = (): void => {
    endsTurn = false;
    begun.clear();
    let soonestMs = MOST_REST_MS;
    for (const [caller, queue] of waiting) {
      const leftMs = restMs(caller);
      if (leftMs > 0) {
        soonestMs = Math.min(soonestMs, leftMs);
        continue;
      }
      begun.add(caller);
      queue.shift()?.();
      if (queue.length === 0) waiting.delete(caller);
    }
    if (begun.size > 0) endTurnSoon();
    // All who wait are at rest: the loop need not turn for them.
    else if (waiting.size > 0) lookAgain(soonestMs);
  };
  const endTurnSoon = (): void => {
    if (endsTurn) return;
    endsTurn = true;
    clearTimeout(restTimer);
    setImmediate(endTurn);
  };
  const lookAgain = (inMs: number): void => {
    clearTimeout(restTimer);
    restTimer = setTimeout(endTurn, Math.ceil(inMs));
  };

  return {
    restMs,
    spent: (caller, ms) => {
      const atMs = now();
      const fromMs = Math.max(atMs, restsUntilMs.get(caller) ?? atMs);
      restsUntilMs.set(caller, Math.min(fromMs + ms * LEAVES, atMs + MOST_REST_MS));
    },
    begin: (caller) => {
      if (!begun.has(caller) && !waiting.has(caller) && restMs(caller) === 0) {
        begun.add(caller);
        endTurnSoon();
        return null;
      }
      return new Promise((begin) => {
        const queue = waiting.get(caller);
        if (queue === undefined) waiting.set(caller, [begin]);
        else queue.push(begin);
        endTurnSoon();
      });
    },
  };
}
