import { useSyncExternalStore } from 'react';

/** What one clock for the whole page ticks: a thousand rows do not want a thousand timers. */
const TICK_MS = 5_000;
const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of [...listeners]) each();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The present, in ms since the epoch, to five seconds. */
export const useNow = (): number => useSyncExternalStore(subscribe, () => now);

/** What is made of the present; who uses it is drawn anew only when that is another text. */
export const useNowText = (textAt: (now: number) => string): string =>
  useSyncExternalStore(subscribe, () => textAt(now));
