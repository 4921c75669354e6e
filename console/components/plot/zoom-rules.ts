import { LONGEST_MS, type Preset } from '../time-range-rules.ts';

/** What was shown before a zoom. */
export type ZoomStep = { preset: Preset } | { from: Date; to: Date };

/** Twice as much around the same middle, and nothing that is still to come; null where what is shown moves along by itself. */
export function widened(
  { preset, from, to }: { preset: Preset | null; from: Date; to: Date },
  now: number,
): { from: Date; to: Date } | null {
  if (preset !== null) return null;
  const half = (to.getTime() - from.getTime()) / 2;
  const end = Math.min(to.getTime() + half, Math.max(now, to.getTime()));
  const start = Math.max(end - 4 * half, end - LONGEST_MS);
  return { from: new Date(start), to: new Date(end) };
}
