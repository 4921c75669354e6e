import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
} from '@apollo/server/plugin/disabled';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { plainLists } from './plain-lists.ts';
import { dateTime, json } from './scalars.ts';

const SDL = `
  scalar DateTime
  scalar JSON
  enum Colour { RED GREEN }
  interface Named { name: String! }
  type Value implements Named { name: String! number: Float! size: Int colour: Colour any: JSON tags: [String!] withArgument(times: Int): Int resolved: String }
  type Point { at: DateTime! ratio: Float values: [Value!]! spare: [[Value]] named: Named }
  type Holder { points: [Point!] strict: [Point!]! }
  type Query { points: [Point!] strict: [Point!]! holder: Holder holders: [Holder!] late: [Point!] loose: [Point] }
`;

type Value = Record<string, unknown>;
const aValue = (fields: Value = {}): Value => ({
  name: 'one',
  number: 1.5,
  size: 3,
  colour: 'RED',
  any: { deep: [1] },
  ...fields,
});
const aPoint = (fields: Value = {}): Value => ({
  ...{ at: new Date('2028-02-29T08:00:00Z'), ratio: 0.5, spare: [[aValue(), null], null] },
  values: [aValue(), aValue({ name: 'two', size: null, colour: undefined, tags: ['a', 'b'] })],
  ...fields,
});

function serverOf(give: () => unknown, isOn: boolean): ApolloServer {
  const resolvers = {
    DateTime: dateTime,
    JSON: json,
    Named: { __resolveType: () => 'Value' },
    Value: { resolved: ({ name }: Value) => `resolved ${name}` },
    Holder: { points: give, strict: give },
    Query: {
      points: give,
      strict: give,
      loose: give,
      late: async () => give(),
      holder: () => ({}),
      holders: () => [{}, {}],
    },
  };
  const schema = buildSubgraphSchema([{ typeDefs: parse(SDL), resolvers }]);
  return new ApolloServer({
    schema,
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ...(isOn ? [plainLists(schema)] : []),
    ],
  });
}

async function ask(server: ApolloServer, query: string, variables: Record<string, unknown> = {}) {
  const { body } = await server.executeOperation({ query, variables });
  if (body.kind !== 'single') throw new Error('a single result was expected');
  return body.singleResult;
}

/** The first item of a list: graphql-js makes its objects without a prototype. */
const isOwn = (list: unknown): boolean =>
  Array.isArray(list) && Object.getPrototypeOf(list[0] ?? Object.create(null)) === Object.prototype;

/** The answers of graphql-js alone, and beside plainLists; each asked twice, since what is compiled is kept. */
async function both(give: () => unknown, query: string, variables?: Record<string, unknown>) {
  const servers = [serverOf(give, false), serverOf(give, true)] as const;
  const [alone, own] = await Promise.all(servers.map((server) => ask(server, query, variables)));
  expect(await ask(servers[1], query, variables)).toEqual(own);
  expect(JSON.stringify(own)).toBe(JSON.stringify(alone));
  await Promise.all(servers.map((server) => server.stop()));
  return own?.data;
}

const ALL = '{ points { at ratio values { name number size colour any tags } spare { name } } }';

describe('a list of plain objects', () => {
  it.each([
    ['all kinds of fields', ALL],
    [
      'aliases, type names and the same field twice',
      '{ points { when: at __typename values { a: name } values { b: number a: name } } }',
    ],
    [
      'fragments',
      'query { points { ...P ...P ... on Point { ratio } } } fragment P on Point { at values { ... on Named { name } ... { size } } }',
    ],
    ['a name that every object inherits', '{ points { constructor: ratio } }'],
    ['a list that comes later', '{ points: late { at values { name } } }'],
    ['a list whose items may be null', '{ points: loose { at } }'],
  ])('is completed as graphql-js does it, with %s', async (_what, query) => {
    expect(isOwn((await both(() => [aPoint(), aPoint({ ratio: null, values: [] })], query))?.points)).toBe(true);
  });

  it('is put where it belongs, also several at once', async () => {
    const query = `query ($with: Boolean!) {
      a: points { at } b: points { ratio values { name } } strict @include(if: $with) { ratio }
      holders { points { ratio } c: strict { values { number } } }
    }`;
    for (const isWith of [true, false]) {
      const data = await both(() => [aPoint()], query, { with: isWith });
      const [, holder] = (data?.holders ?? []) as { points: unknown; c: unknown }[];
      expect([data?.a, data?.b, holder?.points, holder?.c].map(isOwn)).toEqual([true, true, true, true]);
    }
  });
});

describe('what is left to graphql-js', () => {
  it.each([
    ['a directive', 'query ($yes: Boolean!) { points { at ratio @skip(if: $yes) } }'],
    ['a directive in a fragment', 'query ($yes: Boolean!) { points { at ... on Point @include(if: $yes) { ratio } } }'],
    ['a field with a resolver', '{ points { values { name resolved } } }'],
    ['a field with an argument', '{ points { values { withArgument(times: 2) } } }'],
    ['an interface', '{ points { named { name } } }'],
    ['a name that would be a prototype', '{ points { __proto__: ratio } }'],
  ])('is %s', async (_what, query) => {
    expect(isOwn((await both(() => [aPoint({ named: aValue() })], query, { yes: true }))?.points)).toBe(false);
  });

  /** Not every field of the question asks for it. */
  const rejected = (): Promise<never> => {
    const promise = Promise.reject(new Error('no ratio'));
    promise.catch(() => {});
    return promise;
  };
  const failing = {
    get size(): number {
      throw new Error('not now');
    },
  };
  it.each<[string, () => unknown]>([
    ['null', () => null],
    ['no list', () => 'nothing'],
    ['a list that is an error', () => new Error('no points')],
    ['another iterable', () => new Set([aPoint()])],
    ['a null that may not be', () => [aPoint(), null]],
    ['a missing value', () => [aPoint(), aPoint({ at: null })]],
    ['a missing value further in', () => [aPoint(), aPoint({ values: [aValue(), aValue({ number: undefined })] })]],
    ['a value of another kind', () => [aPoint({ values: [aValue({ number: 'many', size: 1.5, colour: 'BLUE' })] })]],
    ['a value that is no list', () => [aPoint({ values: aValue() })]],
    ['an instant that is none', () => [aPoint({ at: new Date(Number.NaN) })]],
    ['an error', () => [aPoint({ ratio: new Error('no ratio') }), new Error('no point')]],
    [
      'a promise',
      () => [aPoint({ ratio: Promise.resolve(0.25), values: [Promise.resolve(aValue())] }), Promise.resolve(aPoint())],
    ],
    ['a promise that fails', () => [aPoint({ ratio: rejected() })]],
    ['a function', () => [aPoint({ ratio: () => 0.75, any: () => ({}) })]],
    [
      'a getter that throws',
      () => [aPoint({ values: [Object.defineProperties(aValue(), Object.getOwnPropertyDescriptors(failing))] })],
    ],
  ])('is %s, with its errors and nulls', async (_what, points) => {
    const query = `{ ${ALL.slice(1, -1)} late { at values { name number size } } holder { points { at ratio values { name number size } } } holders { strict { ratio at } } }`;
    expect(isOwn((await both(points, query))?.points)).toBe(false);
  });

  it('takes along what stands around it when a null bubbles', async () => {
    const points = () => [aPoint({ values: [aValue({ size: 'x', number: null })] })];
    const query =
      '{ holders { points { ratio } strict { values { number } } } holder { points { at } strict { values { number } } } }';
    expect(await both(points, query)).toEqual({ holders: null, holder: null });
  });
});
