import { buildSubgraphSchema } from '@apollo/subgraph';
import { createSourceEventStream, graphql, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { callerError } from './errors.ts';
import { enforceRules } from './field-rules.ts';
import { anonymousFrom } from './identity.ts';
import { type RefusalWatch, watchRefusals } from './refusal-watch.ts';
import type { Refusal } from './refusals.ts';
import { somebody } from './testing/identity.ts';

const SDL = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requiresScopes"])
  type Query {
    fine: String
    read: String @requiresScopes(scopes: [["read"]])
    everywhere: String
    mistaken: String
    thing: Thing
  }
  type Thing @key(fields: "id") { id: ID! past: String @requiresScopes(scopes: [["history"]]) }
  input SetInput { id: ID!, value: Int }
  type Fault { code: String! }
  type Payload { done: Boolean, userErrors: [Fault!]!, results: [Payload!] }
  type Mutation { set(input: SetInput!): Payload, remove(id: ID!): Payload, many: Payload, enter(email: String): Payload }
  type Subscription { events: String @requiresScopes(scopes: [["read"]]) }
`;
const refusing = (...codes: string[]) => ({ done: null, userErrors: codes.map((code) => ({ code })) });

function watched(watch: Omit<RefusalWatch, 'note'> = {}) {
  const noted: Omit<Refusal, 'identity'>[] = [];
  const resolvers = {
    Query: {
      fine: () => 'fine',
      read: () => 'read',
      everywhere: async () => {
        throw callerError('FORBIDDEN', 'everywhere');
      },
      mistaken: () => {
        throw callerError('BAD_USER_INPUT', 'mistaken');
      },
      thing: () => ({ id: '1', past: 'past' }),
    },
    Mutation: {
      set: async () => refusing('INVALID', 'FORBIDDEN'),
      remove: () => refusing('NOT_FOUND'),
      many: () => ({ ...refusing(), results: [refusing('FORBIDDEN'), refusing(), refusing('FORBIDDEN')] }),
      enter: async () => refusing('TOO_MANY'),
    },
    Subscription: { events: { subscribe: async function* () {} } },
  };
  const schema = buildSubgraphSchema([{ typeDefs: parse(SDL), resolvers }]);
  enforceRules(schema);
  watchRefusals(schema, { note: ({ identity: _, ...refusal }) => noted.push(refusal), ...watch });
  const ask = async (source: string, identity = somebody('ann', [])) => {
    noted.length = 0;
    const { errors } = await graphql({ schema, source, contextValue: { identity } });
    return { noted: [...noted], codes: (errors ?? []).map(({ extensions }) => extensions.code) };
  };
  return { schema, noted, ask };
}
const refused = (what: string, code = 'FORBIDDEN', about: string | null = null) => ({ what, code, about });

describe('what a service refuses because of who asks', () => {
  const { schema, noted, ask } = watched();

  it.each([
    ['a rule', '{ alias: read }', [refused('read')]],
    ['a rule below the root', '{ thing { past } }', [refused('Thing.past')]],
    ['a resolver', '{ everywhere }', [refused('everywhere')]],
    [
      'a payload, whatever is selected of it',
      'mutation { set(input: { id: "7" }) { done } }',
      [refused('set', 'FORBIDDEN', '7')],
    ],
    ['a payload of many, each of them', 'mutation { many { done } }', [refused('many'), refused('many')]],
  ])('is told of by the name of the field: %s', async (_what, query, told) => {
    expect((await ask(query)).noted).toEqual(told);
  });

  it('is told of nobody as well', async () => {
    expect((await ask('{ read }', anonymousFrom('192.0.2.1'))).noted).toEqual([refused('read', 'UNAUTHENTICATED')]);
  });

  it('is told of a subscription that does not begin', async () => {
    noted.length = 0;
    const contextValue = { identity: somebody('ann', []) };
    await createSourceEventStream({ schema, document: parse('subscription { events }'), contextValue });
    expect(noted).toEqual([refused('events')]);
  });

  it.each([
    ['what was answered', '{ fine }', []],
    ['a mistake', '{ mistaken }', ['BAD_USER_INPUT']],
    ['what is not there for them', 'mutation { remove(id: "1") { done } }', []],
    ['a code of another service', 'mutation { enter(email: "a") { done } }', []],
  ])('is not: %s', async (_what, query, codes) => {
    expect(await ask(query)).toEqual({ noted: [], codes });
  });

  it('is also what the service says that it is', async () => {
    const service = watched({ codes: ['TOO_MANY'], aboutOf: ({ email }, what) => `${what} ${String(email)}` });
    expect((await service.ask('mutation { enter(email: "a@b") { done } }')).noted).toEqual([
      refused('enter', 'TOO_MANY', 'enter a@b'),
    ]);
  });
});
