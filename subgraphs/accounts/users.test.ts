import { readLogHead } from '@wheelhouse/kit/log-table.ts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApiKey, identityOfKey } from './api-keys.ts';
import { inviteUser } from './invitations.ts';
import { refreshSession } from './sessions.ts';
import { findUser, listUsers } from './store/users.ts';
import { accessLog } from './tables.ts';
import { ADMIN, at, codesOf, HOME, openTestAccounts, type TestAccounts } from './testing/accounts.ts';
import { endSessions, updateUser } from './users.ts';

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
