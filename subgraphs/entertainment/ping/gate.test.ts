import { expect, it } from 'vitest';
import { createGate } from './gate.ts';

it('lets no more in at a time than it may, each in its turn, and goes on after a failure', async () => {
  const gate = createGate(2);
  const began: number[] = [];
  const ends: (() => void)[] = [];
  const all = [0, 1, 2, 3].map((n) =>
    gate(async () => {
      began.push(n);
      await new Promise<void>((resolve) => ends.push(resolve));
      if (n === 0) throw new Error('this one fails');
      return n;
    }).catch(() => 'failed'),
  );
  await expect.poll(() => began).toEqual([0, 1]);
  ends[0]?.();
  await expect.poll(() => began).toEqual([0, 1, 2]);
  ends[1]?.();
  await expect.poll(() => began).toEqual([0, 1, 2, 3]);
  ends[2]?.();
  ends[3]?.();
  expect(await Promise.all(all)).toEqual(['failed', 1, 2, 3]);
});
