import type { Queryable } from '@wheelhouse/kit/database.ts';
import { isLive } from '../rules/refresh.ts';
import type { SessionUser } from '../session-cache.ts';
import { findSession } from './sessions.ts';
import { findUser } from './users.ts';

/** Whose a session is that lives; null when it does not, or its user is disabled. */
export async function readSessionUser(db: Queryable, sessionId: string, now: Date): Promise<SessionUser | null> {
  const session = await findSession(db, sessionId);
  if (session === null || !isLive(session, now)) return null;
  const user = await findUser(db, session.userId);
  if (user === null || user.disabledAt !== null) return null;
  const { id, email, name, grants } = user;
  return { id, email, name, grants };
}
