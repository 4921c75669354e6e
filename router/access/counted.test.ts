import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { readRouterConfig } from '../config.ts';
import { connectClient } from '../testing/client.ts';
import { bearer, EVERYWHERE, type GuardedRouter, HALL, startGuardedRouter, toldTo } from '../testing/guarded.ts';

const { doors, rates, subscriptions } = readRouterConfig({});
const HERE = '192.0.2.1';
const THERE = '192.0.2.2';

let guarded: GuardedRouter;
beforeAll(async () => {
  guarded = await startGuardedRouter({
    // Both last longer than the tests.
    rates: {
      ...rates,
      operations: 4,
      fields: ['read', 'set', 'open'].map((field) => ({ field, points: 2, seconds: 3_600 })),
    },
    // A proxy that the tests play names the addresses.
    doors: { ...doors, proxyHops: 1 },
    subscriptions: { ...subscriptions, maxPerCaller: 1 },
  });
});
afterAll(() => guarded.router.close());

const tokenOf = (name: string, grants = HALL): Promise<string> =>
  guarded.accounts.issue({ sub: `user:${name}`, sid: `session:${name}`, name, grants });
const ask = async (query: string, token: string | null, address: string) => {
  const headers = { 'x-forwarded-for': address, ...(token !== null && bearer(token)) };
  const { status, errors } = await guarded.router.query(query, { headers });
  return errors === undefined ? status : `${status} ${errors[0]?.extensions.code}`;
};
const overWebSocket = (query: string, token: string) => {
  const client = connectClient(guarded.router.url, { Authorization: `Bearer ${token}` });
  onTestFinished(() => client.close());
  return client.start(query);
};
const WAIT = '429 RATE_LIMITED';

describe('who has signed in', () => {
  it('is counted as one from wherever they ask, and with whichever token', async () => {
    const ann = await tokenOf('ann');
    expect(await ask('{ read }', ann, HERE)).toBe(200);
    const told = await toldTo('devices', guarded.router.subgraphs.devices?.requests.at(-1)?.headers ?? {});
    expect(told).toMatchObject({ name: 'ann', origin: HERE });
    expect(await ask('{ read }', await tokenOf('ann', EVERYWHERE), THERE)).toBe(200);
    expect(await ask('{ read }', ann, '192.0.2.3')).toBe(WAIT);
    const operation = overWebSocket('{ read }', ann);
    await expect.poll(() => operation.events[0]?.errors?.[0]?.extensions?.code).toBe('RATE_LIMITED');
  });

  it('is counted apart from others at the same address', async () => {
    const [bob, eve] = [await tokenOf('bob'), await tokenOf('eve')];
    const { secret } = guarded.accounts.makeKey(HALL);
    for (const token of [bob, eve, secret]) {
      expect([await ask('{ read }', token, HERE), await ask('{ read }', token, HERE)]).toEqual([200, 200]);
      expect(await ask('{ read }', token, HERE)).toBe(WAIT);
    }
    expect([await ask('{ open }', null, HERE), await ask('{ open }', null, HERE)]).toEqual([200, 200]);
    expect([await ask('{ open }', null, HERE), await ask('{ open }', null, THERE)]).toEqual([WAIT, 200]);
  });

  it('may have so many subscriptions over all connections', async () => {
    const [kim, lee] = [await tokenOf('kim'), await tokenOf('lee')];
    overWebSocket('subscription { news }', kim);
    await expect.poll(() => guarded.listeners).toHaveLength(1);
    const second = overWebSocket('subscription { news }', kim);
    await expect.poll(() => second.events[0]?.errors?.[0]?.extensions?.code).toBe('TOO_MANY_SUBSCRIPTIONS');
    const other = overWebSocket('subscription { news }', lee);
    await expect.poll(() => guarded.router.metrics()).toMatch(/^router_subscriptions_open 2$/m);
    expect(other.ended()).toBeNull();
  });

  it('is not charged for what they may not have', async () => {
    const ron = await tokenOf('ron');
    for (let time = 0; time < 3; time += 1) expect(await ask('mutation { set }', ron, HERE)).toBe('403 FORBIDDEN');
  });
});

it('tokens that are worth nothing cost their address, and those who are known there go on', async () => {
  const address = '192.0.2.9';
  const may = await tokenOf('may');
  expect(await ask('{ read }', may, address)).toBe(200);
  const tries = () => Promise.all(Array.from({ length: 25 }, (_, index) => ask('{ read }', `word${index}`, address)));
  await expect.poll(tries).toContain(WAIT);
  expect(await ask('{ read }', may, address)).toBe(200);
});
