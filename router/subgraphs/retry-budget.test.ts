import { describe, expect, it } from 'vitest';
import {
  afterQuery,
  afterRetry,
  fullBudget,
  isConnectionFailure,
  isGatewayFailure,
  type RetryBudget,
  retryDelayMs,
} from './retry-budget.ts';

/** How many retries a budget pays at one moment, and what is left. */
function spend(budget: RetryBudget, nowMs: number): { retries: number; rest: RetryBudget } {
  let rest = budget;
  for (let retries = 0; ; retries += 1) {
    const next = afterRetry(rest, nowMs);
    if (next === null) return { retries, rest };
    rest = next;
  }
}
const EMPTY = spend(fullBudget(0), 0).rest;
const afterQueries = (count: number, percent: number, budget: RetryBudget = EMPTY): RetryBudget =>
  Array.from({ length: count }).reduce<RetryBudget>((rest) => afterQuery(rest, percent, 0), budget);

describe('a retry budget', () => {
  it('starts with 100 retries', () => {
    expect(spend(fullBudget(0), 0).retries).toBe(100);
  });

  it.each([
    [9, 10, 0],
    [10, 10, 1],
    [99, 10, 9],
    [100, 10, 10],
    [99, 1, 0],
    [100, 1, 1],
    [3, 100, 3],
    [1_000, 0, 0],
  ])('%i queries at %i percent pay for %i retries', (queries, percent, retries) => {
    expect(spend(afterQueries(queries, percent), 0).retries).toBe(retries);
  });

  it.each([
    [999, 0],
    [1_000, 1],
    [1_999, 1],
    [99_999, 99],
    [100_000, 100],
    [10_000_000, 100],
  ])('%i ms without a query pay for %i', (elapsedMs, retries) => {
    expect(spend(EMPTY, elapsedMs).retries).toBe(retries);
  });

  it('saves no more than 100', () => {
    expect(spend(afterQueries(100_000, 10, fullBudget(0)), 0).retries).toBe(100);
  });

  it('never pays more than its share of the queries, one a second, and the first 100', () => {
    // A linear congruential generator (Numerical Recipes): the same runs each time.
    let seed = 7;
    const random = (): number => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed / 2 ** 32;
    };
    for (let run = 0; run < 50; run += 1) {
      const percent = Math.floor(random() * 101);
      let [budget, nowMs, queries, retries] = [fullBudget(0), 0, 0, 0];
      for (let step = 0; step < 2_000; step += 1) {
        nowMs += Math.floor(random() * 40);
        if (random() < 0.4) {
          budget = afterQuery(budget, percent, nowMs);
          queries += 1;
          continue;
        }
        const rest = afterRetry(budget, nowMs);
        if (rest === null) continue;
        budget = rest;
        retries += 1;
        expect(retries).toBeLessThanOrEqual(100 + (queries * percent) / 100 + nowMs / 1_000 + 1e-6);
      }
    }
  });
});

it('the wait before a retry doubles, and is spread by half to both sides', () => {
  expect([0, 0.5, 1].map((random) => retryDelayMs(1, random))).toEqual([12.5, 25, 37.5]);
  expect([0, 0.5, 1].map((random) => retryDelayMs(2, random))).toEqual([25, 50, 75]);
});

it.each([
  ['UND_ERR_SOCKET', true],
  ['ECONNRESET', true],
  ['ECONNREFUSED', true],
  ['UND_ERR_RES_EXCEEDED_MAX_SIZE', false],
  ['UND_ERR_INVALID_ARG', false],
  ['UND_ERR_DESTROYED', false],
  ['HPE_INVALID_CONSTANT', false],
  [undefined, false],
])('whether %s is a failed connection: %s', (code, is) => {
  expect(isConnectionFailure(Object.assign(new Error('x'), { code }))).toBe(is);
});

it('502, 503 and 504 say that the service behind a proxy is away', () => {
  expect([500, 501, 502, 503, 504, 505].map(isGatewayFailure)).toEqual([false, false, true, true, true, false]);
});
