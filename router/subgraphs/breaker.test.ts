import { describe, expect, it } from 'vitest';
import { admit, afterAbandon, afterAnswer, afterFailure, type Breaker, CLOSED, withProbe } from './breaker.ts';

const RULES = { failures: 5, openMs: 1_000 };
/** A breaker after failures at these times. */
const failedAt = (times: readonly number[], rules = RULES): Breaker =>
  times.reduce((breaker, nowMs) => afterFailure(breaker, rules, nowMs, false), CLOSED);
const OPEN = failedAt([0, 0, 0, 0, 1_000]);

describe('a breaker', () => {
  it.each<[what: string, times: number[], phase: Breaker['phase']]>([
    ['four failures', [0, 500, 900, 5_000], 'closed'],
    ['five failures over just less than a second', [0, 0, 0, 0, 999], 'closed'],
    ['five failures over a second', [0, 0, 0, 0, 1_000], 'open'],
    ['a hundred failures of one moment', Array.from({ length: 100 }, () => 0), 'closed'],
    ['one more failure a second after that moment', [...Array.from({ length: 100 }, () => 0), 1_000], 'open'],
    ['five failures far apart', [0, 60_000, 120_000, 180_000, 240_000], 'open'],
  ])('after %s is as it should be', (_what, times, phase) => {
    expect(failedAt(times).phase).toBe(phase);
  });

  it('begins anew after an answer', () => {
    const answered = afterAnswer(failedAt([0, 300, 600, 900]));
    const again = [1_200, 1_500, 1_800, 2_100].reduce(
      (breaker, at) => afterFailure(breaker, RULES, at, false),
      answered,
    );
    expect(again.phase).toBe('closed');
    expect(afterFailure(again, RULES, 2_200, false).phase).toBe('open');
  });

  it('never opens when it is switched off', () => {
    expect(failedAt([0, 10_000, 20_000], { ...RULES, failures: 0 }).phase).toBe('closed');
  });

  it('refuses until its time is over, then lets one request through', () => {
    expect([1_000, 1_999, 2_000].map((nowMs) => admit(OPEN, nowMs))).toEqual(['refuse', 'refuse', 'probe']);
    expect(admit(withProbe(OPEN), 1_000_000)).toBe('refuse');
  });

  it('closes when the probe is answered, and opens again when it fails', () => {
    const halfOpen = withProbe(OPEN);
    expect(afterAnswer(halfOpen)).toEqual(CLOSED);
    expect(afterFailure(halfOpen, RULES, 5_000, true)).toEqual({ phase: 'open', failures: 6, untilMs: 6_000 });
  });

  it('takes no notice of failures of requests from before it opened', () => {
    expect(afterFailure(OPEN, RULES, 1_500, false)).toBe(OPEN);
    const halfOpen = withProbe(OPEN);
    expect(afterFailure(halfOpen, RULES, 2_500, false)).toBe(halfOpen);
  });

  it('closes when such a request is answered after all', () => {
    expect(afterAnswer(OPEN)).toEqual(CLOSED);
  });

  it('lets the next request be the probe when nobody waits for the first any more', () => {
    const abandoned = afterAbandon(withProbe(OPEN), 2_500, true);
    expect([abandoned.phase, admit(abandoned, 2_500)]).toEqual(['open', 'probe']);
  });

  it('is as it was after a caller went away from any other request', () => {
    const halfOpen = withProbe(OPEN);
    for (const breaker of [CLOSED, OPEN, halfOpen]) expect(afterAbandon(breaker, 9_000, false)).toBe(breaker);
  });
});
