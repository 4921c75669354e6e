import { SESSION_IDLE_SECONDS } from '@wheelhouse/contracts/access.ts';

/** How long the token before the last one is taken for that of a loser in a race, rather than of a thief. */
export const RACE_MS = 10_000;
export const IDLE_MS = SESSION_IDLE_SECONDS * 1_000;

export type RefreshState = {
  tokenHash: string;
  previousHash: string | null;
  rotatedAt: Date;
  expiresAt: Date;
  endedAt: Date | null;
};

export type RefreshVerdict =
  /** The token is the good one. */
  | 'good'
  /** It was the good one until a moment ago: the same client has sent it twice, and one of the two was answered. */
  | 'raced'
  /** It was used up before: two have it, and one of them is a thief. */
  | 'replayed'
  /** The session is over, and nobody had to end it. */
  | 'expired'
  /** Somebody ended it. */
  | 'ended';

/** Whether a session can still be refreshed. */
export const isLive = (
  { rotatedAt, expiresAt, endedAt }: Omit<RefreshState, 'tokenHash' | 'previousHash'>,
  now: Date,
): boolean => endedAt === null && now < expiresAt && now.getTime() - rotatedAt.getTime() < IDLE_MS;

/** What a token of this session's family is worth. */
export function judgeRefresh(session: RefreshState, tokenHash: string, now: Date): RefreshVerdict {
  if (session.endedAt !== null) return 'ended';
  if (!isLive(session, now)) return 'expired';
  if (tokenHash === session.tokenHash) return 'good';
  const isPrevious = tokenHash === session.previousHash;
  return isPrevious && now.getTime() - session.rotatedAt.getTime() < RACE_MS ? 'raced' : 'replayed';
}
