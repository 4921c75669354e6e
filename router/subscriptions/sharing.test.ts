import { afterEach, describe, expect, it } from 'vitest';
import { connectClient } from '../testing/client.ts';
import { startTestRouter, until } from '../testing/router.ts';
import { Topic } from '../testing/topic.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

type Told = { state?: string; told?: string };

/** A service with a log, and with a field that begins with the state. */
async function start() {
  const topic = new Topic<Told>();
  const stateFirst = (): AsyncIterableIterator<Told, undefined> => {
    const rest = topic.subscribe();
    let hasBegun = false;
    return {
      ...rest,
      next: async () => {
        if (hasBegun) return rest.next();
        hasBegun = true;
        return { value: { state: 'as it is' }, done: false };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  };
  const router = await startTestRouter([
    {
      name: 'states',
      typeDefs: `type Query { nothing: Int }
        type Subscription { state: String told(from: Int, after: String): String }`,
      resolvers: { Subscription: { state: { subscribe: stateFirst }, told: { subscribe: () => topic.subscribe() } } },
    },
  ]);
  closers.push(router.close);
  const connect = () => {
    const client = connectClient(router.url);
    closers.push(client.close);
    return client;
  };
  const listening = (count: number) => until(`${count} upstreams`, () => topic.listeners === count);
  return { topic, connect, listening };
}

describe('an upstream', () => {
  it('of a field without a cursor has one listener: each gets the state with which it begins', async () => {
    const { topic, connect, listening } = await start();
    const first = connect().start('subscription { state }');
    expect(await first.take(1)).toEqual([{ data: { state: 'as it is' } }]);
    const second = connect().start('subscription { state }');
    expect(await second.take(1)).toEqual([{ data: { state: 'as it is' } }]);
    await listening(2);
    topic.publish({ state: 'another' });
    expect(await Promise.all([first, second].map(({ take }) => take(1)))).toEqual([
      [{ data: { state: 'another' } }],
      [{ data: { state: 'another' } }],
    ]);
  });

  it.each(['subscription { told }', 'subscription { told(after: null) }'])(
    'of a field that takes a cursor is shared, also by those who give none: %s',
    async (query) => {
      const { connect, listening, topic } = await start();
      const all = [connect().start(query), connect().start(query)];
      await listening(1);
      topic.publish({ told: 'news' });
      for (const { take } of all) expect(await take(1)).toEqual([{ data: { told: 'news' } }]);
      await listening(1);
    },
  );
});
