import { expect, test } from 'vitest';
import { LackingObjects } from './lacking.ts';

const MINUTE_MS = 60_000;

test('what an agent lacks is due after a quarter of an hour, one object at a time, for it alone', () => {
  let nowMs = 0;
  const lacking = new LackingObjects({ agents: 10, nowMs: () => nowMs });
  lacking.add('a', '1.3.1');
  nowMs = 10 * MINUTE_MS;
  lacking.add('a', '1.3.2');
  expect(['a', 'b'].map((agent) => [lacking.has(agent, '1.3.1'), lacking.due(agent)])).toEqual([
    [true, null],
    [false, null],
  ]);
  nowMs = 15 * MINUTE_MS;
  expect([lacking.has('a', '1.3.1'), lacking.due('a')]).toEqual([true, '1.3.1']);
  lacking.add('a', '1.3.1');
  expect(lacking.due('a')).toBeNull();
  nowMs = 25 * MINUTE_MS;
  expect(lacking.due('a')).toBe('1.3.2');
  lacking.remove('a', '1.3.2');
  expect([lacking.has('a', '1.3.2'), lacking.due('a')]).toEqual([false, null]);
  lacking.forget('a');
  expect(lacking.has('a', '1.3.1')).toBe(false);
});
