import { describe, expect, it } from 'vitest';
import { loadSupergraph, SupergraphRefusedError } from './load.ts';
import { compose } from './testing/router.ts';
import type { SubgraphSource } from './testing/subgraph.ts';

const aSubgraph = (typeDefs: string, name = 'devices'): SubgraphSource => ({ name, typeDefs, resolvers: {} });

const composed = (...typeDefs: string[]): string => {
  const sources = typeDefs.map((sdl, index) => aSubgraph(sdl, index === 0 ? 'devices' : `other${index}`));
  return compose(sources, (name) => `http://${name}:4000/graphql`);
};

const reasonOf = (sdl: string, urls: Record<string, string> = {}): string => {
  try {
    loadSupergraph(sdl, urls);
  } catch (err) {
    if (err instanceof SupergraphRefusedError) return err.message;
    throw err;
  }
  return 'loaded';
};

describe('a supergraph that can not be served as meant is refused with a reason', () => {
  const plain = composed('type Query { hall: String }');
  const cases: [what: string, sdl: string, says: RegExp][] = [
    [
      '@authenticated on a field',
      composed('type Query { hall: String @authenticated }'),
      /@authenticated at Query\.hall: no service of the supergraph says who asks/,
    ],
    [
      '@authenticated on a type',
      composed('type Query { vault: Vault } type Vault @authenticated { code: Int }'),
      /@authenticated at Vault/,
    ],
    [
      '@fromContext',
      composed(`
        type Query { hall: Hall! }
        type Hall @key(fields: "id") @context(name: "hall") { id: ID! zone: String! lamp: Lamp! }
        type Lamp @key(fields: "id") { id: ID! level(zone: String @fromContext(field: "$hall { zone }")): Int! }
      `),
      /@context.* at Hall: arguments set from context/,
    ],
    [
      'an unknown feature that must be understood',
      plain.replace('schema\n', 'schema\n  @link(url: "https://example.com/magic/v1.0", for: EXECUTION)\n'),
      /example\.com\/magic/,
    ],
    [
      'connectors',
      plain.replace('schema\n', 'schema\n  @link(url: "https://specs.apollo.dev/connect/v0.1", for: EXECUTION)\n'),
      /connect\/v0\.1: connectors are not carried/,
    ],
    ['the SDL of a subgraph', 'type Query { hall: String }', /not a Federation 2 supergraph/],
    [
      'a Federation 1 supergraph',
      `schema @core(feature: "https://specs.apollo.dev/core/v0.1") @core(feature: "https://specs.apollo.dev/join/v0.1") { query: Query }
       type Query { hall: String }`,
      /Federation 1 supergraph/,
    ],
    ['text that is not GraphQL', 'PNG\n  \u0001', /not GraphQL: .*line/],
    ['an empty file', '', /not GraphQL/],
    ['a schema that is cut off', plain.slice(0, plain.length - 20), /not GraphQL/],
    [
      'a subgraph without address',
      plain.replace('http://devices:4000/graphql', ''),
      /"devices" has no address.*--subgraph devices=/,
    ],
    ['an address of another scheme', plain.replace('http://devices', 'ftp://devices'), /not an http\(s\) URL/],
    [
      'an override label of its own kind',
      composed(
        'type Query { hall: Hall } type Hall @key(fields: "id") { id: ID! lamp: Int }',
        'type Hall @key(fields: "id") { id: ID! lamp: Int @override(from: "devices", label: "beta") }',
      ),
      /@override\(label: "beta"\) at Hall\.lamp/,
    ],
  ];
  it.each(cases)('%s', (_what, sdl, says) => {
    expect(reasonOf(sdl)).toMatch(says);
  });

  it('an address for a subgraph that is not there', () => {
    expect(reasonOf(plain, { fida: 'http://127.0.0.1:1/graphql' })).toMatch(
      /"fida", which is not in it \(it has devices\)/,
    );
  });
});

describe('a supergraph is read', () => {
  it('with addresses from the caller in place of its own', () => {
    const loaded = loadSupergraph(composed('type Query { hall: String }'), { devices: 'http://127.0.0.1:7/graphql' });
    expect(loaded.subgraphs.map(({ name, url }) => [name, url.href])).toEqual([
      ['devices', 'http://127.0.0.1:7/graphql'],
    ]);
  });

  it('with percentages of progressive overrides', () => {
    const sdl = composed(
      'type Query { hall: Hall } type Hall @key(fields: "id") { id: ID! lamp: Int }',
      'type Hall @key(fields: "id") { id: ID! lamp: Int @override(from: "devices", label: "percent(12.5)") }',
    );
    expect([...loadSupergraph(sdl).overridePercent]).toEqual([['percent(12.5)', 12.5]]);
  });
});
