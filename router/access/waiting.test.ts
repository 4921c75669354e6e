import { afterAll, beforeAll, expect, it } from 'vitest';
import { bearer, type GuardedRouter, startGuardedRouter, WRITER } from '../testing/guarded.ts';

let guarded: GuardedRouter;
beforeAll(async () => {
  guarded = await startGuardedRouter({ maxCostUnderWay: 1 });
});
afterAll(() => guarded.router.close());

it('what waits for others of its caller is not done once the caller counts no longer', async () => {
  const { accounts, router, hold } = guarded;
  const release = hold();
  const issue = (sid: string) => accounts.issue({ sub: 'user:ann', sid, name: 'ann', grants: WRITER });
  const [staying, leaving] = [bearer(await issue('session:stays')), bearer(await issue('session:leaves'))];
  const first = router.query('{ slow thing { name } }', { headers: staying });
  await expect.poll(() => router.subgraphs.devices?.requests.length).toBe(1);
  const set = router.query('mutation { set }', { headers: leaving });
  await expect.poll(router.metrics).toMatch(/^router_operations_waiting 1$/m);
  accounts.take({ sid: 'session:leaves' });
  // The router has heard of it once it lets that session in no more.
  await expect
    .poll(async () => (await router.query('{ open }', { headers: leaving })).errors?.[0]?.extensions.code)
    .toBe('UNAUTHENTICATED');
  release();
  expect(await first).toMatchObject({ data: { slow: 'slow' } });
  expect(await set).toMatchObject({ status: 401, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  expect(router.subgraphs.devices?.requests.map(({ query }) => query).filter((query) => query.includes('set'))).toEqual(
    [],
  );
});
