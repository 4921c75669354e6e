import { createLogger } from '@wheelhouse/kit/logger.ts';
import { parse } from 'graphql';
import { afterEach, describe, expect, it } from 'vitest';
import { createEngine } from './engine.ts';
import { loadSupergraph } from './load.ts';
import { compose, startTestRouter } from './testing/router.ts';
import type { SubgraphSource } from './testing/subgraph.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function answer(sources: SubgraphSource[], query: string, away?: string) {
  const router = await startTestRouter(sources);
  closers.push(router.close);
  if (away !== undefined) await router.subgraphs[away]?.close();
  const { data, errors } = await router.query(query);
  return { data, ...(errors && { errors }) };
}

const POSTS = ['p1', 'p2'].map((id) => ({ id, comments: [1, 2, 3].map((n) => ({ id: `${id}c${n}` })) }));

describe('the router holds what federation says', () => {
  it('a field with arguments is not mixed up with the same field that @requires has with others', async () => {
    const feed: SubgraphSource = {
      name: 'feed',
      typeDefs: 'type Query { feed: [Post] } type Post @key(fields: "id") { id: ID! }',
      resolvers: { Query: { feed: () => POSTS } },
    };
    const posts: SubgraphSource = {
      name: 'posts',
      typeDefs: `
        type Post @key(fields: "id") { id: ID! comments(limit: Int!): [Comment] @external last: ID @requires(fields: "comments(limit: 3) { id }") }
        type Comment @key(fields: "id") { id: ID! }`,
      resolvers: {
        Post: { last: ({ comments }: { comments: { id: string }[] }) => comments[2]?.id },
      },
    };
    const comments: SubgraphSource = {
      name: 'comments',
      typeDefs:
        'type Post @key(fields: "id") { id: ID! comments(limit: Int!): [Comment] } type Comment @key(fields: "id") { id: ID! }',
      resolvers: {
        Post: {
          comments: ({ id }: { id: string }, { limit }: { limit: number }) => {
            return POSTS.find((post) => post.id === id)?.comments.slice(0, limit);
          },
        },
      },
    };
    expect(await answer([feed, posts, comments], '{ feed { last comments(limit: 1) { id } } }')).toEqual({
      data: {
        feed: [
          { last: 'p1c3', comments: [{ id: 'p1c1' }] },
          { last: 'p2c3', comments: [{ id: 'p2c1' }] },
        ],
      },
    });
  });

  it('0, false and the empty text survive where types of one response name differ between services', async () => {
    const owner: SubgraphSource = {
      name: 'owner',
      typeDefs: `
        type Query { things: [Thing] } union Thing = Lamp | Door
        type Lamp @shareable { level: Int! note: String! lit: Boolean! }
        type Door @shareable { level: Int note: String lit: Boolean }`,
      resolvers: {
        Query: {
          things: () => [
            { __typename: 'Lamp', level: 0, note: '', lit: false },
            { __typename: 'Door', level: 0, note: '', lit: false },
          ],
        },
      },
    };
    const other: SubgraphSource = {
      name: 'other',
      typeDefs: 'type Query { lamp: Lamp } type Lamp @shareable { level: Int note: String lit: Boolean }',
      resolvers: {},
    };
    const query = '{ things { ... on Lamp { level note lit } ... on Door { level note lit } } }';
    expect(await answer([owner, other], query)).toEqual({
      data: {
        things: [
          { level: 0, note: '', lit: false },
          { level: 0, note: '', lit: false },
        ],
      },
    });
  });

  it('what one service brought is kept when another that shares the field is away', async () => {
    const share = (name: string, field: string): SubgraphSource => ({
      name,
      typeDefs: `type Query { hall: Hall @shareable } type Hall { ${field}: Int }`,
      resolvers: { Query: { hall: () => ({ [field]: 1 }) } },
    });
    expect(
      await answer([share('one', 'width'), share('two', 'height')], '{ hall { width height } }', 'two'),
    ).toMatchObject({
      data: { hall: { width: 1, height: null } },
      errors: [{ path: ['hall'], extensions: { code: 'SUBGRAPH_UNAVAILABLE', serviceName: 'two' } }],
    });
  });

  it('keys of several fields and of nested fields', async () => {
    const racks: SubgraphSource = {
      name: 'racks',
      typeDefs: `
        type Query { unit: Unit }
        type Unit @key(fields: "row slot { rack number }") { row: Int! slot: Slot! } type Slot @shareable { rack: ID! number: Int! }`,
      resolvers: { Query: { unit: () => ({ row: 1, slot: { rack: 'r', number: 2 } }) } },
    };
    const power: SubgraphSource = {
      name: 'power',
      typeDefs: `
        type Unit @key(fields: "row slot { rack number }") { row: Int! slot: Slot! watts: Int } type Slot @shareable { rack: ID! number: Int! }`,
      resolvers: {
        Unit: { watts: ({ row, slot }: { row: number; slot: { number: number } }) => row * 100 + slot.number },
      },
    };
    expect(await answer([racks, power], '{ unit { watts } }')).toEqual({ data: { unit: { watts: 102 } } });
  });

  it('@provides saves the request that it may save', async () => {
    const tours: SubgraphSource = {
      name: 'tours',
      typeDefs: `
        type Query { tour: Tour } type Tour { guide: Guide @provides(fields: "name") }
        type Guide @key(fields: "id") { id: ID! name: String @external }`,
      resolvers: { Query: { tour: () => ({ guide: { id: 'g', name: 'Ann' } }) } },
    };
    const guides: SubgraphSource = {
      name: 'guides',
      typeDefs: 'type Guide @key(fields: "id") { id: ID! name: String @shareable }',
      resolvers: {},
    };
    expect(await answer([tours, guides], '{ tour { guide { name } } }', 'guides')).toEqual({
      data: { tour: { guide: { name: 'Ann' } } },
    });
  });

  it('errors of entities in lists within lists stand at their own element', async () => {
    const floors: SubgraphSource = {
      name: 'floors',
      typeDefs: 'type Query { floors: [[Room]] } type Room @key(fields: "id") { id: ID! }',
      resolvers: { Query: { floors: () => [[{ id: '1' }, null], [], [{ id: '2' }]] } },
    };
    const climate: SubgraphSource = {
      name: 'climate',
      typeDefs: 'type Room @key(fields: "id") { id: ID! celsius: Float }',
      resolvers: {
        Room: {
          celsius: ({ id }: { id: string }) => {
            if (id === '2') throw new Error('no sensor');
            return 20.5;
          },
        },
      },
    };
    expect(await answer([floors, climate], '{ floors { celsius } }')).toMatchObject({
      data: { floors: [[{ celsius: 20.5 }, null], [], [{ celsius: null }]] },
      errors: [{ message: 'no sensor', path: ['floors', 2, 0, 'celsius'] }],
    });
  });

  it('mutations run one after the other, over services', async () => {
    const order: string[] = [];
    const does = (name: string): SubgraphSource => ({
      name,
      typeDefs: `${name === 'one' ? 'type Query { ok: Int }' : ''} type Mutation { ${name}(n: Int): Int }`,
      resolvers: {
        Mutation: {
          [name]: async (_: unknown, { n }: { n: number }) => {
            order.push(`${name}${n} begins`);
            await new Promise((resolve) => setImmediate(resolve));
            order.push(`${name}${n} ends`);
            return n;
          },
        },
      },
    });
    expect(await answer([does('one'), does('two')], 'mutation { a: one(n: 1) b: two(n: 2) c: one(n: 3) }')).toEqual({
      data: { a: 1, b: 2, c: 3 },
    });
    expect(order).toEqual(['one1 begins', 'one1 ends', 'two2 begins', 'two2 ends', 'one3 begins', 'one3 ends']);
  });
});

