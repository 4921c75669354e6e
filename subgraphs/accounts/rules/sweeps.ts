import type { SweepNote, SweptSlot } from '@wheelhouse/kit/sweep-log.ts';

const HOUR_MS = 3_600_000;
const MAX_SLOTS = 10;

export type SweepRun = {
  slot: Date;
  startedAt: Date;
  /** Null while it has not come to its end. */
  finishedAt: Date | null;
  durationSeconds: number | null;
  planned: number;
  visited: number;
  leftOut: number;
};

/** A slot as all its workers did it together; null where nobody who is told of has split it. */
function runOf(slotMs: number, parts: readonly SweptSlot[]): SweepRun | null {
  const planned = Math.max(...parts.map((part) => part.planned ?? -1));
  if (planned < 0) return null;
  const sum = (of: (part: SweptSlot) => number): number => parts.reduce((total, part) => total + of(part), 0);
  // A chunk whose worker died after its last visit is done again, and counted again.
  const visited = Math.min(
    planned,
    sum((part) => part.visited),
  );
  const leftOut = Math.min(
    planned - visited,
    sum((part) => part.leftOut),
  );
  const startedMs = Math.min(...parts.map((part) => part.startedMs));
  const endedMs = Math.max(startedMs, ...parts.map((part) => part.endedMs ?? 0));
  const isFinished = visited + leftOut >= planned;
  return {
    slot: new Date(slotMs),
    startedAt: new Date(startedMs),
    finishedAt: isFinished ? new Date(endedMs) : null,
    durationSeconds: isFinished ? Math.max(0, endedMs - slotMs) / 1_000 : null,
    ...{ planned, visited, leftOut },
  };
}

/**
 * How the sweeps of a service come along, by what its processes noted; null where none sweeps. The slots that it tells of are those of the last hour
 * that were over by now, at most ten, since the first worker that is known of was there.
 */
export function sweepsOf(rows: readonly { sweep: SweepNote | null; startedAt: Date }[], now: Date) {
  const sweeping = rows.flatMap(({ sweep, startedAt }) => (sweep === null ? [] : [{ sweep, startedAt }]));
  const newest = sweeping.toSorted((a, b) => b.startedAt.getTime() - a.startedAt.getTime())[0];
  if (newest === undefined) return null;
  const { intervalSeconds } = newest.sweep;
  const everyMs = intervalSeconds * 1_000;
  const parts = Map.groupBy(
    sweeping.flatMap(({ sweep }) => sweep.slots),
    ({ slotMs }) => slotMs,
  );
  const runs = [...parts]
    .flatMap(([slotMs, ofSlot]) => runOf(slotMs, ofSlot) ?? [])
    .toSorted((a, b) => b.slot.getTime() - a.slot.getTime());
  const lastFinished = runs.find(({ finishedAt }) => finishedAt !== null) ?? null;
  const [last] = runs;
  // The slot under way is still to be swept, and so may be the one before it: its place is told when the next one has begun.
  const endMs = Math.floor(now.getTime() / everyMs) * everyMs - everyMs;
  const knownSinceMs = Math.min(...sweeping.map(({ startedAt }) => startedAt.getTime()));
  const count = Math.min(MAX_SLOTS, Math.floor(HOUR_MS / everyMs));
  const slots = Array.from({ length: count }, (_, index) => endMs - index * everyMs).filter(
    (slotMs) => slotMs > knownSinceMs,
  );
  return {
    intervalSeconds,
    lastFinished,
    underWay: last !== undefined && last.finishedAt === null ? last : null,
    slots: slots.length,
    missedSlots: slots.filter((slotMs) => !parts.has(slotMs)).length,
    lateLooks: runs
      .filter(({ slot }) => slots.includes(slot.getTime()))
      .reduce((total, { leftOut }) => total + leftOut, 0),
  };
}
