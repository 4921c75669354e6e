import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Context } from './context.ts';
import { inviteUser, pendingInvitations, revokeInvitation } from './invitations.ts';
import { register } from './registration.ts';
import { ADMIN, at, codesOf, HOME, openTestAccounts, PASSWORD, type TestAccounts } from './testing/accounts.ts';
import { updateUser } from './users.ts';

const DAY_MS = 86_400_000;
let accounts: TestAccounts;
let admin: Awaited<ReturnType<TestAccounts['enter']>>;
beforeAll(async () => {
  accounts = await openTestAccounts();
  await accounts.addUser('chief@example.org', ADMIN);
  admin = await accounts.enter('chief@example.org');
});
afterAll(() => accounts.close());

const lastAudited = async () => (await accounts.audited()).at(-1);
const pendingOf = async (context: Context) => (await pendingInvitations(context, { first: 1_000 })).nodes;
const emailsOf = async (context: Context) => (await pendingOf(context)).map(({ email }) => email);

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
  expect(await pendingOf(admin.context)).toMatchObject([{ email: 'friend@example.org', holds: false }]);
  await updateUser(admin.context, { id: hall.id, disabled: false });
  expect(await pendingOf(admin.context)).toMatchObject([{ email: 'friend@example.org', holds: true }]);
  expect(await asks()).toEqual([]);
});

it('lists what was not used and has not ended, newest first and page by page', async () => {
  for (const name of ['one', 'two', 'three']) {
    accounts.pass(1_000);
    await inviteUser(admin.context, { email: `${name}@example.org`, grants: [at('VIEWER')] });
  }
  const { nodes, pageInfo } = await pendingInvitations(admin.context, { first: 2 });
  expect(nodes).toEqual([
    expect.objectContaining({ email: 'three@example.org', grants: [at('VIEWER')], invitedBy: 'chief@example.org' }),
    expect.objectContaining({ email: 'two@example.org', holds: true }),
  ]);
  expect(JSON.stringify(nodes)).not.toMatch(/secret/i);
  const rest = await pendingInvitations(admin.context, { first: 2, after: pageInfo.endCursor });
  expect(rest.nodes.map(({ email }) => email)).toEqual(['one@example.org']);
  accounts.pass(7 * DAY_MS);
  admin = await accounts.enter('chief@example.org');
  expect(await pendingOf(admin.context)).toEqual([]);
});

it('shows an admin of a site those that give something there and nothing elsewhere, and lets them take back no others', async () => {
  const wing = await accounts.addUser('wing@example.org', [at('ADMIN', 'wing')]);
  const { context } = await accounts.enter(wing.email);
  const given = {
    below: [at('VIEWER', 'wing/a')],
    beside: [at('VIEWER', 'wing-2')],
    both: [at('VIEWER', 'wing'), at('VIEWER', 'hall')],
  };
  const made: Record<string, string> = {};
  for (const [name, grants] of Object.entries({ ...given, all: [at('VIEWER')], none: [] })) {
    accounts.pass(1_000);
    made[name] = (await inviteUser(admin.context, { email: `${name}@example.org`, grants })).pending.id;
  }
  expect(await emailsOf(context)).toEqual(['below@example.org']);
  for (const name of ['beside', 'both', 'all', 'none'])
    expect(await codesOf(revokeInvitation(context, { id: made[name] }))).toEqual(['NOT_FOUND']);
  expect(await codesOf(revokeInvitation(context, { id: made.below }))).toEqual([]);
  expect(await emailsOf(context)).toEqual([]);
  expect((await emailsOf(admin.context)).length).toBe(4);
});

it('takes back what nobody has used, once and on record, and lets nobody in by it', async () => {
  const wanted = { email: 'regret@example.org', grants: [at('OPERATOR', 'museum')] };
  const { invitation, pending } = await inviteUser(admin.context, wanted);
  const asks = () => codesOf(register(accounts.as(HOME), { email: wanted.email, password: PASSWORD, invitation }));
  expect(await codesOf(revokeInvitation(admin.context, { id: pending.id, reason: 'x'.repeat(501) }))).toEqual([
    'INVALID',
  ]);
  expect(await revokeInvitation(admin.context, { id: pending.id, reason: 'the wrong address' })).toEqual(pending);
  expect(await lastAudited()).toMatchObject({
    ...{ action: 'accounts.revokeInvitation', actor: 'chief@example.org', target: pending.id, after: null },
    ...{ before: { ...wanted, invitedBy: 'chief@example.org' }, reason: 'the wrong address' },
  });
  expect(await asks()).toEqual(['INVITATION_INVALID']);
  expect(await codesOf(revokeInvitation(admin.context, { id: pending.id }))).toEqual(['NOT_FOUND']);
});

it('lets either whoever takes it in or whoever takes it back have it, and never both', async () => {
  const { invitation, pending } = await inviteUser(admin.context, {
    email: 'race@example.org',
    grants: [at('VIEWER')],
  });
  const outcomes = await Promise.all([
    codesOf(register(accounts.as(HOME), { email: 'race@example.org', password: PASSWORD, invitation })),
    codesOf(revokeInvitation(admin.context, { id: pending.id })),
  ]);
  expect(outcomes.filter((codes) => codes.length === 0)).toHaveLength(1);
});
