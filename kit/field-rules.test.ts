import { buildSubgraphSchema } from '@apollo/subgraph';
import { createSourceEventStream, graphql, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { enforceRules } from './field-rules.ts';
import { type Asserted, anonymousFrom } from './identity.ts';
import { somebody } from './testing/identity.ts';

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@authenticated", "@requiresScopes", "@policy"])`;

/** The schema of these fields, with its rules enforced; `asked` has each resolver that was reached. */
function schemaOf(sdl: string) {
  const asked: string[] = [];
  const tell = (name: string) => () => {
    asked.push(name);
    return name;
  };
  async function* stream() {
    asked.push('stream');
    yield { stream: 'event' };
  }
  const resolvers = {
    Query: {
      open: tell('open'),
      known: tell('known'),
      one: tell('one'),
      either: tell('either'),
      thing: () => ({ id: '1', plain: 'plain' }),
    },
    Subscription: { stream: { subscribe: stream } },
    Thing: { __resolveReference: ({ id }: { id: string }) => ({ id, plain: 'plain' }) },
  };
  const schema = buildSubgraphSchema([{ typeDefs: parse(`${LINK} ${sdl}`), resolvers }]);
  enforceRules(schema);
  return { schema, asked };
}

const SDL = `
  type Query {
    open: String
    known: String @authenticated
    one: String @requiresScopes(scopes: [["read"]])
    either: String @requiresScopes(scopes: [["read", "write"], ["all"]])
    thing: Thing
  }
  type Subscription { stream: String @requiresScopes(scopes: [["read"]]) }
  type Thing @key(fields: "id") { id: ID! plain: String @requiresScopes(scopes: [["read"]]) }
`;
const withScopes = (...scopes: string[]): Asserted => somebody('ann', [{ scopes, site: 'a/b' }]);
const nobody = anonymousFrom(null);

describe('a field with a rule', () => {
  const { schema, asked } = schemaOf(SDL);
  const ask = async (source: string, identity: Asserted) => {
    asked.length = 0;
    const { data, errors } = await graphql({ schema, source, contextValue: { identity } });
    return {
      data,
      faults: (errors ?? []).map(({ extensions, message }) => [extensions.code, message]),
      asked: [...asked],
    };
  };

  it.each<[string, string, Asserted]>([
    ['open', 'without a rule', nobody],
    ['known', 'for those who signed in', withScopes()],
    ['one', 'for a scope', withScopes('read')],
    ['one', 'for a scope, whatever else is held', withScopes('write', 'read')],
    ['either', 'for all scopes of a list', withScopes('write', 'read')],
    ['either', 'for those of another list', withScopes('all')],
  ])('%s, %s, is resolved for who may', async (field, _what, identity) => {
    expect(await ask(`{ ${field} }`, identity)).toEqual({ data: { [field]: field }, faults: [], asked: [field] });
  });

  it('takes scopes that are held by several grants', async () => {
    const identity = somebody('ann', [
      { scopes: ['read'], site: 'a' },
      { scopes: ['write'], site: 'b' },
    ]);
    expect((await ask('{ either }', identity)).data).toEqual({ either: 'either' });
  });

  it.each<[string, Asserted, string, string]>([
    ['known', nobody, 'UNAUTHENTICATED', 'Query.known is for those who signed in'],
    ['one', nobody, 'UNAUTHENTICATED', 'Query.one needs the scope read: sign in'],
    ['one', withScopes(), 'FORBIDDEN', 'Query.one needs the scope read, which ann does not have'],
    ['one', withScopes('reading'), 'FORBIDDEN', 'Query.one needs the scope read, which ann does not have'],
    [
      'either',
      withScopes('read'),
      'FORBIDDEN',
      'Query.either needs the scope read with write or all, which ann does not have',
    ],
  ])(
    '%s is null for who may not, says why, and its resolver is not reached',
    async (field, identity, code, message) => {
      const answer = await ask(`{ open named: ${field} }`, identity);
      expect(answer).toEqual({ data: { open: 'open', named: null }, faults: [[code, message]], asked: ['open'] });
    },
  );

  it('has its rule below the root, and in an entity, also where it has no resolver of its own', async () => {
    const entity = '{ _entities(representations: [{ __typename: "Thing", id: "1" }]) { ... on Thing { id plain } } }';
    for (const [text, at] of [
      ['{ thing { id plain } }', ({ thing }: Record<string, unknown>) => thing],
      [entity, ({ _entities }: Record<string, unknown>) => (_entities as unknown[])[0]],
    ] as const) {
      const may = await ask(text, withScopes('read'));
      expect(at(may.data ?? {})).toEqual({ id: '1', plain: 'plain' });
      const mayNot = await ask(text, withScopes('write'));
      expect(at(mayNot.data ?? {})).toEqual({ id: '1', plain: null });
      expect(mayNot.faults).toEqual([['FORBIDDEN', 'Thing.plain needs the scope read, which ann does not have']]);
    }
  });

  it('of a subscription begins no stream for who may not', async () => {
    const begin = (identity: Asserted) =>
      createSourceEventStream({ schema, document: parse('subscription { stream }'), contextValue: { identity } });
    asked.length = 0;
    const extensions = { code: 'FORBIDDEN', requiredScopes: [['read']] };
    expect(await begin(withScopes('write'))).toMatchObject({ errors: [{ extensions }] });
    expect(asked).toEqual([]);
    const stream = await begin(withScopes('read'));
    const events: unknown[] = [];
    if (Symbol.asyncIterator in stream) for await (const event of stream) events.push(event);
    expect(events).toEqual([{ stream: 'event' }]);
  });
});

describe('a schema is refused', () => {
  it.each([
    [
      'a rule on a type',
      'type Query { a: A } type A @authenticated { b: String }',
      '@authenticated at A is enforced by nobody',
    ],
    [
      'a rule on a field of an interface',
      'type Query { a: A } interface A { b: String @requiresScopes(scopes: [["x"]]) }',
      '@requiresScopes at A is enforced by nobody',
    ],
    [
      'a rule on an enum',
      'type Query { a: A } enum A @authenticated { B }',
      '@authenticated at A is enforced by nobody',
    ],
    ['a policy', 'type Query { a: String @policy(policies: [["p"]]) }', '@policy at Query.a is enforced by nobody'],
    ['two rules', 'type Query { a: String @authenticated @requiresScopes(scopes: [["x"]]) }', 'Query.a has two rules'],
    [
      'no scopes',
      'type Query { a: String @requiresScopes(scopes: []) }',
      '@requiresScopes at Query.a must name scopes',
    ],
    [
      'an empty list, which everybody would satisfy',
      'type Query { a: String @requiresScopes(scopes: [["x"], []]) }',
      '@requiresScopes at Query.a must name scopes',
    ],
  ])('for %s', (_what, sdl, message) => {
    expect(() => schemaOf(sdl)).toThrow(message);
  });
});
