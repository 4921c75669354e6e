import { randomUUID } from 'node:crypto';
import { appendAudit, auditedBy } from '@wheelhouse/kit/audit.ts';
import { identityOf, subOfUser } from './callers.ts';
import type { Context } from './context.ts';
import { TooBusyError } from './passwords.ts';
import { RefusedError, refuse } from './refusal.ts';
import { attemptKeys, countedAddress, pairKeys } from './rules/attempts.ts';
import { normalizeEmail } from './rules/emails.ts';
import { MAX_PASSWORD, MAX_PASSWORD_UNITS } from './rules/passwords.ts';
import { hashSecret, randomSecret, writeRefreshToken } from './secrets.ts';
import { release, reserve } from './store/attempts.ts';
import { insertSession } from './store/sessions.ts';
import { findSignIn, lockUser, noteSignIn, type UserRow } from './store/users.ts';
import { auditOutbox } from './tables.ts';

const DAY_MS = 86_400_000;
const WRONG = 'the e-mail or the password is wrong';

/** @throws RefusedError that says from when on another try is made */
export function throttled(retryAt: Date, now: Date): never {
  const retryAfterSeconds = Math.ceil((retryAt.getTime() - now.getTime()) / 1_000);
  const message = `too many tries went wrong, the next one is made in ${retryAfterSeconds} s`;
  throw new RefusedError([{ field: null, code: 'TOO_MANY_ATTEMPTS', message, retryAfterSeconds }]);
}

/** What a password is checked for: under which keys a wrong one counts. */
export type Guarded = { email: string; address: string; isKnown: boolean; passwordHash: string | null };

/**
 * Whether a password is right, counted as a failure until it is known to be. For somebody who is not there all is done that is done for
 * somebody who is.
 *
 * @throws RefusedError while the next try has to wait, TooBusyError while too many are under way
 */
export async function checkPassword(context: Context, guarded: Guarded, password: string): Promise<boolean> {
  const { db, passwords, metrics, logger, now } = context;
  const reserved = await reserve(db, attemptKeys(guarded), now());
  if ('retryAt' in reserved) {
    metrics.signIns.inc({ outcome: 'throttled' });
    return throttled(reserved.retryAt, now());
  }
  const giveBack = (forget: readonly string[]): Promise<void> =>
    release(db, reserved.reservation, { forget }).catch((err: unknown) =>
      logger.warn({ err }, 'a try to sign in stays counted although it went well'),
    );
  try {
    const isRight = await passwords.verify(password, guarded.passwordHash);
    if (isRight) await giveBack(pairKeys(guarded));
    return isRight;
  } catch (err) {
    await giveBack([]);
    if (err instanceof TooBusyError) metrics.signIns.inc({ outcome: 'busy' });
    throw err;
  }
}

export type Tokens = { accessToken: string; refreshToken: string; expiresAt: Date };

/** Signs somebody in and begins a session. @throws RefusedError */
export async function signIn(
  context: Context,
  given: { email: string; password: string },
): Promise<Tokens & { user: UserRow }> {
  const { db, signer, metrics, now } = context;
  const asking = context.identity;
  const email = normalizeEmail(given.email) ?? refuse('INVALID', 'email must be an e-mail address', 'email');
  if (given.password.length > MAX_PASSWORD_UNITS)
    return refuse('INVALID', `password must have at most ${MAX_PASSWORD} characters`, 'password');
  const address = countedAddress(asking.origin);
  const found = await findSignIn(db, { email, address });
  const guarded = { email, address, isKnown: found?.isKnown ?? false, passwordHash: found?.passwordHash ?? null };
  const isRight = await checkPassword(context, guarded, given.password);
  const { origin } = asking;
  const refused = (why: string, at: Date) => ({
    ...{ at, ...auditedBy(asking), action: 'accounts.login.refused' },
    ...{ target: found?.id ?? null, after: { email, why } },
  });

  const [sessionId, family, own] = [randomUUID(), randomSecret(), randomSecret()];
  const outcome = await db.transaction(async (tx) => {
    const user = found !== null && isRight ? await lockUser(tx, found.id) : null;
    const at = now();
    // It may have been changed while the old one was being checked.
    if (user === null || user.passwordHash !== guarded.passwordHash) {
      await appendAudit(tx, auditOutbox, [refused('WRONG', at)]);
      return 'wrong';
    }
    if (user.disabledAt !== null) {
      await appendAudit(tx, auditOutbox, [refused('DISABLED', at)]);
      return 'disabled';
    }
    await noteSignIn(tx, { userId: user.id, address, at });
    await insertSession(tx, {
      ...{ id: sessionId, userId: user.id, createdAt: at, origin },
      expiresAt: new Date(at.getTime() + context.sessionDays * DAY_MS),
      ...{ familyHash: hashSecret(family), tokenHash: hashSecret(own) },
    });
    await appendAudit(tx, auditOutbox, [
      {
        ...{ at, actor: user.email, sub: subOfUser(user.id), action: 'accounts.login', target: user.id, origin },
        after: { session: sessionId },
      },
    ]);
    return { ...user, lastSignedInAt: at };
  });
  metrics.signIns.inc({ outcome: typeof outcome === 'string' ? outcome : 'signedIn' });
  if (outcome === 'wrong') return refuse('INVALID_CREDENTIALS', WRONG);
  if (outcome === 'disabled') return refuse('ACCOUNT_DISABLED', 'the account is disabled: ask an admin');
  const token = await signer.sign(identityOf(outcome, sessionId), outcome.lastSignedInAt, outcome.rightsVersion);
  return { ...token, refreshToken: writeRefreshToken({ sessionId, family, own }), user: outcome };
}
