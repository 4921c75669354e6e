import { expect, it } from 'vitest';
import { createSweepLog } from './sweep-log.ts';

it('notes the newest twelve slots of a sweep, and nothing that is visited out of turn', () => {
  let now = 1_000;
  const { open, note } = createSweepLog(() => now);
  expect(note()).toBeNull();
  const log = open(2);
  expect(note()).toEqual({ intervalSeconds: 2, slots: [] });
  log.planned(2_000, 5);
  now = 3_000;
  log.begun(2_000);
  log.visited(2_000, 3);
  log.leftOut(2_000, 2);
  log.visited(2_001, 7);
  expect(note()?.slots).toEqual([
    { slotMs: 2_000, startedMs: 1_000, endedMs: 3_000, planned: 5, visited: 3, leftOut: 2 },
  ]);
  for (let slotMs = 4_000; slotMs <= 26_000; slotMs += 2_000) log.begun(slotMs);
  expect(note()?.slots.map(({ slotMs }) => slotMs)).toEqual(Array.from({ length: 12 }, (_, at) => 4_000 + at * 2_000));
});
