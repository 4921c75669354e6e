import { describe, expect, it } from 'vitest';
import { type Counting, DEFAULT_COUNTING, type KindSeconds, onlineRatio, type TimeCounting } from './counting.ts';

const NONE: KindSeconds = {
  ...{ onlineSeconds: 0, degradedSeconds: 0, offlineSeconds: 0 },
  ...{ unknownSeconds: 0, blindSeconds: 0, maintenanceSeconds: 0 },
};
/** Powers of two, so that no two sums are alike. */
const ALL: KindSeconds = {
  ...{ onlineSeconds: 1, degradedSeconds: 2, offlineSeconds: 4 },
  ...{ unknownSeconds: 8, blindSeconds: 16, maintenanceSeconds: 32 },
};

describe('the ratio of time online', () => {
  it.each<[Partial<Counting>, number]>([
    [{}, 3 / 7],
    [{ degraded: 'AS_ONLINE' }, 3 / 7],
    [{ degraded: 'AS_OFFLINE' }, 1 / 7],
    [{ degraded: 'LEFT_OUT' }, 1 / 5],
    [{ unknown: 'AS_ONLINE' }, 11 / 15],
    [{ unknown: 'AS_OFFLINE' }, 3 / 15],
    [{ unknown: 'LEFT_OUT' }, 3 / 7],
    [{ blind: 'AS_ONLINE' }, 19 / 23],
    [{ blind: 'AS_OFFLINE' }, 3 / 23],
    [{ blind: 'LEFT_OUT' }, 3 / 7],
    [{ maintenance: 'AS_ONLINE' }, 35 / 39],
    [{ maintenance: 'AS_OFFLINE' }, 3 / 39],
    [{ maintenance: 'LEFT_OUT' }, 3 / 7],
  ])('with %j is %d', (counting, ratio) => {
    expect(onlineRatio(ALL, { ...DEFAULT_COUNTING, ...counting })).toBe(ratio);
  });

  it('is what each kind is counted as, for every combination', () => {
    const ways: TimeCounting[] = ['LEFT_OUT', 'AS_ONLINE', 'AS_OFFLINE'];
    const kinds = { degraded: 2, unknown: 8, blind: 16, maintenance: 32 };
    for (const degraded of ways)
      for (const unknown of ways)
        for (const blind of ways)
          for (const maintenance of ways) {
            const counting = { degraded, unknown, blind, maintenance };
            const sumOf = (...counted: TimeCounting[]): number =>
              Object.entries(kinds).reduce(
                (sum, [kind, seconds]) => sum + (counted.includes(counting[kind as keyof Counting]) ? seconds : 0),
                0,
              );
            const expected = (1 + sumOf('AS_ONLINE')) / (5 + sumOf('AS_ONLINE', 'AS_OFFLINE'));
            expect(onlineRatio(ALL, counting)).toBe(expected);
          }
  });

  it.each<[KindSeconds, number | null]>([
    [NONE, null],
    [{ ...NONE, unknownSeconds: 5, blindSeconds: 5, maintenanceSeconds: 5 }, null],
    [{ ...NONE, degradedSeconds: 5 }, 1],
    [{ ...NONE, offlineSeconds: 5 }, 0],
  ])('of %j is %s', (seconds, ratio) => {
    expect(onlineRatio(seconds, DEFAULT_COUNTING)).toBe(ratio);
  });
});
