import { randomUUID } from 'node:crypto';
import { type AuditEntry, appendAudit, auditedBy } from '@wheelhouse/kit/audit.ts';
import { type Page, pageOf, pageSize } from '@wheelhouse/kit/connection.ts';
import type { Queryable } from '@wheelhouse/kit/database.ts';
import { shown } from '@wheelhouse/kit/errors.ts';
import { managedArea, requireArea, requireMember } from './callers.ts';
import type { Context } from './context.ts';
import { parseInput, refuse } from './refusal.ts';
import { canGive, isManageable } from './rules/grants.ts';
import { INVITATION_MS, inviteShape, revokeInvitationShape } from './rules/inputs.ts';
import { cursorAt, placeAt } from './rules/places.ts';
import { hashSecret, randomSecret, writeInvitation } from './secrets.ts';
import {
  type InvitationRow,
  insertInvitation,
  listInvitations,
  lockInvitation,
  removeInvitation,
} from './store/invitations.ts';
import { findUserByEmail, findUsersByEmail } from './store/users.ts';
import { auditOutbox } from './tables.ts';

/** An invitation that can still be used, and whether it would be taken. */
export type Pending = Omit<InvitationRow, 'secretHash' | 'usedAt'> & { holds: boolean };

/** Says of each whether who made it may still give what it gives, by as many statements however many they are. */
async function withBacking(db: Queryable, rows: readonly InvitationRow[]): Promise<Pending[]> {
  if (rows.length === 0) return [];
  const inviters = await findUsersByEmail(db, [...new Set(rows.map(({ invitedBy }) => invitedBy))]);
  const byEmail = new Map(inviters.map((inviter) => [inviter.email, inviter]));
  return rows.map(({ secretHash: _, usedAt: __, ...row }) => ({
    ...row,
    holds: canGive(byEmail.get(row.invitedBy) ?? null, row.grants),
  }));
}

/** Invitations that nobody has used yet, of those that the caller could have made. @throws FORBIDDEN, CURSOR_INVALID */
export async function pendingInvitations(
  context: Context,
  { first, after }: { first?: number | null | undefined; after?: string | null | undefined },
): Promise<Page<Pending>> {
  const area = requireArea(context, 'accounts:write');
  const size = pageSize(first);
  const rows = await listInvitations(context.db, {
    ...{ sites: area === 'everywhere' ? null : area, after: placeAt(after), limit: size + 1, now: context.now() },
  });
  return pageOf(await withBacking(context.db, rows), size, cursorAt);
}

/** Makes an invitation. @throws RefusedError */
export async function inviteUser(
  context: Context,
  input: unknown,
): Promise<{ invitation: string; expiresAt: Date; pending: Pending }> {
  const member = await requireMember(context);
  const { email, grants, reason } = parseInput(inviteShape, input, ['input']);
  if (context.registration === 'closed')
    return refuse(
      'REGISTRATION_CLOSED',
      'nobody may register, not even by invitation: WHEELHOUSE_REGISTRATION is closed',
    );
  if (!isManageable(managedArea(member), grants))
    return refuse('FORBIDDEN', 'grants must lie within the sites that you manage', 'input.grants');
  if ((await findUserByEmail(context.db, email)) !== null)
    return refuse('DUPLICATE', `email is that of a user already: ${email}`, 'input.email');
  const at = context.now();
  const [id, secret] = [randomUUID(), randomSecret()];
  const expiresAt = new Date(at.getTime() + INVITATION_MS);
  const {
    secretHash: _,
    usedAt: __,
    ...row
  } = await context.db.transaction(async (tx) => {
    const made = await insertInvitation(tx, {
      ...{ id, email, grants, invitedBy: member.user.email, secretHash: hashSecret(secret), createdAt: at, expiresAt },
    });
    const entry: AuditEntry = {
      ...{ at, ...auditedBy(member.asserted), action: 'accounts.inviteUser', target: id },
      ...{ after: { email, grants }, reason: reason ?? null },
    };
    await appendAudit(tx, auditOutbox, [entry]);
    return made;
  });
  return { invitation: writeInvitation(id, secret), expiresAt, pending: { ...row, holds: true } };
}

/** Takes an invitation back that nobody has used: whoever takes it at this moment comes before, or finds it gone. @returns it as it was @throws RefusedError */
export async function revokeInvitation(context: Context, args: unknown): Promise<Pending> {
  const member = await requireMember(context);
  const { id, reason } = parseInput(revokeInvitationShape, args, []);
  const area = managedArea(member);
  const at = context.now();
  const taken = await context.db.transaction(async (tx) => {
    const held = await lockInvitation(tx, id, at);
    if (held === null || !isManageable(area, held.grants))
      return refuse(
        'NOT_FOUND',
        `there is no invitation ${shown(id)} that can still be used and is yours to take back`,
        'id',
      );
    const { email, grants, invitedBy } = held;
    await removeInvitation(tx, id);
    const entry: AuditEntry = {
      ...{ at, ...auditedBy(member.asserted), action: 'accounts.revokeInvitation', target: id },
      ...{ before: { email, grants, invitedBy }, reason: reason ?? null },
    };
    await appendAudit(tx, auditOutbox, [entry]);
    return held;
  });
  const [invitation] = await withBacking(context.db, [taken]);
  if (invitation === undefined) throw new Error('An invitation was lost on its way');
  return invitation;
}
