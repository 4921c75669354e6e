import { expect, it } from 'vitest';
import { IDLE_MS, judgeRefresh, RACE_MS, type RefreshState } from './refresh.ts';

const NOW = new Date('2026-11-25T12:00:00Z');
const ago = (ms: number): Date => new Date(NOW.getTime() - ms);
const session = (overrides: Partial<RefreshState> = {}): RefreshState => ({
  ...{ tokenHash: 'good', previousHash: 'before', rotatedAt: ago(1_000), expiresAt: ago(-60_000), endedAt: null },
  ...overrides,
});

it.each([
  ['the token that is good', session(), 'good', 'good'],
  ['the one before, a moment after', session({ rotatedAt: ago(RACE_MS - 1) }), 'before', 'raced'],
  ['the one before, by a clock that is behind', session({ rotatedAt: ago(-500) }), 'before', 'raced'],
  ['the one before, later', session({ rotatedAt: ago(RACE_MS) }), 'before', 'replayed'],
  ['an older one, a moment after', session(), 'older', 'replayed'],
  ['an older one of a session that was never refreshed', session({ previousHash: null }), 'older', 'replayed'],
  ['a good one of a session that nobody used for long', session({ rotatedAt: ago(IDLE_MS) }), 'good', 'expired'],
  ['a good one of a session that was used just in time', session({ rotatedAt: ago(IDLE_MS - 1) }), 'good', 'good'],
  ['a good one at the end of its session', session({ expiresAt: NOW }), 'good', 'expired'],
  ['any of a session that was ended', session({ endedAt: ago(1) }), 'older', 'ended'],
])('%s is told for what it is', (_what, state, tokenHash, verdict) => {
  expect(judgeRefresh(state, tokenHash, NOW)).toBe(verdict);
});
