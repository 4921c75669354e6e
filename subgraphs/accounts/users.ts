import { isDeepStrictEqual } from 'node:util';
import { type AuditEntry, appendAudit, auditedBy } from '@wheelhouse/kit/audit.ts';
import type { Queryable } from '@wheelhouse/kit/database.ts';
import { shown } from '@wheelhouse/kit/errors.ts';
import { managedArea, nameOfKey, requireMember, subOfUser } from './callers.ts';
import type { Context } from './context.ts';
import { parseInput, refuse } from './refusal.ts';
import { revokedKeys, revokedSessions } from './revocations.ts';
import { isManageable, type RoleGrant } from './rules/grants.ts';
import { endSessionsShape, updateUserShape } from './rules/inputs.ts';
import { appendRevocations, type Revocation } from './store/access-log.ts';
import { holdingKeys, revokeKeysOf } from './store/api-keys.ts';
import { endSessionsOf, liveSessions } from './store/sessions.ts';
import { changeUser, countChiefs, lockRoster, lockUser, replaceGrants, type UserRow } from './store/users.ts';
import { auditOutbox } from './tables.ts';

/**
 * All that was signed for a user and their API keys with another version of what they may do. For what says no version the instant counts: also what
 * was signed within this very millisecond.
 */
async function revokedOf(tx: Queryable, userId: string, at: Date, rightsVersion: number): Promise<Revocation[]> {
  const keys = await holdingKeys(tx, userId, at);
  const before = new Date(at.getTime() + 1);
  return [
    { sub: subOfUser(userId), sid: null, before, rightsVersion },
    ...keys.map((id) => ({ sub: null, sid: nameOfKey(id), before, rightsVersion })),
  ];
}

/** What the audit log tells of a user. */
const told = ({ name, grants, disabledAt }: UserRow) => ({ name, grants, disabled: disabledAt !== null });

const inOrder = (grants: readonly RoleGrant[]): string[] =>
  grants.map((grant) => JSON.stringify([grant.role, grant.site])).sort();

/** Changes a user. @returns the user as they are then @throws RefusedError */
export async function updateUser(context: Context, input: unknown): Promise<UserRow> {
  const member = await requireMember(context);
  const wanted = parseInput(updateUserShape, input, ['input']);
  const area = managedArea(member);
  const { after, touched } = await context.db.transaction(async (tx) => {
    await lockRoster(tx);
    const before = await lockUser(tx, wanted.id);
    // Now that nobody signs anything for them any more.
    const at = context.now();
    if (before === null || !isManageable(area, before.grants))
      return refuse('NOT_FOUND', `there is no user ${shown(wanted.id)} whom you may manage`, 'input.id');
    const grants = wanted.grants ?? before.grants;
    if (!isManageable(area, grants))
      return refuse('FORBIDDEN', 'grants must lie within the sites that you manage', 'input.grants');
    const disabledAt =
      wanted.disabled === true ? (before.disabledAt ?? at) : wanted.disabled === false ? null : before.disabledAt;
    const changed: UserRow = { ...before, name: wanted.name ?? before.name, grants, disabledAt };
    if (
      isDeepStrictEqual(
        { ...told(before), grants: inOrder(before.grants) },
        { ...told(changed), grants: inOrder(grants) },
      )
    )
      return { after: before, touched: [] };
    const isDisabled = disabledAt !== null && before.disabledAt === null;
    const isLess = isDisabled || !isDeepStrictEqual(inOrder(before.grants), inOrder(grants));
    const rightsVersion = before.rightsVersion + (isLess ? 1 : 0);
    await changeUser(tx, before.id, { name: changed.name, disabledAt, rightsVersion });
    await replaceGrants(tx, before.id, grants);
    if ((await countChiefs(tx)) === 0)
      return refuse('INVALID', 'one admin everywhere must be left, and this is the last', 'input');
    const live = await liveSessions(tx, before.id);
    const ended = isDisabled ? await endSessionsOf(tx, before.id, { at, reason: 'DISABLED' }) : [];
    await appendRevocations(
      tx,
      [...revokedSessions(ended, at), ...(isLess ? await revokedOf(tx, before.id, at, rightsVersion) : [])],
      at,
    );
    const entry: AuditEntry = {
      ...{ at, ...auditedBy(member.asserted), action: 'accounts.updateUser', target: before.id },
      ...{ before: told(before), after: told(changed), reason: wanted.reason ?? null },
    };
    await appendAudit(tx, auditOutbox, [entry]);
    return { after: changed, touched: live };
  });
  await context.sessionCache.forget(touched);
  return after;
}

/** Ends all sessions of a user, and with `revokeApiKeys` all keys. @returns how many sessions there were @throws RefusedError */
export async function endSessions(context: Context, args: unknown): Promise<number> {
  const member = await requireMember(context);
  const { userId, reason, revokeApiKeys } = parseInput(endSessionsShape, args, []);
  const area = userId === member.user.id ? null : managedArea(member);
  const at = context.now();
  const ended = await context.db.transaction(async (tx) => {
    const user = await lockUser(tx, userId);
    if (user === null || (area !== null && !isManageable(area, user.grants)))
      return refuse('NOT_FOUND', `there is no user ${shown(userId)} whom you may manage`, 'userId');
    const ids = await endSessionsOf(tx, userId, { at, reason: 'ENDED' });
    const keys = revokeApiKeys === true ? await revokeKeysOf(tx, userId, at) : [];
    await appendRevocations(tx, [...revokedSessions(ids, at), ...revokedKeys(keys, at)], at);
    const entry: AuditEntry = {
      ...{ at, ...auditedBy(member.asserted), action: 'accounts.endSessions', target: userId },
      ...{ after: { sessions: ids.length, apiKeysRevoked: keys }, reason: reason ?? null },
    };
    await appendAudit(tx, auditOutbox, [entry]);
    return ids;
  });
  await context.sessionCache.forget(ended);
  return ended.length;
}
