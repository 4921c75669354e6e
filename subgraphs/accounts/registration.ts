import { randomUUID } from 'node:crypto';
import { appendAudit } from '@wheelhouse/kit/audit.ts';
import type { Queryable } from '@wheelhouse/kit/database.ts';
import { subOfUser } from './callers.ts';
import type { Context } from './context.ts';
import { parseInput, refuse } from './refusal.ts';
import { countedAddress, registrationKeys } from './rules/attempts.ts';
import { canGive, type RoleGrant } from './rules/grants.ts';
import { registerShape } from './rules/inputs.ts';
import { passwordFault } from './rules/passwords.ts';
import { isSecretOf, readInvitation } from './secrets.ts';
import { throttled } from './sign-in.ts';
import { release, reserve } from './store/attempts.ts';
import { type InvitationRow, lockInvitation, useInvitation } from './store/invitations.ts';
import { findUser, findUserByEmail, insertUser, lockUser, type UserRow } from './store/users.ts';
import { auditOutbox } from './tables.ts';

/** What somebody may do who was not invited, where registration is open. */
const OF_STRANGERS: readonly RoleGrant[] = [{ role: 'VIEWER', site: null }];
const FIELD = 'input.invitation';

/** Whether who made an invitation could make it now. They are held until the transaction ends: who takes that from them waits, or comes before. */
async function isStillBacked(tx: Queryable, { invitedBy, grants }: InvitationRow): Promise<boolean> {
  const inviter = await findUserByEmail(tx, invitedBy);
  return canGive(inviter === null ? null : await lockUser(tx, inviter.id), grants);
}

/** What the invitation gives, which is used up. @throws RefusedError */
async function takeInvitation(
  tx: Queryable,
  text: string,
  { email, at }: { email: string; at: Date },
): Promise<RoleGrant[]> {
  const given = readInvitation(text);
  const held = given === null ? null : await lockInvitation(tx, given.id, at);
  if (given === null || held === null || !isSecretOf(given.secret, held.secretHash))
    return refuse(
      'INVITATION_INVALID',
      'invitation is not one of ours, was used or taken back, or has ended: ask for another',
      FIELD,
    );
  if (held.email !== email)
    return refuse('INVITATION_INVALID', 'invitation was made for another e-mail', 'input.email');
  if (!(await isStillBacked(tx, held)))
    return refuse(
      'INVITATION_INVALID',
      'invitation was made by somebody who may no longer give what it gives: ask for another',
      FIELD,
    );
  await useInvitation(tx, held.id, at);
  return held.grants;
}

/** Makes an account. @throws RefusedError */
export async function register(context: Context, input: unknown): Promise<UserRow | null> {
  const { db, registration, now } = context;
  const { email, password, name, invitation } = parseInput(registerShape, input, ['input']);
  if (registration === 'closed') return refuse('REGISTRATION_CLOSED', 'nobody may register here: ask an admin');
  if (registration === 'invitation' && !invitation)
    return refuse('INVITATION_REQUIRED', 'registering needs an invitation: ask an admin for one', FIELD);
  const fault = passwordFault(password, email);
  if (fault !== null) return refuse('INVALID', `password ${fault}`, 'input.password');
  const { origin } = context.identity;
  // Every try costs a hash, and tells whether an e-mail is taken.
  const reserved = await reserve(db, registrationKeys(countedAddress(origin)), now());
  if ('retryAt' in reserved) return throttled(reserved.retryAt, now());
  const passwordHash = await context.passwords.hash(password);
  const at = now();
  const id = randomUUID();
  await db.transaction(async (tx) => {
    const grants = invitation ? await takeInvitation(tx, invitation, { email, at }) : [...OF_STRANGERS];
    if (!(await insertUser(tx, { id, email, name: name ?? email, passwordHash, createdAt: at, grants })))
      return refuse('DUPLICATE', `email is that of a user already: ${email}`, 'input.email');
    const by = { at, actor: email, sub: subOfUser(id), origin };
    await appendAudit(tx, auditOutbox, [{ ...by, action: 'accounts.register', target: id, after: { email, grants } }]);
  });
  // Whoever was invited is nobody to be slowed down.
  if (invitation) await release(db, reserved.reservation, { forget: [] });
  return findUser(db, id);
}
