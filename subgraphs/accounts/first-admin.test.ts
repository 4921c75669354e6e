import { afterEach, beforeEach, expect, it } from 'vitest';
import { createApiKey, identityOfKey } from './api-keys.ts';
import { identityOf } from './callers.ts';
import {
  drawPassword,
  ensureFirstAdmin,
  FIRST_ADMIN_EMAIL,
  isFirstAdminsPassword,
  resetFirstAdmin,
} from './first-admin.ts';
import { openPasswords } from './passwords.ts';
import { passwordFault } from './rules/passwords.ts';
import { readRefreshToken } from './secrets.ts';
import { refreshSession } from './sessions.ts';
import { signIn } from './sign-in.ts';
import { changeUser, findUser, listUsers, replaceGrants } from './store/users.ts';
import { codesOf, HOME, openTestAccounts, START, type TestAccounts } from './testing/accounts.ts';

let accounts: TestAccounts;
beforeEach(async () => {
  accounts = await openTestAccounts();
});
afterEach(() => accounts.close());

const passwords = openPasswords({ parameters: { memory: 64, passes: 1, parallelism: 1 } });
const ensure = (password: string | null) => ensureFirstAdmin({ db: accounts.db, passwords, password, now: START });
const signs = (password: string) => codesOf(signIn(accounts.as(HOME), { email: FIRST_ADMIN_EMAIL, password }));

it('is made once by any number of processes that start at a time, and its password is told by one', async () => {
  const told = (await Promise.all(Array.from({ length: 6 }, () => ensure(null)))).filter((one) => one !== null);
  expect(told).toHaveLength(1);
  const [password = ''] = told;
  expect(passwordFault(password, FIRST_ADMIN_EMAIL)).toBeNull();
  const users = await listUsers(accounts.db, { sites: null, after: null, limit: 10 });
  expect(users).toMatchObject([{ email: FIRST_ADMIN_EMAIL, grants: [{ role: 'ADMIN', site: null }] }]);
  expect(await signs(password)).toEqual([]);
  expect(await ensure(null)).toBeNull();
});

it('has the password that the settings give, which is not told, and is not changed by them later', async () => {
  expect(await ensure('correct horse battery')).toBeNull();
  expect(await ensure('another good one')).toBeNull();
  const asks = (password: string) => isFirstAdminsPassword({ db: accounts.db, passwords }, password);
  expect(await asks('correct horse battery')).toEqual({ email: FIRST_ADMIN_EMAIL, signsIn: true });
  expect(await asks('another good one')).toEqual({ email: FIRST_ADMIN_EMAIL, signsIn: false });
});

it('is not made where somebody has an account', async () => {
  await accounts.addUser('ann@example.org');
  expect(await ensure(null)).toBeNull();
  expect(await signs('correct horse battery')).toEqual(['INVALID_CREDENTIALS']);
});

it('gets a password, all rights and an account again where they were lost, and nothing is done where they were not', async () => {
  await ensure('correct horse battery');
  const { db } = accounts;
  const { refreshToken, user } = await signIn(accounts.as(HOME), {
    email: FIRST_ADMIN_EMAIL,
    password: 'correct horse battery',
  });
  const { secret } = await createApiKey(
    accounts.as({ ...identityOf(user, readRefreshToken(refreshToken)?.sessionId ?? ''), origin: HOME }),
    { name: 'left behind', scopes: ['accounts:write'] },
  );
  await changeUser(db, user.id, { disabledAt: START });
  await replaceGrants(db, user.id, []);
  const reset = () => resetFirstAdmin({ db, passwords, password: 'another good one', now: START });
  expect(await reset()).toBe(true);
  expect(await signs('another good one')).toEqual([]);
  expect((await findUser(db, user.id))?.grants).toEqual([{ role: 'ADMIN', site: null }]);
  expect(await codesOf(refreshSession(accounts.as(HOME), refreshToken))).toEqual(['SESSION_ENDED']);
  expect((await accounts.audited()).map(({ action }) => action)).toContain('accounts.firstAdmin.reset');
  expect(await identityOfKey(db, secret, START)).toBeNull();
  expect(await reset()).toBe(false);
});

it('gets passwords that a person can type', () => {
  expect(drawPassword()).toMatch(/^([0-9a-f]{6}-){4}[0-9a-f]{6}$/);
});
