import { afterEach, describe, expect, it } from 'vitest';
import { connectClient } from './testing/client.ts';
import { startTestRouter, type TestRouter, until } from './testing/router.ts';
import type { SubgraphSource } from './testing/subgraph.ts';
import { Topic } from './testing/topic.ts';

/** Two services whose root fields can not be null, some of which fail. */
const source: SubgraphSource = {
  name: 'pumps',
  typeDefs: `
    input Where { not: Where }
    type Query { steady(where: Where): Int! broken: Int! }
    type Mutation { start: Int! stop: Int! }
    type Subscription { pressure(from: Int): Int! }
  `,
  resolvers: {
    Query: {
      steady: () => 1,
      broken: () => {
        throw new Error('no pump');
      },
    },
    Mutation: {
      start: () => 1,
      stop: () => {
        throw new Error('it does not stop');
      },
    },
    Subscription: {
      pressure: {
        subscribe: (_: unknown, { from }: { from?: number }) => {
          if (from !== undefined) {
            throw Object.assign(new Error('no such place'), { extensions: { code: 'CURSOR_INVALID', stacktrace: [] } });
          }
          return new Topic<{ pressure: number }>().subscribe();
        },
      },
    },
  },
};
const other: SubgraphSource = {
  name: 'valves',
  typeDefs: 'type Query { open: Int! } type Mutation { shut: Int! }',
  resolvers: { Query: { open: () => 2 }, Mutation: { shut: () => 3 } },
};

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
async function start(): Promise<{ router: TestRouter; client: ReturnType<typeof connectClient> }> {
  const router = await startTestRouter([source, other]);
  const client = connectClient(router.url);
  closers.push(router.close, client.close);
  return { router, client };
}

describe('one field that can not be null fails and takes its siblings along: only its own error is told', () => {
  it.each([
    ['in a query', '{ a: steady b: broken open }', 'b'],
    ['in a mutation', 'mutation { a: start f: stop }', 'f'],
    ['in a mutation of two services', 'mutation { a: start f: stop shut }', 'f'],
  ])('%s', async (_what, query, failed) => {
    const { router } = await start();
    const { data, errors } = await router.query(query);
    expect(data).toBeNull();
    expect(errors?.map(({ path, extensions }) => [path, extensions.serviceName])).toEqual([[[failed], 'pumps']]);
  });
});

it('a subscription that its service refuses ends with the error of the service, without an event', async () => {
  const { client } = await start();
  const subscription = client.start('subscription { pressure(from: 3) }');
  expect(await until('the end', subscription.ended)).toEqual({
    error: [{ message: 'no such place', extensions: { code: 'CURSOR_INVALID', serviceName: 'pumps' } }],
  });
  expect(subscription.events).toEqual([]);
});

describe('conditions on the root field of a subscription are refused on both doors and cost that operation only', () => {
  it.each([
    ['subscription ($s: Boolean!) { pressure @skip(if: $s) }', '@skip'],
    [
      'subscription ($s: Boolean!) { ...P } fragment P on Subscription { ... @include(if: $s) { pressure } }',
      '@include',
    ],
    ['subscription { pressure @skip(if: true) }', '@skip'],
    ['subscription { pressure @include(if: false) }', '@include'],
  ])('%s', async (query, directive) => {
    const { router, client } = await start();
    const running = client.start('subscription { pressure }');
    const message = `The root field of a subscription must not have ${directive}: decide before you subscribe`;
    const refused = [{ message, extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }];
    const { status, errors } = await router.query(query, { variables: { s: false } });
    expect({ status, errors }).toMatchObject({ status: 400, errors: refused });
    expect(await until('the refusal', client.start(query, { s: false }).ended)).toMatchObject({ error: refused });
    await client.start('{ open }').take(1);
    expect(running.ended()).toBeNull();
  });
});

it('an operation that repeats too many fields to be compared is told what to do', async () => {
  const { router } = await start();
  const { status, errors } = await router.query(`{ open } fragment F on Query { ${'open '.repeat(2_500)} }`);
  expect({ status, errors }).toMatchObject({
    status: 400,
    errors: [
      {
        message: 'The operation repeats too many fields to be checked: split it',
        extensions: { code: 'VALIDATION_LIMIT_EXCEEDED' },
      },
    ],
  });
});

it('variables that are nested too deeply are told as that', async () => {
  const { router } = await start();
  // Text, for JSON.stringify itself overflows on it.
  const where = `${'{"not":'.repeat(7_000)}null${'}'.repeat(7_000)}`;
  const body = `{"query":"query ($where: Where) { steady(where: $where) }","variables":{"where":${where}}}`;
  const response = await fetch(router.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    errors: [{ message: 'The variables are nested too deeply', extensions: { code: 'BAD_USER_INPUT' } }],
  });
});
