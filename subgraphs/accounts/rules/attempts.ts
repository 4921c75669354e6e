import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';

/** Tries to sign in that share something. */
export type Attempts = { failures: number; lastAt: Date; blockedUntil: Date | null };

/** So many may go wrong freely; after each further one the next has to wait, twice as long as the time before. */
export type Limit = { free: number; firstMs: number; maxMs: number };

/** What went wrong is forgotten when nothing has for so long. */
export const FORGET_MS = 24 * 3_600_000;

export const LIMITS = {
  /** One account from one address that never signed in to it: who guesses one account. */
  stranger: { free: 5, firstMs: 1_000, maxMs: 900_000 },
  /** The same from an address that has signed in to it: the owner, who is slowed down and never kept out for long. */
  known: { free: 10, firstMs: 1_000, maxMs: 30_000 },
  /** One address, whatever the account: who tries one password with many accounts. Whole offices share an address. */
  address: { free: 30, firstMs: 1_000, maxMs: 900_000 },
  /** One account from all addresses that never signed in to it: who guesses from many places. */
  account: { free: 20, firstMs: 1_000, maxMs: 60_000 },
  /** Registrations from one address without an invitation. */
  registration: { free: 10, firstMs: 1_000, maxMs: 900_000 },
} as const satisfies Record<string, Limit>;

/** How long to wait after so many failures. */
export const delayMs = (failures: number, { free, firstMs, maxMs }: Limit): number =>
  failures <= free ? 0 : Math.min(maxMs, firstMs * 2 ** (failures - free - 1));

/** An address as it is counted: of IPv6 the network of 64 bits, since who has one has all of its addresses (RFC 6177). */
export function countedAddress(origin: string | null): string {
  if (origin === null) return 'unknown';
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(origin)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(origin)) return origin;
  const [before = '', after] = (origin.split('%')[0] ?? '').split('::');
  const head = before === '' ? [] : before.split(':');
  const tail = after === undefined || after === '' ? [] : after.split(':');
  const zeros = after === undefined ? [] : Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0');
  return `${[...head, ...zeros, ...tail]
    .slice(0, 4)
    .map((part) => Number.parseInt(part, 16).toString(16))
    .join(':')}::/64`;
}

/** A key says nothing of what it is made of: somebody may have typed a password where the e-mail belongs. */
const keyOf = (kind: string, ...parts: string[]): string =>
  `${kind}:${createHash('sha256').update(JSON.stringify(parts)).digest('base64url')}`;

/** One pair of account and address, by its names before and after they are known to each other. */
export const pairKeys = ({ email, address }: { email: string; address: string }): string[] => [
  keyOf('known', email, address),
  keyOf('stranger', email, address),
];

/** What a registration counts for. */
export const registrationKeys = (address: string): { key: string; limit: Limit }[] => [
  { key: keyOf('register', address), limit: LIMITS.registration },
];

/** What a try counts for: each key with its limit, in the order in which they are locked. */
export function attemptKeys(attempt: {
  email: string;
  address: string;
  isKnown: boolean;
}): { key: string; limit: Limit }[] {
  const { email, address, isKnown } = attempt;
  const keys = isKnown
    ? [{ key: keyOf('known', email, address), limit: LIMITS.known }]
    : [
        { key: keyOf('stranger', email, address), limit: LIMITS.stranger },
        { key: keyOf('address', address), limit: LIMITS.address },
        { key: keyOf('account', email), limit: LIMITS.account },
      ];
  return keys.sort((one, other) => (one.key < other.key ? -1 : 1));
}

/**
 * Counts a try as a failure before it is known to be one, so that many at a time are not all let through; one that goes well is given
 * back. While a wait is not over nothing is counted: who waits is not made to wait longer.
 */
export function countAttempt(before: Attempts | null, limit: Limit, now: Date): Attempts | { retryAt: Date } {
  if (before?.blockedUntil && before.blockedUntil > now) return { retryAt: before.blockedUntil };
  const isForgotten = before === null || now.getTime() - before.lastAt.getTime() >= FORGET_MS;
  const failures = isForgotten ? 1 : before.failures + 1;
  const waitMs = delayMs(failures, limit);
  return { failures, lastAt: now, blockedUntil: waitMs === 0 ? null : new Date(now.getTime() + waitMs) };
}
