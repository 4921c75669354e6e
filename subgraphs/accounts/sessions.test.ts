import type { Queryable } from '@wheelhouse/kit/database.ts';
import { eq, sql } from 'drizzle-orm';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApiKey, identityOfKey } from './api-keys.ts';
import { requireMember } from './callers.ts';
import { IDLE_MS, RACE_MS } from './rules/refresh.ts';
import { changePassword, logOut, refreshSession } from './sessions.ts';
import { signIn } from './sign-in.ts';
import { lockUser, replaceGrants } from './store/users.ts';
import { sessions } from './tables.ts';
import { ADMIN, at, codesOf, HOME, openTestAccounts, PASSWORD, type TestAccounts } from './testing/accounts.ts';
import { updateUser } from './users.ts';

const DAY_MS = 86_400_000;
let accounts: TestAccounts;
let people = 0;
beforeAll(async () => {
  accounts = await openTestAccounts();
});
afterAll(() => accounts.close());

const somebody = async (): Promise<string> => {
  people += 1;
  return (await accounts.addUser(`person${people}@example.org`)).email;
};
const refresh = (token: string) => refreshSession(accounts.as(HOME), token);
const actionsOf = async (sessionId: string): Promise<string[]> =>
  (await accounts.audited())
    .filter(({ after }) => JSON.stringify(after)?.includes(sessionId))
    .map(({ action }) => action);
const stateOf = async (id: string) => (await accounts.db.select().from(sessions).where(eq(sessions.id, id)))[0];
const revokedSids = async (): Promise<(string | null)[]> => (await accounts.revoked()).map(({ sid }) => sid);

it('gives new tokens for old ones, one after the other', async () => {
  const first = await accounts.enter(await somebody());
  const second = await refresh(first.refreshToken);
  expect(second.refreshToken).not.toBe(first.refreshToken);
  accounts.pass(600_000);
  const third = await refresh(second.refreshToken);
  expect(third.expiresAt.getTime()).toBe(second.expiresAt.getTime() + 600_000);
  expect(await stateOf(first.sessionId)).toMatchObject({ rotations: 2, endedAt: null });
});

it('keeps no token in the database, only hashes', async () => {
  const { refreshToken, sessionId } = await accounts.enter(await somebody());
  const secret = refreshToken.slice(-43);
  expect(JSON.stringify(await stateOf(sessionId))).not.toContain(secret);
});

it('lets one of ten parallel refreshes win, and the family live', async () => {
  const { refreshToken, sessionId } = await accounts.enter(await somebody());
  const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => refresh(refreshToken)));
  const [winner, ...others] = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  expect(others).toEqual([]);
  const losers = await Promise.all(
    outcomes
      .filter(({ status }) => status === 'rejected')
      .map((one) => codesOf(Promise.reject((one as PromiseRejectedResult).reason))),
  );
  expect(losers).toEqual(Array(9).fill(['REFRESH_RACED']));
  expect(await actionsOf(sessionId)).toEqual(['accounts.login', ...Array(9).fill('accounts.refreshSession.raced')]);
  expect(await stateOf(sessionId)).toMatchObject({ rotations: 1, endedAt: null });
  expect((await refresh(winner?.refreshToken ?? '')).accessToken).toBeTruthy();
});

it('ends the family when an old token is brought later, and tells it to whoever keeps tokens', async () => {
  const first = await accounts.enter(await somebody());
  const second = await refresh(first.refreshToken);
  accounts.pass(RACE_MS);
  expect(await codesOf(refresh(first.refreshToken))).toEqual(['REFRESH_INVALID']);
  expect(await codesOf(refresh(second.refreshToken))).toEqual(['SESSION_ENDED']);
  expect(await actionsOf(first.sessionId)).toEqual(['accounts.login', 'accounts.refreshSession.replayed']);
  expect(await stateOf(first.sessionId)).toMatchObject({ endReason: 'REPLAY' });
  expect(await revokedSids()).toContain(`session:${first.sessionId}`);
});

it('ends the family when one older than the last but one is brought, however soon', async () => {
  const first = await accounts.enter(await somebody());
  const second = await refresh(first.refreshToken);
  await refresh(second.refreshToken);
  expect(await codesOf(refresh(first.refreshToken))).toEqual(['REFRESH_INVALID']);
  expect(await stateOf(first.sessionId)).toMatchObject({ endReason: 'REPLAY' });
});

it('lets nobody end a family of which they have no token', async () => {
  const { refreshToken, sessionId } = await accounts.enter(await somebody());
  const madeUp = [
    `whr_${sessionId}_${'A'.repeat(86)}`,
    refreshToken.replace(/_.{43}(.{43})$/, `_${'A'.repeat(43)}$1`),
    refreshToken.slice(0, -1),
    '',
    'whr_',
  ];
  for (const token of madeUp) expect(await codesOf(refresh(token))).toEqual(['REFRESH_INVALID']);
  expect(await stateOf(sessionId)).toMatchObject({ endedAt: null });
});

it('ends by itself after days without a refresh, and after thirty days with some', async () => {
  const idle = await accounts.enter(await somebody());
  accounts.pass(IDLE_MS);
  expect(await codesOf(refresh(idle.refreshToken))).toEqual(['SESSION_ENDED']);
  const busy = await accounts.enter(await somebody());
  let { refreshToken } = busy;
  for (let days = 6; days < 30; days += 6) {
    accounts.pass(6 * DAY_MS);
    ({ refreshToken } = await refresh(refreshToken));
  }
  accounts.pass(6 * DAY_MS);
  expect(await codesOf(refresh(refreshToken))).toEqual(['SESSION_ENDED']);
});

