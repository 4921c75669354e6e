/** How long before the end of the access token it is renewed, at most; of a short-lived one, a third of its life. */
const LEAD_MS = 60_000;
/** The longest delay that setTimeout takes: a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * How long to wait before the session is renewed.
 *
 * @param remainingMs until the access token ends; what has ended is renewed at once
 * @param random in [0, 1): several windows do not ask in the same moment
 */
export function renewalDelayMs(remainingMs: number, random: number): number {
  const leadMs = Math.min(LEAD_MS, remainingMs / 3);
  return Math.max(0, Math.min(LONGEST_TIMER_MS, Math.floor(remainingMs - leadMs * (1 + random * 0.5))));
}

/**
 * How long the access token still holds, by the server's clock: that of this machine may be wrong by hours.
 *
 * @param dateHeader of the answer that brought `expiresAt` (RFC 9110 §6.6.1); without one our own clock has to do
 */
export function remainingMs(expiresAt: string, dateHeader: string | null, now: number): number {
  const serverNow = Date.parse(dateHeader ?? '');
  const end = Date.parse(expiresAt);
  if (Number.isNaN(end)) return 0;
  return Math.max(0, end - (Number.isNaN(serverNow) ? now : serverNow));
}

/** Why somebody could not sign in, as the page tells it. */
export type SignInRefusal =
  | { kind: 'wrong' }
  | { kind: 'disabled' }
  | { kind: 'throttled'; retryAfterSeconds: number | null }
  | { kind: 'away' }
  | { kind: 'other'; code: string; message: string };

/** What the router's answer to a sign-in means. `retryAfter` is the header, in seconds (RFC 9110 §10.2.3). */
export function signInRefusal(
  status: number,
  { code, message }: { code: string; message: string },
  retryAfter: string | null,
): SignInRefusal {
  const seconds = retryAfter !== null && /^\d+$/.test(retryAfter) ? Number(retryAfter) : null;
  if (code === 'INVALID_CREDENTIALS') return { kind: 'wrong' };
  if (code === 'ACCOUNT_DISABLED') return { kind: 'disabled' };
  if (['TOO_MANY_ATTEMPTS', 'RATE_LIMITED', 'BUSY'].includes(code) || status === 429)
    return { kind: 'throttled', retryAfterSeconds: seconds };
  if (status >= 500) return { kind: 'away' };
  return { kind: 'other', code, message };
}

/** Codes after which a renewed session may do better. */
const RENEWABLE = ['UNAUTHENTICATED', 'TOKEN_EXPIRED'];

export const isRenewable = (code: unknown): boolean => typeof code === 'string' && RENEWABLE.includes(code);
