import { readLogHead } from '@wheelhouse/kit/log-table.ts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApiKey, identityOfKey, revokeApiKey } from './api-keys.ts';
import { register } from './registration.ts';
import { refreshSession } from './sessions.ts';
import { findApiKey } from './store/api-keys.ts';
import { findUser, listUsers } from './store/users.ts';
import { accessLog } from './tables.ts';
import { ADMIN, at, codesOf, HOME, openTestAccounts, PASSWORD, type TestAccounts } from './testing/accounts.ts';
import { endSessions, inviteUser, updateUser } from './users.ts';

const DAY_MS = 86_400_000;
let accounts: TestAccounts;
let admin: Awaited<ReturnType<TestAccounts['enter']>>;
beforeAll(async () => {
  accounts = await openTestAccounts();
  await accounts.addUser('chief@example.org', ADMIN);
  admin = await accounts.enter('chief@example.org');
});
afterAll(() => accounts.close());

const holds = (secret: string) => identityOfKey(accounts.db, secret, accounts.shared.now());
const lastAudited = async () => (await accounts.audited()).at(-1);
/** What was taken away by what `run` does. */
async function takenBy(run: () => Promise<unknown>) {
  const { position } = await readLogHead(accounts.db, accessLog);
  await run();
  return (await accounts.revoked()).filter((row) => row.position > position).map(({ sub, sid }) => sub ?? sid);
}

it('lets those in who were invited, with what they were invited to, once', async () => {
  const grants = [{ role: 'ANALYST' as const, site: 'museum' }];
  const { invitation } = await inviteUser(admin.context, {
    email: 'New@example.org',
    grants,
    reason: 'joins on Monday',
  });
  expect(await lastAudited()).toMatchObject({ action: 'accounts.inviteUser', reason: 'joins on Monday' });
  const asks = (input: Record<string, unknown>) =>
    codesOf(register(accounts.as(HOME), { email: 'new@example.org', password: PASSWORD, invitation, ...input }));
  expect(await asks({ invitation: undefined })).toEqual(['INVITATION_REQUIRED']);
  expect(await asks({ email: 'other@example.org' })).toEqual(['INVITATION_INVALID']);
  expect(await asks({ invitation: `${invitation.slice(0, -1)}-` })).toEqual(['INVITATION_INVALID']);
  expect(await asks({ password: 'short' })).toEqual(['INVALID']);
  expect(await asks({})).toEqual([]);
  expect(await asks({})).toEqual(['INVITATION_INVALID']);
  expect((await accounts.enter('new@example.org')).user).toMatchObject({ name: 'new@example.org', grants });
  expect(await codesOf(inviteUser(admin.context, { email: 'new@example.org', grants }))).toEqual(['DUPLICATE']);
});

it('takes no invitation that is a week old', async () => {
  const { invitation } = await inviteUser(admin.context, { email: 'late@example.org', grants: [] });
  accounts.pass(7 * DAY_MS);
  expect(
    await codesOf(register(accounts.as(HOME), { email: 'late@example.org', password: PASSWORD, invitation })),
  ).toEqual(['INVITATION_INVALID']);
  admin = await accounts.enter('chief@example.org');
});

it('takes no invitation of one who could not make it any more', async () => {
  const hall = await accounts.addUser('hall-1@example.org', [at('ADMIN', 'hall-1')]);
  const { context } = await accounts.enter(hall.email);
  const grants = [at('ADMIN', 'hall-1/left')];
  const { invitation } = await inviteUser(context, { email: 'friend@example.org', grants });
  const asks = () =>
    codesOf(register(accounts.as(HOME), { email: 'friend@example.org', password: PASSWORD, invitation }));
  for (const change of [{ grants: [at('OPERATOR', 'hall-1')] }, { grants: [at('ADMIN', 'hall-2')] }, { grants: [] }]) {
    await updateUser(admin.context, { id: hall.id, ...change });
    expect(await asks()).toEqual(['INVITATION_INVALID']);
  }
  await updateUser(admin.context, { id: hall.id, grants: hall.grants, disabled: true });
  expect(await asks()).toEqual(['INVITATION_INVALID']);
  await updateUser(admin.context, { id: hall.id, disabled: false });
  expect(await asks()).toEqual([]);
});

