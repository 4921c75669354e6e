import type { AccessItem } from '@wheelhouse/contracts/access.ts';
import { describe, expect, it } from 'vitest';
import type { Caller } from './caller.ts';
import { Revocations } from './revocations.ts';

const NOW_MS = Date.parse('2026-11-25T12:00:00Z');
const at = (seconds: number): string => new Date(NOW_MS + seconds * 1_000).toISOString();
const item = (overrides: Partial<AccessItem>): AccessItem => ({
  ...{ sub: null, sid: null, before: at(0), rightsVersion: null },
  ...overrides,
});
/** A caller whose token was signed so many seconds from now, by the clock of who signed it. */
const signed = (seconds: number, rightsVersion: number | null = null): Caller => ({
  asserted: { sub: 'user:1', sid: 'session:1', name: 'ann', grants: [], origin: null },
  ...{ rightsVersion, sinceMs: NOW_MS + seconds * 1_000, untilMs: Number.POSITIVE_INFINITY },
});
function taken(...items: Partial<AccessItem>[]): Revocations {
  const revocations = new Revocations();
  revocations.add(items.map(item), new Date(NOW_MS));
  return revocations;
}

describe('what was taken away', () => {
  it.each([{ sub: 'user:1' }, { sid: 'session:1' }])('concerns what was signed before, by the clock: %j', (of) => {
    expect([-1, 0, 1].map((seconds) => taken(of).concerns(signed(seconds)))).toEqual([true, false, false]);
    expect(taken({ sub: 'user:2' }, { sid: 'session:2' }).concerns(signed(-1))).toBe(false);
  });

  it.each([
    ['by a clock that is ahead', 3_600],
    ['by a clock that is behind', -3_600],
  ])('concerns a lower version of rights and no other, also of what was signed %s', (_what, seconds) => {
    const revocations = taken({ sub: 'user:1', rightsVersion: 4 });
    expect([3, 4, 5].map((version) => revocations.concerns(signed(seconds, version)))).toEqual([true, false, false]);
  });

  it('is told by the clock of what says no version', () => {
    const revocations = taken({ sub: 'user:1', rightsVersion: 4 });
    expect([-1, 1].map((seconds) => revocations.concerns(signed(seconds)))).toEqual([true, false]);
  });

  it('concerns all of a session that has ended, whatever its version', () => {
    const revocations = taken({ sub: 'user:1', rightsVersion: 4 }, { sid: 'session:1', before: at(900) });
    expect(revocations.concerns(signed(1, 9))).toBe(true);
  });

  it('counts the last change, in whichever order they are heard of', () => {
    const revocations = taken({ sub: 'user:1', rightsVersion: 4 }, { sub: 'user:1', rightsVersion: 3 });
    expect([3, 4].map((version) => revocations.concerns(signed(0, version)))).toEqual([true, false]);
  });
});
