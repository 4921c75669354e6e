import { type AuditEntry, appendAudit, auditedBy } from '@wheelhouse/kit/audit.ts';
import type { Database } from '@wheelhouse/kit/database.ts';
import { shown } from '@wheelhouse/kit/errors.ts';
import type { Identity } from '@wheelhouse/kit/identity.ts';
import { managedArea, nameOfKey, requireMember } from './callers.ts';
import type { Context } from './context.ts';
import { parseInput, refuse } from './refusal.ts';
import { revokedKeys } from './revocations.ts';
import { grantsOf, grantsOfKey, isManageable, outgrown } from './rules/grants.ts';
import { createKeyShape } from './rules/inputs.ts';
import { hashSecret, isSecretOf, newKeyId, randomSecret, readApiKey, writeApiKey } from './secrets.ts';
import { appendRevocations } from './store/access-log.ts';
import {
  type ApiKeyRow,
  findApiKey,
  holdingKeys,
  insertApiKey,
  noteKeyUse,
  revokeApiKey as revoke,
} from './store/api-keys.ts';
import { findUser, lockUser, type UserRow } from './store/users.ts';
import { auditOutbox } from './tables.ts';

/** How many keys of a user may hold at a time: each has a rate of its own at the router. */
export const MAX_KEYS = 20;

/** What the audit log tells of a key. */
const told = ({ name, scopes, sites, expiresAt }: ApiKeyRow) => ({ name, scopes, sites, expiresAt });

/** Makes an API key of the caller's own. @throws RefusedError */
export async function createApiKey(context: Context, input: unknown): Promise<{ secret: string; apiKey: ApiKeyRow }> {
  const at = context.now();
  const { user, asserted } = await requireMember(context);
  const wanted = parseInput(createKeyShape(at), input, ['input']);
  const excess = outgrown(wanted, grantsOf(user.grants));
  if (excess !== null) {
    const { scope, site } = excess;
    if (site === null)
      return refuse('FORBIDDEN', `scopes names ${scope}, which you do not have yourself`, 'input.scopes');
    return refuse('FORBIDDEN', `sites names ${site}, where you do not have ${scope} yourself`, 'input.sites');
  }
  const [id, secret] = [newKeyId(), randomSecret()];
  const apiKey = await context.db.transaction(async (tx) => {
    await lockUser(tx, user.id);
    // The session may have been ended while this waited.
    await requireMember({ ...context, db: tx });
    if ((await holdingKeys(tx, user.id, at)).length >= MAX_KEYS)
      return refuse('INVALID', `you have ${MAX_KEYS} API keys that hold, and may have no more: revoke one first`);
    const key = await insertApiKey(tx, {
      ...wanted,
      id,
      userId: user.id,
      secretHash: hashSecret(secret),
      createdAt: at,
    });
    const entry: AuditEntry = {
      at,
      ...auditedBy(asserted),
      action: 'accounts.createApiKey',
      target: id,
      after: told(key),
    };
    await appendAudit(tx, auditOutbox, [entry]);
    return key;
  });
  return { secret: writeApiKey(id, secret), apiKey };
}

/** Revokes a key. @returns the key as it is then @throws RefusedError */
export async function revokeApiKey(context: Context, id: string): Promise<ApiKeyRow> {
  const member = await requireMember(context);
  const key = await findApiKey(context.db, id);
  const owner = key === null ? null : await findUser(context.db, key.userId);
  const isTheirs = owner?.id === member.user.id;
  const mayRevoke = isTheirs || (owner !== null && isManageable(managedArea(member), owner.grants));
  if (key === null || !mayRevoke)
    return refuse('NOT_FOUND', `there is no API key ${shown(id)} that you may revoke`, 'id');
  const at = context.now();
  const revoked = await context.db.transaction(async (tx) => {
    const now = await revoke(tx, id, at);
    if (now === null) return null;
    await appendRevocations(tx, revokedKeys([id], at), at);
    const entry: AuditEntry = {
      ...{ at, ...auditedBy(member.asserted), action: 'accounts.revokeApiKey', target: id },
      before: told(now),
    };
    await appendAudit(tx, auditOutbox, [entry]);
    return now;
  });
  return revoked ?? key;
}

/** Why a key does not hold, and whose it is as far as it is one. `by` is null for a secret that is none of ours: it may be anything. */
export async function whyKeyRefused(
  db: Database,
  text: string,
  now: Date,
): Promise<{ code: 'UNKNOWN' | 'REVOKED' | 'EXPIRED' | 'DISABLED'; keyId: string | null; by: string | null }> {
  const given = readApiKey(text);
  const key = given === null ? null : await findApiKey(db, given.id);
  if (given === null || key === null) return { code: 'UNKNOWN', keyId: null, by: null };
  if (!isSecretOf(given.secret, key.secretHash)) return { code: 'UNKNOWN', keyId: key.id, by: null };
  const code = key.revokedAt !== null ? 'REVOKED' : key.expiresAt <= now ? 'EXPIRED' : 'DISABLED';
  const maker = await findUser(db, key.userId);
  return { code, keyId: key.id, by: nameForPeople(key, maker) };
}

/** No two have the same name: by it actors are told apart. */
const nameForPeople = (key: ApiKeyRow, maker: Pick<UserRow, 'email'> | null): string =>
  `${key.name} (key ${key.id} of ${maker?.email ?? 'nobody'})`;

/** Who an API key stands for at this moment, and until when; null for one that does not hold. */
export async function identityOfKey(
  db: Database,
  text: string,
  now: Date,
): Promise<{ identity: Identity; expiresAt: Date; rightsVersion: number } | null> {
  const given = readApiKey(text);
  const key = given === null ? null : await findApiKey(db, given.id);
  if (given === null || key === null || !isSecretOf(given.secret, key.secretHash)) return null;
  if (key.revokedAt !== null || key.expiresAt <= now) return null;
  // A change of theirs that is under way is waited for: it takes away what was asked for before it, and not what was asked for meanwhile.
  const maker = await db.transaction((tx) => lockUser(tx, key.userId, 'share'));
  if (maker === null || maker.disabledAt !== null) return null;
  await noteKeyUse(db, key.id, now);
  const [sub, name] = [nameOfKey(key.id), nameForPeople(key, maker)];
  const grants = grantsOfKey(key, grantsOf(maker.grants));
  return { identity: { sub, sid: sub, name, grants }, expiresAt: key.expiresAt, rightsVersion: maker.rightsVersion };
}
