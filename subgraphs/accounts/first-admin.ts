import { randomBytes, randomUUID } from 'node:crypto';
import { appendAudit } from '@wheelhouse/kit/audit.ts';
import type { Database } from '@wheelhouse/kit/database.ts';
import type { Passwords } from './passwords.ts';
import { revokedKeys, revokedSessions } from './revocations.ts';
import { isChief } from './rules/grants.ts';
import { appendRevocations } from './store/access-log.ts';
import { revokeKeysOf } from './store/api-keys.ts';
import { endSessionsOf } from './store/sessions.ts';
import { changeUser, countUsers, findUserByEmail, insertUser, lockRoster, replaceGrants } from './store/users.ts';
import { auditOutbox } from './tables.ts';

export const FIRST_ADMIN_EMAIL = 'admin@wheelhouse.local';
const NAME = 'First admin';

/** 120 bits, and nothing in it that a person mistakes or a shell takes for its own. */
export const drawPassword = (): string =>
  randomBytes(15)
    .toString('hex')
    .replace(/.{6}(?!$)/g, '$&-');

/**
 * Makes the first admin where nobody has an account yet. Of any number of processes that start at a time one does.
 *
 * @param options.password the one to have; null: one is drawn
 * @returns the password that was drawn, which nobody can ask for again; null when none was
 */
export async function ensureFirstAdmin(options: {
  db: Database;
  passwords: Passwords;
  password: string | null;
  now: Date;
}): Promise<string | null> {
  const { db, passwords, now } = options;
  if ((await countUsers(db)) > 0) return null;
  const password = options.password ?? drawPassword();
  const passwordHash = await passwords.hash(password);
  const [id, email] = [randomUUID(), FIRST_ADMIN_EMAIL];
  const isMade = await db.transaction(async (tx) => {
    await lockRoster(tx);
    if ((await countUsers(tx)) > 0) return false;
    const grants = [{ role: 'ADMIN' as const, site: null }];
    await insertUser(tx, { id, email, name: NAME, passwordHash, createdAt: now, grants });
    const by = { at: now, actor: 'first start', sub: null, origin: null };
    await appendAudit(tx, auditOutbox, [
      { ...by, action: 'accounts.firstAdmin', target: id, after: { email, grants } },
    ]);
    return true;
  });
  return isMade && options.password === null ? password : null;
}

/**
 * Gives the first admin this password, all rights, and an account that is not disabled, ends all sessions and revokes all API keys of theirs. Where all of that is so
 * already, nothing is done: any number of processes may do it at each start.
 *
 * @returns whether something was done
 */
export async function resetFirstAdmin(options: {
  db: Database;
  passwords: Passwords;
  password: string;
  now: Date;
}): Promise<boolean> {
  const { db, passwords, password, now } = options;
  const held = await findUserByEmail(db, FIRST_ADMIN_EMAIL);
  const mayAll = held !== null && held.disabledAt === null && isChief(held.grants);
  if (mayAll && (await passwords.verify(password, held.passwordHash))) return false;
  const passwordHash = await passwords.hash(password);
  const grants = [{ role: 'ADMIN' as const, site: null }];
  await db.transaction(async (tx) => {
    await lockRoster(tx);
    const id = held?.id ?? randomUUID();
    if (held === null)
      await insertUser(tx, { id, email: FIRST_ADMIN_EMAIL, name: NAME, passwordHash, createdAt: now, grants });
    await changeUser(tx, id, { passwordHash, disabledAt: null });
    await replaceGrants(tx, id, grants);
    const ended = await endSessionsOf(tx, id, { at: now, reason: 'PASSWORD_CHANGED' });
    const keys = await revokeKeysOf(tx, id, now);
    await appendRevocations(tx, [...revokedSessions(ended, now), ...revokedKeys(keys, now)], now);
    const by = { at: now, actor: 'configuration', sub: null, origin: null };
    await appendAudit(tx, auditOutbox, [
      { ...by, action: 'accounts.firstAdmin.reset', target: id, after: { apiKeysRevoked: keys } },
    ]);
  });
  return true;
}

/** Whether the first admin can sign in by this password: who starts us tells it only if it is of use. */
export async function isFirstAdminsPassword(
  { db, passwords }: { db: Database; passwords: Passwords },
  password: string,
): Promise<{ email: string; signsIn: boolean }> {
  const admin = await findUserByEmail(db, FIRST_ADMIN_EMAIL);
  const isRight = await passwords.verify(password, admin?.passwordHash ?? null);
  return { email: FIRST_ADMIN_EMAIL, signsIn: isRight && admin?.disabledAt === null };
}
