import { describe, expect, it } from 'vitest';
import { endOf, isUsable, keyState } from './key-rules.ts';

const NOW = Date.parse('2026-11-26T12:00:00Z');
const state = (expiresAt: string, revokedAt: string | null = null) => keyState({ expiresAt, revokedAt }, NOW);

describe('a key', () => {
  it.each([
    ['2027-01-01T00:00:00Z', 'HOLDS'],
    ['2026-12-10T12:00:01Z', 'HOLDS'],
    ['2026-12-10T12:00:00Z', 'ENDS_SOON'],
    ['2026-11-26T12:00:01Z', 'ENDS_SOON'],
    ['2026-11-26T12:00:00Z', 'ENDED'],
  ] as const)('that ends at %s is %s', (expiresAt, wanted) => {
    expect(state(expiresAt)).toBe(wanted);
  });

  it('that was revoked is so, whether its end has come or not', () => {
    expect(state('2027-01-01T00:00:00Z', '2026-11-01T00:00:00Z')).toBe('REVOKED');
    expect(state('2026-11-02T00:00:00Z', '2026-11-01T00:00:00Z')).toBe('REVOKED');
  });

  it('can be used until it ends or is revoked', () => {
    expect((['HOLDS', 'ENDS_SOON', 'ENDED', 'REVOKED'] as const).map(isUsable)).toEqual([true, true, false, false]);
  });

  it('for a week ends in a week', () => {
    expect(endOf('7', NOW)).toBe('2026-12-03T12:00:00.000Z');
  });
});
