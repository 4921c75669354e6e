import { z } from 'zod';

/** As many slots as one process remembers. */
const KEPT_SLOTS = 12;

const slotShape = z.object({
  slotMs: z.number(),
  /** When this process took it up, and when it ended its last visit of it; null while it has ended none. */
  startedMs: z.number(),
  endedMs: z.number().nullable(),
  /** How many keys the slot has; null where another process split it into chunks. */
  planned: z.number().nullable(),
  visited: z.number(),
  leftOut: z.number(),
});
/** What one process did of the sweeps of its service: several share each slot. */
export const sweepNoteShape = z.object({ intervalSeconds: z.number(), slots: z.array(slotShape) });
export type SweptSlot = z.infer<typeof slotShape>;
export type SweepNote = z.infer<typeof sweepNoteShape>;

export type SweepLog = {
  planned: (slotMs: number, keys: number) => void;
  begun: (slotMs: number) => void;
  visited: (slotMs: number, keys: number) => void;
  leftOut: (slotMs: number, keys: number) => void;
};

/** Notes what a process does of sweeps, the newest slots of them; what is visited out of turn belongs to no slot. */
export function createSweepLog(now: () => number): {
  open: (intervalSeconds: number) => SweepLog;
  /** Null where nothing is swept. */
  note: () => SweepNote | null;
} {
  let every: number | null = null;
  const slots = new Map<number, SweptSlot>();
  const change = (slotMs: number, change: (slot: SweptSlot) => void): void => {
    if (every === null || slotMs % (every * 1_000) !== 0) return;
    const blank = { slotMs, startedMs: now(), endedMs: null, planned: null, visited: 0, leftOut: 0 };
    const slot = slots.get(slotMs) ?? blank;
    change(slot);
    slots.set(slotMs, slot);
    for (const old of [...slots.keys()].sort((a, b) => b - a).slice(KEPT_SLOTS)) slots.delete(old);
  };
  return {
    open(intervalSeconds) {
      every = intervalSeconds;
      return {
        planned: (slotMs, keys) => change(slotMs, (slot) => void Object.assign(slot, { planned: keys })),
        begun: (slotMs) => change(slotMs, () => {}),
        visited: (slotMs, keys) =>
          change(slotMs, (slot) => void Object.assign(slot, { visited: slot.visited + keys, endedMs: now() })),
        leftOut: (slotMs, keys) => change(slotMs, (slot) => void Object.assign(slot, { leftOut: slot.leftOut + keys })),
      };
    },
    note: () => (every === null ? null : { intervalSeconds: every, slots: [...slots.values()] }),
  };
}
