import { expect, it } from 'vitest';
import { retryAfterMs } from './retry-after.ts';

const now = Date.parse('2026-11-25T08:00:00Z');

it.each([
  ['7', 7_000],
  [' 7 ', 7_000],
  ['0', 1_000],
  ['900', 900_000],
  ['901', 900_000],
  ['99999999999999999999', 900_000],
  ['Wed, 25 Nov 2026 08:00:20 GMT', 20_000],
  ['Wed, 25 Nov 2026 07:00:00 GMT', 1_000],
  ['Thu, 25 Nov 2027 08:00:00 GMT', 900_000],
  ['soon', 30_000],
  ['', 30_000],
  [null, 30_000],
])('Retry-After %j is %d ms', (header, ms) => {
  expect(retryAfterMs(header, now)).toBe(ms);
});
