import { expect, it } from 'vitest';
import { LONGEST_MS } from '../time-range-rules.ts';
import { widened } from './zoom-rules.ts';

const range = (fromMs: number, toMs: number) => ({ preset: null, from: new Date(fromMs), to: new Date(toMs) });
const times = (wide: { from: Date; to: Date } | null) => wide && [wide.from.getTime(), wide.to.getTime()];

it('twice as much is shown, around the same middle', () => {
  expect(times(widened(range(100, 200), 1_000))).toEqual([50, 250]);
});

it('nothing that is still to come is shown: the more of the past is', () => {
  expect(times(widened(range(100, 200), 210))).toEqual([10, 210]);
});

it('what moves along by itself is not widened, and nothing beyond what there is', () => {
  expect(widened({ ...range(0, 1), preset: 'day' }, 10)).toBeNull();
  const [from = 0, to = 0] = times(widened(range(0, LONGEST_MS), 2 * LONGEST_MS)) ?? [];
  expect(to - from).toBe(LONGEST_MS);
});
