import { TOKEN_MAX_SECONDS } from '@wheelhouse/contracts/access.ts';
import { readLogHead } from '@wheelhouse/kit/log-table.ts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApiKey, identityOfKey, MAX_KEYS, revokeApiKey } from './api-keys.ts';
import { changePassword } from './sessions.ts';
import { findApiKey } from './store/api-keys.ts';
import { accessLog } from './tables.ts';
import { ADMIN, at, codesOf, openTestAccounts, PASSWORD, type TestAccounts } from './testing/accounts.ts';
import { endSessions } from './users.ts';

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
/** What was taken away by what `run` does. */
async function takenBy(run: () => Promise<unknown>) {
  const { position } = await readLogHead(accounts.db, accessLog);
  await run();
  return (await accounts.revoked()).filter((row) => row.position > position).map(({ sub, sid }) => sub ?? sid);
}

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
    rightsVersion: 0,
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
  // Also what a router read before the commit and took for newer counts no longer.
  const before = new Date(accounts.shared.now().getTime() + TOKEN_MAX_SECONDS * 1_000).toISOString();
  expect((await accounts.revoked()).at(-1)).toMatchObject({ sid: `key:${apiKey.id}`, before });
  expect(await holds(secret)).toBeNull();
  expect(await takenBy(() => revokeApiKey(owner.context, apiKey.id))).toEqual([]);
  const other = await createApiKey(owner.context, { name: 'two', scopes: ['estate:read'] });
  expect((await revokeApiKey(admin.context, other.apiKey.id)).revokedAt).not.toBeNull();
  expect(await codesOf(revokeApiKey(admin.context, 'none'))).toEqual(['NOT_FOUND']);
});

it('revokes all keys of somebody whose sessions are ended or whose password is changed, where that is asked for', async () => {
  const user = await accounts.addUser('c6@example.org', [at('VIEWER')]);
  const { context } = await accounts.enter(user.email);
  const make = () => createApiKey(context, { name: 'one', scopes: ['estate:read'] });
  const password = { currentPassword: PASSWORD, newPassword: PASSWORD };
  const first = await make();
  await changePassword(context, password);
  expect(await holds(first.secret)).not.toBeNull();
  expect(await takenBy(() => changePassword(context, { ...password, revokeApiKeys: true }))).toEqual([
    `key:${first.apiKey.id}`,
  ]);
  expect(await holds(first.secret)).toBeNull();
  const second = await make();
  await endSessions(admin.context, { userId: user.id });
  expect(await holds(second.secret)).not.toBeNull();
  await endSessions(admin.context, { userId: user.id, revokeApiKeys: true });
  expect(await holds(second.secret)).toBeNull();
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

it('makes no more keys than a user may have, however many are asked for at a time', async () => {
  await accounts.addUser('c5@example.org', [at('VIEWER')]);
  const { context } = await accounts.enter('c5@example.org');
  const make = () => createApiKey(context, { name: 'one', scopes: ['estate:read'] });
  const outcomes = await Promise.allSettled(Array.from({ length: MAX_KEYS + 3 }, make));
  const made = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value.apiKey.id] : []));
  expect(made).toHaveLength(MAX_KEYS);
  await expect(make()).rejects.toThrow(`${MAX_KEYS} API keys`);
  expect(await codesOf(make())).toEqual(['INVALID']);
  await revokeApiKey(context, made[0] ?? '');
  expect(await codesOf(make())).toEqual([]);
});
