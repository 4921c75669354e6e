import { visitPaced } from '@wheelhouse/kit/sweep.ts';
import type { Look, PingTarget } from './look.ts';

/** The places of targets in the slot: the first is at `startMs`, each other `intervalMs` after the one before it. */
export type Places = { startMs: number; intervalMs: number; signal: AbortSignal };

/** A look with its time, and the place that it should have had. */
export type Seen = { atMs: number; dueMs: number; look: Look };

export async function untilDue(dueMs: number): Promise<void> {
  const waitMs = dueMs - Date.now();
  if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
}

/** One look at each target, begun at its place. */
export function lookEach(
  targets: readonly PingTarget[],
  { startMs, intervalMs }: Places,
  look: (target: PingTarget) => Promise<Look>,
): Promise<Seen[]> {
  const byKey = new Map(targets.map((target, index) => [String(index), target]));
  return visitPaced({ startMs, paceMs: intervalMs }, [...byKey.keys()], async (key, dueMs) => {
    const target = byKey.get(key);
    if (target === undefined) throw new Error(`there is no target ${key}`);
    const atMs = Date.now();
    return { atMs, dueMs, look: await look(target) };
  });
}
