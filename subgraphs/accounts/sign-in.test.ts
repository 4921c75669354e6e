import { eq } from 'drizzle-orm';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { attempt } from './refusal.ts';
import { LIMITS } from './rules/attempts.ts';
import { signIn } from './sign-in.ts';
import { sessions, users } from './tables.ts';
import { ADMIN, at, codesOf, HOME, openTestAccounts, PASSWORD, START, type TestAccounts } from './testing/accounts.ts';
import { updateUser } from './users.ts';

const ELSEWHERE = '203.0.113.9';
let accounts: TestAccounts;
beforeAll(async () => {
  accounts = await openTestAccounts();
});
afterAll(() => accounts.close());

const tryIn = (email: string, password: string, origin = ELSEWHERE): Promise<string[]> =>
  codesOf(signIn(accounts.as(origin), { email, password }));
const times = async <T>(count: number, run: () => Promise<T>): Promise<T[]> => {
  const results: T[] = [];
  for (let index = 0; index < count; index += 1) results.push(await run());
  return results;
};

it('gives tokens that carry what the user may do, and begins a session', async () => {
  const user = await accounts.addUser('one@example.org', [at('OPERATOR', 'museum'), at('VIEWER')]);
  const { accessToken, expiresAt, sessionId } = await accounts.enter(' One@Example.org');
  expect(decodeJwt(accessToken)).toMatchObject({
    ...{ iss: 'wheelhouse-accounts', aud: 'wheelhouse', sub: `user:${user.id}`, sid: `session:${sessionId}` },
    ...{ name: 'one@example.org', iat: START.getTime() / 1_000, exp: expiresAt.getTime() / 1_000 },
    grants: [
      { scopes: ['estate:read', 'history:read', 'settings:write'], site: 'museum' },
      { scopes: ['estate:read'], site: null },
    ],
  });
  expect(expiresAt.getTime() - START.getTime()).toBe(600_000);
  const [session] = await accounts.db.select().from(sessions).where(eq(sessions.id, sessionId));
  expect(session).toMatchObject({ userId: user.id, origin: HOME, createdAt: START, rotations: 0, endedAt: null });
  const [row] = await accounts.db.select().from(users).where(eq(users.id, user.id));
  expect(row?.lastSignedInAt).toEqual(START);
});

it('checks a password once, whether there is somebody of that e-mail or not, and says the same', async () => {
  const user = await accounts.addUser('two@example.org');
  accounts.checked.length = 0;
  const ofSomebody = await attempt(() =>
    signIn(accounts.as(ELSEWHERE), { email: user.email, password: 'not this one' }),
  );
  const ofNobody = await attempt(() =>
    signIn(accounts.as(ELSEWHERE), { email: 'nobody@example.org', password: 'not this one' }),
  );
  expect(accounts.checked).toEqual([user.passwordHash, null]);
  expect(ofSomebody).toEqual(ofNobody);
  expect(ofNobody.userErrors).toMatchObject([{ field: null, code: 'INVALID_CREDENTIALS' }]);
});

it('tells of sign-ins and of refusals in the audit log, with where they came from', async () => {
  const user = await accounts.addUser('three@example.org');
  const before = (await accounts.audited()).length;
  await tryIn(user.email, 'not this one');
  await tryIn('ghost@example.org', 'not this one');
  const { sessionId } = await accounts.enter(user.email);
  const told = (await accounts.audited()).slice(before);
  expect(told).toMatchObject([
    {
      ...{ actor: 'anonymous', action: 'accounts.login.refused', target: user.id, origin: ELSEWHERE },
      after: { email: user.email, why: 'WRONG' },
    },
    { action: 'accounts.login.refused', target: null, after: { email: 'ghost@example.org' } },
    {
      ...{ actor: user.email, sub: `user:${user.id}`, action: 'accounts.login', target: user.id, origin: HOME },
      after: { session: sessionId },
    },
  ]);
  expect(JSON.stringify(told)).not.toContain('not this one');
});

