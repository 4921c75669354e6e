import type { Scope } from '@wheelhouse/contracts/access.ts';
import type { Queryable } from '@wheelhouse/kit/database.ts';
import { callerError } from '@wheelhouse/kit/errors.ts';
import { type Area, type Asserted, areaOf, isAnonymous } from '@wheelhouse/kit/identity.ts';
import type { Context } from './context.ts';
import { grantsOf } from './rules/grants.ts';
import { isLive } from './rules/refresh.ts';
import { findSession } from './store/sessions.ts';
import { findUser, type UserRow } from './store/users.ts';

export const subOfUser = (userId: string): string => `user:${userId}`;
export const sidOfSession = (sessionId: string): string => `session:${sessionId}`;
/** `sub` and `sid` of an API key: it is all of itself. */
export const nameOfKey = (keyId: string): string => `key:${keyId}`;

const idIn = (name: string, kind: 'user' | 'session' | 'key'): string | null =>
  name.startsWith(`${kind}:`) ? name.slice(kind.length + 1) : null;

/** The API key that a request came with; null where somebody signed in. */
export const keyIdOf = ({ sub }: Pick<Asserted, 'sub'>): string | null => idIn(sub, 'key');

/** What a user may do, as tokens carry it. */
export const identityOf = (user: UserRow, sessionId: string) => ({
  ...{ sub: subOfUser(user.id), sid: sidOfSession(sessionId), name: user.email },
  grants: grantsOf(user.grants),
});

const unauthenticated = () => callerError('UNAUTHENTICATED', 'This needs somebody who has signed in');

/** @throws UNAUTHENTICATED */
export function requireCaller({ identity }: Pick<Context, 'identity'>): Asserted {
  if (isAnonymous(identity)) throw unauthenticated();
  return identity;
}

/** Where the caller may do what a scope is for, by what their token says. @throws UNAUTHENTICATED, FORBIDDEN where that is nowhere */
export function requireArea(context: Pick<Context, 'identity'>, scope: Scope): Area {
  const area = areaOf(requireCaller(context), scope);
  if (area.length === 0) throw callerError('FORBIDDEN', `This needs the scope ${scope}`);
  return area;
}

/** Somebody who has signed in, as they are now. */
export type Member = { user: UserRow; sessionId: string; asserted: Asserted };

/**
 * The user who asks, read from the database: for what changes something, it counts what they may do now and that their session lives, whatever
 * their token says. An API key does not do: it can neither make another nor manage users.
 *
 * @throws UNAUTHENTICATED, FORBIDDEN
 */
export async function requireMember(context: Pick<Context, 'identity' | 'now'> & { db: Queryable }): Promise<Member> {
  const asserted = requireCaller(context);
  const [userId, sessionId] = [idIn(asserted.sub, 'user'), idIn(asserted.sid, 'session')];
  if (userId === null || sessionId === null)
    throw callerError('FORBIDDEN', 'This needs somebody who has signed in with a password; an API key does not do');
  const [user, session] = [await findUser(context.db, userId), await findSession(context.db, sessionId)];
  const isOver = session === null || session.userId !== userId || !isLive(session, context.now());
  if (user === null || user.disabledAt !== null || isOver) throw unauthenticated();
  return { user, sessionId, asserted };
}

/** Where a member may manage users, as they are now. @throws FORBIDDEN where that is nowhere */
export function managedArea({ user }: Member): Area {
  const area = areaOf({ grants: grantsOf(user.grants) }, 'accounts:write');
  if (area.length === 0) throw callerError('FORBIDDEN', 'This needs the scope accounts:write');
  return area;
}

/** The session of a caller who signed in; null for an API key. */
export const sessionIdOf = ({ sid }: Pick<Asserted, 'sid'>): string | null => idIn(sid, 'session');
export const userIdOf = ({ sub }: Pick<Asserted, 'sub'>): string | null => idIn(sub, 'user');