describe('a progressive override', () => {
  const sources: SubgraphSource[] = [
    {
      name: 'devices',
      typeDefs: 'type Query { hall: Hall } type Hall @key(fields: "id") { id: ID! lamp: Int }',
      resolvers: {},
    },
    {
      name: 'fida',
      typeDefs: 'type Hall @key(fields: "id") { id: ID! lamp: Int @override(from: "devices", label: "percent(25)") }',
      resolvers: {},
    },
  ];

  it.each([
    [0.2499, ['devices', 'fida']],
    [0.25, ['devices']],
  ])('takes the share of requests that its label says: chance %d', (chance, services) => {
    const loaded = loadSupergraph(compose(sources, (name) => `http://${name}/graphql`));
    const engine = createEngine({
      loaded,
      clients: [],
      logger: createLogger({ name: 'test', level: 'silent' }),
      random: () => chance,
    });
    const plan = engine.plan({ document: parse('{ hall { lamp } }'), queryHash: 'q', operationName: null });
    expect(plan.fetches.map(({ node }) => node.serviceName)).toEqual(services);
  });

  it('keeps the plans of both sides apart', () => {
    const loaded = loadSupergraph(compose(sources, (name) => `http://${name}/graphql`));
    const chances = [0.9, 0.1, 0.9];
    const cached: boolean[] = [];
    const engine = createEngine({
      loaded,
      clients: [],
      logger: createLogger({ name: 'test', level: 'silent' }),
      random: () => chances.shift() ?? 0,
      onPlan: (isCached) => cached.push(isCached),
    });
    const document = parse('{ hall { lamp } }');
    const fetches = [1, 2, 3].map(() => engine.plan({ document, queryHash: 'q', operationName: null }).fetches.length);
    expect(fetches).toEqual([1, 2, 1]);
    expect(cached).toEqual([false, false, true]);
  });
});