it('ends a session at once when its owner signs out', async () => {
  const { context, refreshToken, sessionId } = await accounts.enter(await somebody());
  await logOut(context);
  expect(await codesOf(refresh(refreshToken))).toEqual(['SESSION_ENDED']);
  await expect(requireMember(context)).rejects.toThrow('signed in');
  expect(await revokedSids()).toContain(`session:${sessionId}`);
  expect(await actionsOf(sessionId)).toEqual(['accounts.login', 'accounts.logout']);
});

it('changes a password for who knows it, and ends the other sessions', async () => {
  const email = await somebody();
  const other = await accounts.enter(email);
  const { context, refreshToken } = await accounts.enter(email);
  const change = (currentPassword: string, newPassword: string) =>
    codesOf(changePassword(context, { currentPassword, newPassword }));
  expect(await change('not this one', 'another good one')).toEqual(['INVALID_CREDENTIALS']);
  expect(await change(PASSWORD, 'short')).toEqual(['INVALID']);
  const checks = accounts.checked.length;
  expect(await change('x'.repeat(513), 'another good one')).toEqual(['INVALID']);
  expect(accounts.checked).toHaveLength(checks);
  expect(await change(PASSWORD, email.toUpperCase())).toEqual(['INVALID']);
  expect(await change(PASSWORD, 'another good one')).toEqual([]);
  expect(await codesOf(refresh(other.refreshToken))).toEqual(['SESSION_ENDED']);
  expect(await codesOf(refresh(refreshToken))).toEqual([]);
  const signs = (password: string) => codesOf(signIn(accounts.as(HOME), { email, password }));
  expect(await signs(PASSWORD)).toEqual(['INVALID_CREDENTIALS']);
  expect(await signs('another good one')).toEqual([]);
});

/** What `run` gives that has to wait for a user whom another transaction holds, which changes them and commits a second later. */
async function whileHeld<T>(userId: string, change: (tx: Queryable) => Promise<void>, run: () => Promise<T>[]) {
  const [held, waited] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const holding = accounts.db.transaction(async (tx) => {
    await lockUser(tx, userId);
    await change(tx);
    held.resolve();
    await waited.promise;
  });
  await held.promise;
  const running = run();
  const isWaiting = sql`select count(*)::int as waiting from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  try {
    await expect
      .poll(async () => (await accounts.db.execute(isWaiting))[0]?.waiting, { timeout: 40_000 })
      .toBe(running.length);
    accounts.pass(1_000);
  } finally {
    waited.resolve();
    await holding;
  }
  return Promise.all(running);
}

it('signs nothing of what is being taken away', async () => {
  const user = await accounts.addUser('held@example.org', [at('OPERATOR')]);
  const { context, refreshToken } = await accounts.enter(user.email);
  const { secret } = await createApiKey(context, { name: 'bi', scopes: ['estate:read', 'history:read'] });
  const askedAt = accounts.shared.now();
  const may = [{ scopes: ['estate:read'], site: 'museum' }];
  const given = await whileHeld(
    user.id,
    (tx) => replaceGrants(tx, user.id, [at('VIEWER', 'museum')]),
    () => [
      refresh(refreshToken).then(({ accessToken }) => decodeJwt(accessToken)),
      identityOfKey(accounts.db, secret, askedAt).then((found) => found?.identity),
    ],
  );
  expect(given).toMatchObject([{ grants: may, iat: askedAt.getTime() / 1_000 + 1 }, { grants: may }]);
});

it('takes away what is signed for somebody until they are held', async () => {
  await accounts.addUser('chief@example.org', ADMIN);
  const { context } = await accounts.enter('chief@example.org');
  const user = await accounts.addUser('less@example.org', [at('OPERATOR')]);
  const change = { id: user.id, grants: [at('VIEWER')] };
  await whileHeld(
    user.id,
    () => Promise.resolve(),
    () => [updateUser(context, change)],
  );
  const { sub, before, rightsVersion } = (await accounts.revoked()).at(-1) ?? {};
  expect([sub, rightsVersion]).toEqual([`user:${user.id}`, 1]);
  expect(new Date(before ?? 0).getTime()).toBeGreaterThan(accounts.shared.now().getTime());
});

it('says in what is signed which version of their rights somebody has, whatever clocks say', async () => {
  await accounts.addUser('boss@example.org', ADMIN);
  const { context } = await accounts.enter('boss@example.org');
  const user = await accounts.addUser('moved@example.org', [at('OPERATOR')]);
  const before = await accounts.enter(user.email);
  const { secret } = await createApiKey(before.context, { name: 'bi', scopes: ['estate:read'] });
  const versionOf = (token: string) => decodeJwt(token).rights_version;
  const ofKey = async () => (await identityOfKey(accounts.db, secret, accounts.shared.now()))?.rightsVersion;
  expect([versionOf(before.accessToken), await ofKey()]).toEqual([0, 0]);
  // The machine that changes them has a clock that is an hour behind.
  accounts.pass(-3_600_000);
  await updateUser(context, { id: user.id, grants: [at('VIEWER')] });
  const changed = (await accounts.revoked()).filter(({ rightsVersion }) => rightsVersion !== null).slice(-2);
  expect(changed.map(({ sub, sid, rightsVersion }) => [sub ?? sid, rightsVersion])).toEqual([
    [`user:${user.id}`, 1],
    [expect.stringMatching(/^key:/), 1],
  ]);
  accounts.pass(3_600_000);
  expect([versionOf((await refresh(before.refreshToken)).accessToken), await ofKey()]).toEqual([1, 1]);
  await updateUser(context, { id: user.id, name: 'another name' });
  expect(await ofKey()).toBe(1);
});
