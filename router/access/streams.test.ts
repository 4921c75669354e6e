import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TestAccounts } from '../testing/accounts.ts';
import { connectClient } from '../testing/client.ts';
import { openEventStream } from '../testing/event-stream.ts';
import { bearer, EVERYWHERE, type GuardedRouter, HALL, startGuardedRouter, toldTo } from '../testing/guarded.ts';
import { type TestRouter, until } from '../testing/router.ts';

let accounts: TestAccounts;
let router: TestRouter;
let listeners: GuardedRouter['listeners'];
beforeAll(async () => {
  ({ accounts, router, listeners } = await startGuardedRouter());
});
afterAll(() => router.close());
beforeEach(() => {
  listeners.length = 0;
});

describe('streams', () => {
  const NEWS = 'subscription { news }';
  const listening = (count: number) => until(`${count} listeners`, () => listeners.length === count);
  const publish = async (text: string): Promise<void> => {
    for (const { call, topic } of listeners) {
      const told = await toldTo('devices', call.connectionParams);
      topic.publish({ news: `${text} at ${told?.grants[0]?.site ?? 'everywhere'}` });
    }
  };
  const clientOf = async (identity: Parameters<TestAccounts['issue']>[0], claims = {}) => {
    const client = connectClient(router.url, { Authorization: `Bearer ${await accounts.issue(identity, claims)}` });
    return { ...client, news: client.start(NEWS) };
  };

  it('of callers with the same rights share an upstream that has no name, and others never do', async () => {
    const ann = await clientOf({ sub: 'user:ann', sid: 'session:ann', name: 'ann', grants: HALL });
    const bob = await clientOf({ sub: 'user:bob', sid: 'session:bob', name: 'bob', grants: HALL });
    await listening(1);
    const chief = await clientOf({ sub: 'user:chief', sid: 'session:chief', name: 'chief', grants: EVERYWHERE });
    await listening(2);
    for (const { call } of listeners) {
      const told = await toldTo('devices', call.connectionParams);
      expect(told).toMatchObject({ sub: 'shared', sid: 'shared', name: 'shared', origin: null });
      expect(JSON.stringify(call)).not.toMatch(/ann|bob|chief/);
    }
    await publish('one');
    for (const { news } of [ann, bob]) expect(await news.take(1)).toEqual([{ data: { news: 'one at museum/hall' } }]);
    expect(await chief.news.take(1)).toEqual([{ data: { news: 'one at everywhere' } }]);

    // What one loses no other does.
    accounts.take({ sid: 'session:ann' });
    const ended = await until('the end', ann.news.ended, 2_000);
    expect(ended).toMatchObject({ error: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    await publish('two');
    expect(await bob.news.take(1)).toEqual([{ data: { news: 'two at museum/hall' } }]);
    expect(await chief.news.take(1)).toEqual([{ data: { news: 'two at everywhere' } }]);
    expect(ann.news.events).toHaveLength(1);
    accounts.take({ sub: 'user:chief' });
    await until('the end', chief.news.ended, 2_000);
    expect(bob.news.ended()).toBeNull();
    for (const { close } of [ann, bob, chief]) await close();
  });

  it('end when the token does, on both doors, and nothing new begins on its connection', async () => {
    const nowSeconds = Date.now() / 1_000;
    const claims = { iat: nowSeconds, exp: nowSeconds + 2 };
    const socket = await clientOf({ sid: 'session:short', grants: HALL }, claims);
    const token = await accounts.issue({ sid: 'session:short', grants: HALL }, claims);
    const stream = await openEventStream(router.url, { operation: { query: NEWS }, headers: bearer(token) });
    await listening(1);
    expect(await until('the end', socket.news.ended, 6_000)).toMatchObject({
      error: [{ extensions: { code: 'TOKEN_EXPIRED' } }],
    });
    await until('the end', stream.end, 6_000);
    expect(stream.events).toMatchObject([{ errors: [{ extensions: { code: 'TOKEN_EXPIRED' } }] }]);
    await socket.close();
  });

  it('are refused to who may not have them, on both doors', async () => {
    const socket = await clientOf({ grants: [] });
    await until('the refusal', socket.news.ended);
    expect(socket.news.events).toMatchObject([{ errors: [{ extensions: { code: 'FORBIDDEN' } }] }]);
    const stream = await openEventStream(router.url, { operation: { query: NEWS } });
    await until('the end', stream.end);
    expect(stream.events).toMatchObject([{ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] }]);
    await socket.close();
    expect(listeners).toEqual([]);
  });

  it.each([
    ['a token that is none', 'word', { code: 4403, reason: 'UNAUTHENTICATED' }],
    ['a token whose time is over', null, { code: 4403, reason: 'TOKEN_EXPIRED' }],
  ])('a websocket with %s is closed, and the reason is told', async (_what, given, close) => {
    const seconds = Date.now() / 1_000;
    const token = given ?? (await accounts.issue({}, { iat: seconds - 90, exp: seconds - 30 }));
    const client = connectClient(router.url, { Authorization: `Bearer ${token}` });
    expect(await until('the end', client.start(NEWS).ended)).toMatchObject({ error: close });
    await client.close();
    const stream = await openEventStream(router.url, { operation: { query: NEWS }, headers: bearer(token) });
    await until('the end', stream.end);
    expect([stream.status, JSON.parse(stream.text()).errors[0].extensions.code]).toEqual([401, close.reason]);
  });
});
