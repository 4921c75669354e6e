/** Waits until the caller may have so much more under way, or until nobody waits for it any more. @returns ends it */
export type Enter = (caller: string, amount: number, signal?: AbortSignal) => Promise<() => void>;

export type UnderWay = {
  enter: Enter;
  /** Of all callers, what waits for something of the same caller to end. */
  waiting: () => number;
};

type Waiting = { amount: number; begin: () => void };
type Share = { taken: number; waiting: Waiting[] };

/**
 * Bounds what each caller has under way at a time; what is more waits for what came before it, in order. What is larger than the limit
 * is let in when nothing else of its caller is under way.
 *
 * @param limit 0: as much as they like
 */
export function createUnderWay(limit: number): UnderWay {
  const shares = new Map<string, Share>();
  let waiting = 0;

  const next = (caller: string, share: Share): void => {
    for (;;) {
      const [first] = share.waiting;
      if (first === undefined || (share.taken > 0 && share.taken + first.amount > limit)) break;
      share.waiting.shift();
      waiting -= 1;
      share.taken += first.amount;
      first.begin();
    }
    if (share.taken === 0 && share.waiting.length === 0) shares.delete(caller);
  };

  return {
    waiting: () => waiting,
    enter: (caller, amount, signal) => {
      if (limit === 0 || amount === 0 || signal?.aborted === true) return Promise.resolve(() => {});
      const share = shares.get(caller) ?? { taken: 0, waiting: [] };
      shares.set(caller, share);
      const { promise, resolve } = Promise.withResolvers<() => void>();
      const own: Waiting = {
        amount,
        begin: () => {
          signal?.removeEventListener('abort', giveUp);
          resolve(() => {
            share.taken -= amount;
            next(caller, share);
          });
        },
      };
      const giveUp = (): void => {
        share.waiting.splice(share.waiting.indexOf(own), 1);
        waiting -= 1;
        next(caller, share);
        resolve(() => {});
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      waiting += 1;
      share.waiting.push(own);
      next(caller, share);
      return promise;
    },
  };
}
