import { TOKEN_MAX_SECONDS } from '@wheelhouse/contracts/access.ts';
import { nameOfKey, sidOfSession } from './callers.ts';
import type { Revocation } from './store/access-log.ts';

/** Nothing counts of what is over for good, not even what a machine whose clock is ahead has signed or kept: none is made after. */
const forGood = (sid: string, at: Date): Revocation => ({
  ...{ sub: null, sid },
  before: new Date(at.getTime() + TOKEN_MAX_SECONDS * 1_000),
});

export const revokedSessions = (ids: readonly string[], at: Date): Revocation[] =>
  ids.map((id) => forGood(sidOfSession(id), at));

export const revokedKeys = (ids: readonly string[], at: Date): Revocation[] =>
  ids.map((id) => forGood(nameOfKey(id), at));
