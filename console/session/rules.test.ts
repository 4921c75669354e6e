import { describe, expect, it } from 'vitest';
import { isRenewable, remainingMs, renewalDelayMs, signInRefusal } from './rules.ts';

describe('when the session is renewed', () => {
  it('is a minute before its end, or up to half a minute sooner', () => {
    expect(renewalDelayMs(900_000, 0)).toBe(840_000);
    expect(renewalDelayMs(900_000, 1)).toBe(810_000);
  });

  it('is after two thirds of a short life', () => {
    expect(renewalDelayMs(30_000, 0)).toBe(20_000);
  });

  it('is at once when it has ended, and never so late that a timer would fire at once', () => {
    expect(renewalDelayMs(0, 0.5)).toBe(0);
    expect(renewalDelayMs(10 ** 12, 0)).toBe(2 ** 31 - 1);
  });
});

describe('how long a session holds', () => {
  it("is told by the server's clock, whatever ours says", () => {
    expect(remainingMs('2026-11-26T12:15:00Z', 'Thu, 26 Nov 2026 12:00:00 GMT', 0)).toBe(900_000);
  });

  it('is told by ours where there is no other, and is nothing where nobody said when it ends', () => {
    expect(remainingMs('2026-11-26T12:15:00Z', null, Date.parse('2026-11-26T12:14:00Z'))).toBe(60_000);
    expect(remainingMs('', null, 0)).toBe(0);
  });
});

describe('a refused sign-in', () => {
  const refusal = (status: number, code: string, retryAfter: string | null = null) =>
    signInRefusal(status, { code, message: 'why' }, retryAfter);

  it.each([
    [401, 'INVALID_CREDENTIALS', { kind: 'wrong' }],
    [403, 'ACCOUNT_DISABLED', { kind: 'disabled' }],
    [503, 'ACCOUNTS_UNAVAILABLE', { kind: 'away' }],
    [400, 'BAD_REQUEST', { kind: 'other', code: 'BAD_REQUEST', message: 'why' }],
  ])('with %i %s is told as what it is', (status, code, told) => {
    expect(refusal(status, code)).toEqual(told);
  });

  it('says how long to wait, where that is known', () => {
    expect(refusal(429, 'TOO_MANY_ATTEMPTS', '8')).toEqual({ kind: 'throttled', retryAfterSeconds: 8 });
    expect(refusal(503, 'BUSY')).toEqual({ kind: 'throttled', retryAfterSeconds: null });
    expect(refusal(429, '', 'Thu, 26 Nov 2026 12:00:00 GMT')).toEqual({ kind: 'throttled', retryAfterSeconds: null });
  });
});

it('is renewed for what a new token mends, and for nothing else', () => {
  expect(['TOKEN_EXPIRED', 'UNAUTHENTICATED'].every(isRenewable)).toBe(true);
  expect(['FORBIDDEN', undefined, 401].some(isRenewable)).toBe(false);
});
