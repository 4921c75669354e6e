/** Waits until it is the caller's turn; null where it is at once. */
export type Turns = (caller: string) => Promise<void> | null;

/**
 * Lets each caller begin one thing in each turn of the event loop. Who asks on many connections at once would else have all of them
 * parsed, checked and planned in one go, while everybody else waits.
 */
export function createTurns(): Turns {
  const waiting = new Map<string, (() => void)[]>();
  const next = (caller: string): void => {
    const begin = waiting.get(caller)?.shift();
    if (begin === undefined) {
      waiting.delete(caller);
      return;
    }
    begin();
    setImmediate(next, caller);
  };
  return (caller) => {
    const queue = waiting.get(caller);
    if (queue === undefined) {
      waiting.set(caller, []);
      setImmediate(next, caller);
      return null;
    }
    return new Promise((begin) => queue.push(begin));
  };
}
