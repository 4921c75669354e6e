/** Waits until it is the caller's turn; null where it is at once. */
export type Turns = (caller: string) => Promise<void> | null;

/**
 * Lets each caller begin one thing in each turn of the event loop. Who asks on many connections at once would else have all of them
 * parsed, checked and planned in one go, while everybody else waits.
 */
export function createTurns(): Turns {
  const begun = new Set<string>();
  const waiting = new Map<string, (() => void)[]>();
  const endTurn = (): void => {
    begun.clear();
    if (waiting.size === 0) return;
    setImmediate(endTurn);
    for (const [caller, queue] of waiting) {
      begun.add(caller);
      queue.shift()?.();
      if (queue.length === 0) waiting.delete(caller);
    }
  };
  return (caller) => {
    if (!begun.has(caller)) {
      if (begun.size === 0) setImmediate(endTurn);
      begun.add(caller);
      return null;
    }
    return new Promise((begin) => {
      const queue = waiting.get(caller);
      if (queue === undefined) waiting.set(caller, [begin]);
      else queue.push(begin);
    });
  };
}
