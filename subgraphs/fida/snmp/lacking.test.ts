import { expect, test } from 'vitest';
import { LackingObjects } from './lacking.ts';

const MINUTE_MS = 60_000;

test('what an agent lacks is remembered for a quarter of an hour from the first, for it alone', () => {
  let nowMs = 0;
  const lacking = new LackingObjects({ agents: 10, nowMs: () => nowMs });
  lacking.add('a', '1.3.1');
  nowMs = 10 * MINUTE_MS;
  lacking.add('a', '1.3.2');
  expect(lacking.of('a')).toEqual(new Set(['1.3.1', '1.3.2']));
  expect(lacking.of('b')).toEqual(new Set());
  nowMs = 15 * MINUTE_MS;
  expect(lacking.of('a')).toEqual(new Set());
  lacking.add('a', '1.3.2');
  expect(lacking.of('a')).toEqual(new Set(['1.3.2']));
  lacking.forget('a');
  expect(lacking.of('a')).toEqual(new Set());
});
