/** The address of the script that a page of the console begins with; null where there is none. Its name has a hash of all that it loads. */
export const entryScript = (html: string): string | null =>
  /<script\b[^>]*\btype="module"[^>]*\bsrc="([^"]+)"/.exec(html)?.[1] ?? null;

/** When somebody is at the screen, it is not taken from under their hands. */
const IDLE_MS = 60_000;
/** Two routers of different versions behind one address must not make it reload for ever. */
const RELOAD_AT_MOST_EVERY_MS = 600_000;

/** Whether the page reloads now: another version is served than runs, it is live, nobody is at it, and it did not reload a moment ago. */
export function isReloadDue(facts: {
  running: string | null;
  served: string | null;
  isLive: boolean;
  lastInputMs: number;
  lastReloadMs: number;
  nowMs: number;
}): boolean {
  const { running, served, isLive, lastInputMs, lastReloadMs, nowMs } = facts;
  if (running === null || served === null || running === served || !isLive) return false;
  return nowMs - lastInputMs >= IDLE_MS && nowMs - lastReloadMs >= RELOAD_AT_MOST_EVERY_MS;
}
