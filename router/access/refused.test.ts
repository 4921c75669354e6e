import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectClient } from '../testing/client.ts';
import { bearer, type GuardedRouter, HALL, startGuardedRouter } from '../testing/guarded.ts';
import { until } from '../testing/router.ts';

let guarded: GuardedRouter;
beforeAll(async () => {
  guarded = await startGuardedRouter();
});
afterAll(() => guarded.router.close());

it('tells accounts of whom it refused, one row for many, with the address and without a secret', async () => {
  const { accounts, router } = guarded;
  const token = await accounts.issue({ name: 'ann', sub: 'user:ann', sid: 'session:ann', grants: HALL });
  for (let asked = 0; asked < 20; asked += 1) await router.query('mutation { set }', { headers: bearer(token) });
  await router.query('{ thing { secret } }', { headers: bearer(token) });
  await router.query('{ read }');
  const socket = connectClient(router.url);
  await until('the refusal', socket.start('subscription { news }').ended);
  await socket.close();
  // A key that is none is shown with the address of who shows it.
  await router.query('{ open }', { headers: bearer('whk_made_up') });
  expect(accounts.shownFrom).toEqual([expect.stringMatching(/127\.0\.0\.1/)]);
  // A token whose session was ended, which it knows of.
  accounts.take({ sid: 'session:ann', before: new Date(Date.now() + 60_000).toISOString() });
  await expect
    .poll(async () => (await router.query('{ open }', { headers: bearer(token) })).status, { timeout: 10_000 })
    .toBe(401);

  await router.close();
  const address = expect.stringMatching(/127\.0\.0\.1/);
  const ann = { actor: 'ann', sub: 'user:ann', target: null, origin: address };
  const nobody = { actor: 'anonymous', sub: 'anonymous', target: null, origin: address };
  expect(
    accounts.refusals.toSorted((one, other) => (one.action + one.actor < other.action + other.actor ? -1 : 1)),
  ).toMatchObject([
    { ...ann, action: 'router.Thing.secret.refused', after: { code: 'FORBIDDEN', count: 1 } },
    { ...ann, action: 'router.identify.refused', after: { code: 'UNAUTHENTICATED', count: 1 } },
    { ...nobody, action: 'router.news.refused', after: { code: 'UNAUTHENTICATED', count: 1 } },
    { ...nobody, action: 'router.read.refused', after: { code: 'UNAUTHENTICATED', count: 1 } },
    { ...ann, action: 'router.set.refused', after: { code: 'FORBIDDEN', count: 20 } },
  ]);
  expect(JSON.stringify(accounts.refusals)).not.toMatch(/whk_|eyJ/);
});
