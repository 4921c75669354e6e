import { expect, it } from 'vitest';
import { createUnderWay } from './under-way.ts';

/** Enters, and tells whether it is in. */
function entering(enter: ReturnType<typeof createUnderWay>['enter'], caller: string, amount: number) {
  const seen: { leave: (() => void) | null } = { leave: null };
  void enter(caller, amount).then((leave) => Object.assign(seen, { leave }));
  return seen;
}

it('a caller has no more than the limit under way, and goes on in order', async () => {
  const { enter, waiting } = createUnderWay(10);
  const [first, second, third, small] = [4, 6, 5, 1].map((amount) => entering(enter, 'a', amount));
  const other = entering(enter, 'b', 10);
  await Promise.resolve();
  await Promise.resolve();
  expect([first, second, third, small, other].map((each) => each?.leave !== null)).toEqual([
    ...[true, true, false, false],
    true,
  ]);
  expect(waiting()).toBe(2);
  first?.leave?.();
  await Promise.resolve();
  await Promise.resolve();
  expect([third?.leave, small?.leave]).toEqual([null, null]);
  second?.leave?.();
  await Promise.resolve();
  await Promise.resolve();
  expect([third?.leave, small?.leave]).toEqual([expect.any(Function), expect.any(Function)]);
  expect(waiting()).toBe(0);
});

it('what is larger than the limit is let in alone', async () => {
  const { enter } = createUnderWay(10);
  const leave = await enter('a', 3);
  const large = entering(enter, 'a', 25);
  await Promise.resolve();
  expect(large.leave).toBeNull();
  leave();
  await expect.poll(() => large.leave).not.toBeNull();
  const next = entering(enter, 'a', 1);
  await Promise.resolve();
  expect(next.leave).toBeNull();
  large.leave?.();
  await expect.poll(() => next.leave).not.toBeNull();
});

it('what nobody waits for any more makes room for what is behind it', async () => {
  const { enter, waiting } = createUnderWay(10);
  const leave = await enter('a', 9);
  const given = new AbortController();
  const large = enter('a', 10, given.signal);
  const small = entering(enter, 'a', 1);
  expect(waiting()).toBe(2);
  given.abort();
  (await large)();
  await expect.poll(() => small.leave).not.toBeNull();
  expect(waiting()).toBe(0);
  leave();
  small.leave?.();
  // Nothing is left of what was given up: all of the limit is free.
  const [first, second] = [entering(enter, 'a', 5), entering(enter, 'a', 5)];
  await expect.poll(() => [first.leave, second.leave].every((each) => each !== null)).toBe(true);
});

it('without a limit nobody waits', async () => {
  const { enter, waiting } = createUnderWay(0);
  await Promise.all(Array.from({ length: 10 }, () => enter('a', 1_000)));
  expect(waiting()).toBe(0);
});