it('changes what somebody may do, and has what was signed for them before counted no longer', async () => {
  const user = await accounts.addUser('a1@example.org', [at('OPERATOR')]);
  const { context, refreshToken } = await accounts.enter(user.email);
  const { secret, apiKey } = await createApiKey(context, { name: 'bi', scopes: ['estate:read', 'history:read'] });
  const grants = [{ role: 'VIEWER' as const, site: 'museum' }];
  const taken = await takenBy(() => updateUser(admin.context, { id: user.id, grants, reason: 'left the team' }));
  expect(taken).toEqual([`user:${user.id}`, `key:${apiKey.id}`]);
  expect(await lastAudited()).toMatchObject({
    ...{
      actor: 'chief@example.org',
      action: 'accounts.updateUser',
      target: user.id,
      reason: 'left the team',
      origin: HOME,
    },
    before: { grants: [{ role: 'OPERATOR', site: null }], disabled: false },
    after: { grants, disabled: false },
  });
  expect((await holds(secret))?.identity.grants).toEqual([{ scopes: ['estate:read'], site: 'museum' }]);
  expect(await codesOf(refreshSession(accounts.as(HOME), refreshToken))).toEqual([]);
});

it('changes nothing and tells nothing where nothing is another thing', async () => {
  const user = await accounts.addUser('a2@example.org', [at('OPERATOR'), at('VIEWER', 'a')]);
  const before = (await accounts.audited()).length;
  const same = [{ role: 'VIEWER' as const, site: 'a' }, { role: 'OPERATOR' as const }];
  expect(await takenBy(() => updateUser(admin.context, { id: user.id, grants: same, disabled: false }))).toEqual([]);
  expect(await accounts.audited()).toHaveLength(before);
});

it('disables somebody with all sessions and keys, and enables them again', async () => {
  const user = await accounts.addUser('a3@example.org', [at('VIEWER')]);
  const { context, refreshToken, sessionId } = await accounts.enter(user.email);
  const { secret, apiKey } = await createApiKey(context, { name: 'bi', scopes: ['estate:read'] });
  const taken = await takenBy(() => updateUser(admin.context, { id: user.id, disabled: true }));
  expect(taken).toEqual([`session:${sessionId}`, `user:${user.id}`, `key:${apiKey.id}`]);
  expect(await codesOf(refreshSession(accounts.as(HOME), refreshToken))).toEqual(['SESSION_ENDED']);
  expect(await holds(secret)).toBeNull();
  await updateUser(admin.context, { id: user.id, disabled: false });
  expect(await holds(secret)).not.toBeNull();
  expect((await accounts.enter(user.email)).user.disabledAt).toBeNull();
});

it('keeps one admin who can manage everything', async () => {
  const { user } = admin;
  for (const change of [{ disabled: true }, { grants: [] }, { grants: [{ role: 'ADMIN' as const, site: 'museum' }] }])
    expect(await codesOf(updateUser(admin.context, { id: user.id, ...change }))).toEqual(['INVALID']);
  expect((await findUser(accounts.db, user.id))?.grants).toEqual(ADMIN);
});

it('lets the admin of a site manage those who may do nothing outside it', async () => {
  await accounts.addUser('hall@example.org', [at('ADMIN', 'museum/hall-2')]);
  const { context } = await accounts.enter('hall@example.org');
  const inside = await accounts.addUser('in@example.org', [at('VIEWER', 'museum/hall-2/left')]);
  const across = await accounts.addUser('across@example.org', [at('VIEWER', 'museum/hall-2'), at('VIEWER', 'depot')]);
  const change = (id: string, grants: unknown) => codesOf(updateUser(context, { id, grants }));
  expect(await change(inside.id, [{ role: 'OPERATOR', site: 'museum/hall-2' }])).toEqual([]);
  expect(await change(inside.id, [{ role: 'VIEWER', site: 'museum' }])).toEqual(['FORBIDDEN']);
  expect(await change(inside.id, [])).toEqual(['FORBIDDEN']);
  expect(await change(across.id, [])).toEqual(['NOT_FOUND']);
  expect(await codesOf(endSessions(context, { userId: across.id }))).toEqual(['NOT_FOUND']);
  expect(await codesOf(inviteUser(context, { email: 'x@example.org', grants: [{ role: 'VIEWER' }] }))).toEqual([
    'FORBIDDEN',
  ]);
  const seen = await listUsers(accounts.db, { sites: ['museum/hall-2'], after: null, limit: 10 });
  expect(seen.map(({ email }) => email)).toEqual(['hall@example.org', 'in@example.org']);
});

it('lets nobody manage users who has no right to, whatever their token says', async () => {
  await accounts.addUser('b1@example.org', [at('OPERATOR')]);
  const { context } = await accounts.enter('b1@example.org');
  const forged = {
    ...context,
    identity: { ...context.identity, grants: [{ scopes: ['accounts:write'], site: null }] },
  };
  await expect(updateUser(forged, { id: admin.user.id, disabled: true })).rejects.toThrow('accounts:write');
  await expect(inviteUser(accounts.as(null), { email: 'x@example.org', grants: [] })).rejects.toThrow('signed in');
});