it('makes who guesses wait longer each time, without a look at the password', async () => {
  const { email } = await accounts.addUser('four@example.org');
  const from = '203.0.113.40';
  const wrong = () => tryIn(email, 'not this one', from);
  expect(await times(LIMITS.stranger.free + 1, wrong)).toEqual(Array(6).fill(['INVALID_CREDENTIALS']));
  accounts.checked.length = 0;
  const waiting = await attempt(() => signIn(accounts.as(from), { email, password: PASSWORD }));
  expect(waiting.userErrors).toMatchObject([{ code: 'TOO_MANY_ATTEMPTS', retryAfterSeconds: 1 }]);
  expect(accounts.checked).toEqual([]);
  accounts.pass(1_000);
  expect(await wrong()).toEqual(['INVALID_CREDENTIALS']);
  accounts.pass(1_999);
  expect(await wrong()).toEqual(['TOO_MANY_ATTEMPTS']);
  accounts.pass(1);
  expect(await tryIn(email, PASSWORD, from)).toEqual([]);
  expect(await wrong()).toEqual(['INVALID_CREDENTIALS']);
});

it('lets the owner in from where they have signed in before, whatever strangers do', async () => {
  const { email } = await accounts.addUser('five@example.org');
  await accounts.enter(email);
  for (let index = 0; index < LIMITS.account.free + 1; index += 1)
    await tryIn(email, 'not this one', `192.0.2.${index}`);
  expect(await tryIn(email, PASSWORD, '192.0.2.200')).toEqual(['TOO_MANY_ATTEMPTS']);
  expect(await tryIn(email, PASSWORD, HOME)).toEqual([]);
  accounts.pass(60_000);
  expect(await tryIn(email, PASSWORD, '192.0.2.200')).toEqual([]);
});

it('slows an address down that tries many accounts, and not those who have signed in from it', async () => {
  const { email } = await accounts.addUser('six@example.org');
  const office = '198.51.100.66';
  await accounts.enter(email, office);
  for (let index = 0; index <= LIMITS.address.free; index += 1)
    await tryIn(`someone${index}@example.org`, 'winter is here', office);
  expect(await tryIn('seven@example.org', 'winter is here', office)).toEqual(['TOO_MANY_ATTEMPTS']);
  expect(await tryIn(email, PASSWORD, office)).toEqual([]);
});

it('lets no more guesses through when they come at a time', async () => {
  const { email } = await accounts.addUser('eight@example.org');
  const from = '203.0.113.80';
  const guesses = await Promise.all(Array.from({ length: 20 }, () => tryIn(email, 'not this one', from)));
  expect(guesses.filter(([code]) => code === 'INVALID_CREDENTIALS')).toHaveLength(LIMITS.stranger.free + 1);
  expect(guesses.filter(([code]) => code === 'TOO_MANY_ATTEMPTS')).toHaveLength(14);
});

it('does not count what goes well', async () => {
  const { email } = await accounts.addUser('nine@example.org');
  const from = '203.0.113.90';
  expect(await times(LIMITS.address.free + 2, () => tryIn(email, PASSWORD, from))).toEqual(Array(32).fill([]));
});

it('tells who is disabled so, but only to who knows the password', async () => {
  const admin = await accounts.addUser('admin@example.org', ADMIN);
  const user = await accounts.addUser('ten@example.org');
  const { context } = await accounts.enter(admin.email);
  await updateUser(context, { id: user.id, disabled: true });
  expect(await tryIn(user.email, PASSWORD)).toEqual(['ACCOUNT_DISABLED']);
  expect(await tryIn(user.email, 'not this one')).toEqual(['INVALID_CREDENTIALS']);
});

it('names what is no e-mail and what is too long for a password', async () => {
  expect(await tryIn('ann', PASSWORD)).toEqual(['INVALID']);
  expect(await tryIn('ann@example.org', 'x'.repeat(513))).toEqual(['INVALID']);
});
