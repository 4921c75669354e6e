import type { ApiKeyPartsFragment } from '../../../generated/admin/graphql.ts';

export type ApiKey = ApiKeyPartsFragment;

/** Whether a key can still be used. */
export type KeyState = 'HOLDS' | 'ENDS_SOON' | 'ENDED' | 'REVOKED';

/** So long before its end a key is said to end soon: somebody has to make another one. */
const SOON_MS = 14 * 86_400_000;

/** @param now in ms since the epoch */
export function keyState(
  { expiresAt, revokedAt }: { readonly expiresAt: string; readonly revokedAt: string | null },
  now: number,
): KeyState {
  if (revokedAt !== null) return 'REVOKED';
  const leftMs = Date.parse(expiresAt) - now;
  if (leftMs <= 0) return 'ENDED';
  return leftMs <= SOON_MS ? 'ENDS_SOON' : 'HOLDS';
}

export const isUsable = (state: KeyState): boolean => state === 'HOLDS' || state === 'ENDS_SOON';

/** How long a key may live; the graph takes none of more than 366 days. */
export const LIVES_DAYS = ['7', '30', '90', '180', '365'] as const;
export type LifeDays = (typeof LIVES_DAYS)[number];

/** When a key that is made now would end, as RFC 3339. */
export const endOf = (days: LifeDays, now: number): string => new Date(now + Number(days) * 86_400_000).toISOString();