it('ends the sessions of somebody, and those of one’s own', async () => {
  const user = await accounts.addUser('b2@example.org');
  const first = await accounts.enter(user.email);
  const second = await accounts.enter(user.email);
  expect(await endSessions(admin.context, { userId: user.id, reason: 'lost the phone' })).toBe(2);
  for (const { refreshToken } of [first, second])
    expect(await codesOf(refreshSession(accounts.as(HOME), refreshToken))).toEqual(['SESSION_ENDED']);
  const own = await accounts.enter(user.email);
  expect(await endSessions(own.context, { userId: user.id })).toBe(1);
});

it('makes a key that is told once, may no more than its maker, and ends', async () => {
  await accounts.addUser('c1@example.org', [at('ANALYST', 'museum')]);
  const { context, user } = await accounts.enter('c1@example.org');
  const make = (input: Record<string, unknown>) =>
    codesOf(createApiKey(context, { name: 'bi', scopes: ['history:read'], ...input }));
  expect(await make({ scopes: ['settings:write'] })).toEqual(['FORBIDDEN']);
  expect(await make({ sites: ['depot'] })).toEqual(['FORBIDDEN']);
  expect(await make({ scopes: ['everything'] })).toEqual(['INVALID']);
  expect(await make({ scopes: [] })).toEqual(['INVALID']);
  const now = accounts.shared.now();
  expect(await make({ expiresAt: now })).toEqual(['INVALID']);
  expect(await make({ expiresAt: new Date(now.getTime() + 367 * DAY_MS) })).toEqual(['INVALID']);
  const { secret, apiKey } = await createApiKey(context, {
    name: 'bi',
    scopes: ['history:read'],
    sites: ['museum/hall-2'],
  });
  expect(secret).toMatch(/^whk_[0-9a-f]{16}_[\w-]{43}$/);
  expect(JSON.stringify(apiKey)).not.toContain(secret.slice(-43));
  expect(await holds(secret)).toEqual({
    identity: {
      ...{ sub: `key:${apiKey.id}`, sid: `key:${apiKey.id}`, name: `bi (key ${apiKey.id} of ${user.email})` },
      grants: [{ scopes: ['history:read'], site: 'museum/hall-2' }],
    },
    expiresAt: new Date(now.getTime() + 90 * DAY_MS),
  });
  expect(await holds(`${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`)).toBeNull();
  expect(await holds('whk_')).toBeNull();
  accounts.pass(90 * DAY_MS);
  expect(await holds(secret)).toBeNull();
  admin = await accounts.enter('chief@example.org');
});

it('revokes keys of one’s own, and an admin those of others', async () => {
  await accounts.addUser('c2@example.org', [at('VIEWER')]);
  await accounts.addUser('c3@example.org', [at('VIEWER')]);
  const owner = await accounts.enter('c2@example.org');
  const { secret, apiKey } = await createApiKey(owner.context, { name: 'one', scopes: ['estate:read'] });
  const stranger = await accounts.enter('c3@example.org');
  await expect(revokeApiKey(stranger.context, apiKey.id)).rejects.toThrow('accounts:write');
  expect(await takenBy(() => revokeApiKey(owner.context, apiKey.id))).toEqual([`key:${apiKey.id}`]);
  expect(await holds(secret)).toBeNull();
  expect(await takenBy(() => revokeApiKey(owner.context, apiKey.id))).toEqual([]);
  const other = await createApiKey(owner.context, { name: 'two', scopes: ['estate:read'] });
  expect((await revokeApiKey(admin.context, other.apiKey.id)).revokedAt).not.toBeNull();
  expect(await codesOf(revokeApiKey(admin.context, 'none'))).toEqual(['NOT_FOUND']);
});

it('notes when a key was used, once a minute', async () => {
  await accounts.addUser('c4@example.org', [at('VIEWER')]);
  const { context } = await accounts.enter('c4@example.org');
  const { secret, apiKey } = await createApiKey(context, { name: 'one', scopes: ['estate:read'] });
  const lastUse = async () => (await findApiKey(accounts.db, apiKey.id))?.lastUsedAt?.getTime();
  const first = accounts.shared.now().getTime();
  await holds(secret);
  accounts.pass(60_000);
  await holds(secret);
  expect(await lastUse()).toBe(first);
  accounts.pass(1);
  await holds(secret);
  expect(await lastUse()).toBe(first + 60_001);
});
