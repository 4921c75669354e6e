import { appendAudit, auditedBy } from '@wheelhouse/kit/audit.ts';
import { identityOf, requireMember, subOfUser } from './callers.ts';
import type { Context } from './context.ts';
import { parseInput, refuse } from './refusal.ts';
import { revokedKeys, revokedSessions } from './revocations.ts';
import { countedAddress } from './rules/attempts.ts';
import { changePasswordShape } from './rules/inputs.ts';
import { passwordFault } from './rules/passwords.ts';
import { judgeRefresh, RACE_MS, type RefreshVerdict } from './rules/refresh.ts';
import { hashSecret, isSecretOf, randomSecret, readRefreshToken, writeRefreshToken } from './secrets.ts';
import { checkPassword, type Tokens } from './sign-in.ts';
import { appendRevocations } from './store/access-log.ts';
import { revokeKeysOf } from './store/api-keys.ts';
import { endSession, endSessionsOf, findSession, rotate, type SessionRow } from './store/sessions.ts';
import { changeUser, findSignIn, lockUser, type UserRow } from './store/users.ts';
import { auditOutbox } from './tables.ts';

const REFUSALS: Readonly<Record<Exclude<RefreshVerdict, 'good'> | 'unknown', { code: string; message: string }>> = {
  unknown: {
    code: 'REFRESH_INVALID',
    message: 'refreshToken is not one of ours, or its session is long over: sign in',
  },
  raced: {
    code: 'REFRESH_RACED',
    message: `refreshToken was brought twice within ${RACE_MS / 1_000} s: use the one that the other request was given`,
  },
  replayed: {
    code: 'REFRESH_INVALID',
    message: 'refreshToken was used before: somebody else may have it, so the session was ended; sign in',
  },
  expired: { code: 'SESSION_ENDED', message: 'the session has ended by itself: sign in' },
  ended: { code: 'SESSION_ENDED', message: 'the session was ended: sign in' },
};

type Rotated = { kind: 'good'; user: UserRow; own: string; at: Date } | { kind: keyof typeof REFUSALS };

/** Gives new tokens for a refresh token that is good, and ends the session whose token is used again. @throws RefusedError */
export async function refreshSession(context: Context, refreshToken: string): Promise<Tokens> {
  const { db, signer, metrics, now } = context;
  const asking = context.identity;
  const token = readRefreshToken(refreshToken);
  const broughtAt = now();
  const judge = async (id: string, family: string, tokenHash: string): Promise<Rotated> =>
    db.transaction(async (tx): Promise<Rotated> => {
      const judged = (session: SessionRow): RefreshVerdict => judgeRefresh(session, tokenHash, broughtAt);
      const session = await findSession(tx, id);
      if (session === null || !isSecretOf(family, session.familyHash)) return { kind: 'unknown' };
      // Held, so that what is taken from them is taken before this, or from the token as well.
      const user = await lockUser(tx, session.userId);
      const at = now();
      if (user === null || user.disabledAt !== null) return { kind: 'ended' };
      let verdict = judged(session);
      if (verdict === 'good') {
        const own = randomSecret();
        if (await rotate(tx, { id, tokenHash, freshHash: hashSecret(own), at })) return { kind: 'good', user, own, at };
        // Somebody was quicker.
        const then = await findSession(tx, id);
        verdict = then === null ? 'ended' : judged(then);
        if (verdict === 'good') throw new Error('A refresh token is good that was not found good');
      }
      const entry = {
        ...{ at, actor: user.email, sub: subOfUser(user.id), origin: asking.origin, target: user.id },
        after: { session: id },
      };
      if (verdict === 'raced')
        await appendAudit(tx, auditOutbox, [{ ...entry, action: 'accounts.refreshSession.raced' }]);
      if (verdict === 'replayed') {
        const ended = await endSession(tx, id, { at, reason: 'REPLAY' });
        await appendRevocations(tx, revokedSessions(ended, at), at);
        await appendAudit(tx, auditOutbox, [{ ...entry, action: 'accounts.refreshSession.replayed' }]);
      }
      return { kind: verdict };
    });
  const outcome: Rotated =
    token === null ? { kind: 'unknown' } : await judge(token.sessionId, token.family, hashSecret(token.own));
  metrics.refreshes.inc({ outcome: outcome.kind });
  if (outcome.kind !== 'good' || token === null) {
    const { code, message } = REFUSALS[outcome.kind === 'good' ? 'unknown' : outcome.kind];
    if (outcome.kind === 'replayed' && token !== null) await context.sessionCache.forget([token.sessionId]);
    return refuse(code, message, 'refreshToken');
  }
  const signed = await signer.sign(identityOf(outcome.user, token.sessionId), outcome.at, outcome.user.rightsVersion);
  return { ...signed, refreshToken: writeRefreshToken({ ...token, own: outcome.own }) };
}

/** Ends the caller's session. */
export async function logOut(context: Context): Promise<void> {
  const { user, sessionId, asserted } = await requireMember(context);
  const at = context.now();
  await context.db.transaction(async (tx) => {
    const ended = await endSession(tx, sessionId, { at, reason: 'LOGOUT' });
    await appendRevocations(tx, revokedSessions(ended, at), at);
    const entry = {
      at,
      ...auditedBy(asserted),
      action: 'accounts.logout',
      target: user.id,
      after: { session: sessionId },
    };
    await appendAudit(tx, auditOutbox, [entry]);
  });
  await context.sessionCache.forget([sessionId]);
}

/** Changes the caller's password, ends their other sessions, and with `revokeApiKeys` revokes all their keys. @throws RefusedError */
export async function changePassword(context: Context, input: unknown): Promise<void> {
  const { db, passwords, now } = context;
  const { user, sessionId, asserted } = await requireMember(context);
  const { currentPassword, newPassword, revokeApiKeys } = parseInput(changePasswordShape, input, ['input']);
  const fault = passwordFault(newPassword, user.email);
  if (fault !== null) return refuse('INVALID', `newPassword ${fault}`, 'input.newPassword');
  const address = countedAddress(asserted.origin);
  const found = await findSignIn(db, { email: user.email, address });
  const guarded = { email: user.email, address, isKnown: found?.isKnown ?? false, passwordHash: user.passwordHash };
  const isRight = await checkPassword(context, guarded, currentPassword);
  const fresh = isRight ? await passwords.hash(newPassword) : null;
  const at = now();
  const entry = { at, ...auditedBy(asserted), target: user.id };
  const ended = await db.transaction(async (tx) => {
    const held = await lockUser(tx, user.id);
    if (fresh === null || held?.passwordHash !== user.passwordHash) {
      await appendAudit(tx, auditOutbox, [{ ...entry, action: 'accounts.changePassword.refused' }]);
      return null;
    }
    await changeUser(tx, user.id, { passwordHash: fresh });
    const others = await endSessionsOf(tx, user.id, { at, reason: 'PASSWORD_CHANGED', except: sessionId });
    const keys = revokeApiKeys === true ? await revokeKeysOf(tx, user.id, at) : [];
    await appendRevocations(tx, [...revokedSessions(others, at), ...revokedKeys(keys, at)], at);
    const after = { apiKeysRevoked: keys };
    await appendAudit(tx, auditOutbox, [{ ...entry, action: 'accounts.changePassword', after }]);
    return others;
  });
  if (ended === null) return refuse('INVALID_CREDENTIALS', 'currentPassword is wrong', 'input.currentPassword');
  await context.sessionCache.forget(ended);
}
