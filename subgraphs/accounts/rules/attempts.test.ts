import { describe, expect, it } from 'vitest';
import { type Attempts, attemptKeys, countAttempt, countedAddress, delayMs, FORGET_MS, LIMITS } from './attempts.ts';

const NOW = new Date('2026-11-25T12:00:00Z');
const ago = (ms: number): Date => new Date(NOW.getTime() - ms);
const attempts = (failures: number, overrides: Partial<Attempts> = {}): Attempts => ({
  ...{ failures, lastAt: ago(60_000), blockedUntil: null },
  ...overrides,
});

describe('how long the next try has to wait', () => {
  it.each([
    [5, LIMITS.stranger, 0],
    [6, LIMITS.stranger, 1_000],
    [7, LIMITS.stranger, 2_000],
    [15, LIMITS.stranger, 512_000],
    [16, LIMITS.stranger, 900_000],
    [1_000, LIMITS.stranger, 900_000],
    [10, LIMITS.known, 0],
    [1_000, LIMITS.known, 30_000],
  ])('after %i failures of %o it is %i ms', (failures, limit, wantedMs) => {
    expect(delayMs(failures, limit)).toBe(wantedMs);
  });
});

describe('counting a try', () => {
  it('counts the first', () => {
    expect(countAttempt(null, LIMITS.stranger, NOW)).toEqual({ failures: 1, lastAt: NOW, blockedUntil: null });
  });
  it('makes the next one wait once too many have gone wrong', () => {
    const until = new Date(NOW.getTime() + 1_000);
    expect(countAttempt(attempts(5), LIMITS.stranger, NOW)).toEqual({ failures: 6, lastAt: NOW, blockedUntil: until });
  });
  it('counts nothing while one has to wait, up to the instant at which it need not', () => {
    const later = new Date(NOW.getTime() + 1);
    expect(countAttempt(attempts(9, { blockedUntil: later }), LIMITS.stranger, NOW)).toEqual({ retryAt: later });
    expect(countAttempt(attempts(9, { blockedUntil: NOW }), LIMITS.stranger, NOW)).toMatchObject({ failures: 10 });
  });
  it('forgets what went wrong a day ago', () => {
    expect(countAttempt(attempts(99, { lastAt: ago(FORGET_MS) }), LIMITS.stranger, NOW)).toMatchObject({ failures: 1 });
    expect(countAttempt(attempts(99, { lastAt: ago(FORGET_MS - 1) }), LIMITS.stranger, NOW)).toMatchObject({
      failures: 100,
    });
  });
});

describe('what a try counts for', () => {
  const kindsOf = (isKnown: boolean): string[] =>
    attemptKeys({ email: 'ann@example.org', address: '192.0.2.1', isKnown }).map(({ key }) => key.split(':')[0] ?? '');
  it('is the account, the address and both, from where nobody has signed in', () => {
    expect(kindsOf(false)).toEqual(['account', 'address', 'stranger']);
  });
  it('is nothing that strangers can add to, from where the owner has', () => {
    expect(kindsOf(true)).toEqual(['known']);
  });
  it('says nothing of what was typed', () => {
    const keys = attemptKeys({ email: 'ann@example.org', address: '192.0.2.1', isKnown: false });
    expect(JSON.stringify(keys)).not.toMatch(/ann|192/);
  });
});

describe('the address that counts', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::9', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    [null, 'unknown'],
  ])('of %s is %s', (origin, wanted) => {
    expect(countedAddress(origin)).toBe(wanted);
  });
});
