import { buildSchema, Kind, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { Variables } from '../engine.ts';
import { createCostEstimate } from './estimate.ts';
import { readWeights } from './weights.ts';

const SDL = `
  schema @link(url: "https://specs.apollo.dev/cost/v0.1", import: ["@listSize", { name: "@cost", as: "@weighs" }]) {
    query: Query mutation: Mutation
  }
  directive @link(url: String!, import: [Import]) repeatable on SCHEMA
  directive @weighs(weight: Int!) on ARGUMENT_DEFINITION | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR
  directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean) on FIELD_DEFINITION
  scalar Import
  scalar Heavy @weighs(weight: 3)
  interface Thing { name: String parts: [Thing] @listSize(assumedSize: 4) }
  type Pump implements Thing { name: String parts: [Thing] valves: [Valve] }
  type Valve implements Thing { name: String parts: [Thing] dear: Int @weighs(weight: 50) }
  type Vault @weighs(weight: 7) { gold: Heavy }
  type Page { nodes: [Thing] edges: [Edge] total: Int @weighs(weight: 5) others: [Thing] }
  type Edge { node: Thing }
  input Order { id: ID! @weighs(weight: 2) many: [ID!] @weighs(weight: 3) next: Order }
  type Query {
    thing: Thing
    vault: Vault
    plain: [Pump]
    things(first: Int, last: Int = 20): Page @listSize(slicingArguments: ["first"], sizedFields: ["nodes", "edges"], assumedSize: 50)
    both(first: Int, last: Int = 20): [Pump] @listSize(slicingArguments: ["first", "last"])
    ask(order: Order, loud: Boolean @weighs(weight: 9)): Int
  }
  type Mutation { turn: Pump ask(order: Order): Int }
`;

const schema = buildSchema(SDL);
const estimate = createCostEstimate(schema, readWeights(parse(SDL)));

function costOf(source: string, variables: Variables = {}): number {
  const document = parse(source);
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  if (operation === undefined) throw new Error('no operation');
  return estimate(document, operation, variables);
}

describe('an operation costs', () => {
  it.each<[what: string, source: string, cost: number]>([
    ['one for an object, and nothing for a leaf', '{ thing { name } }', 1],
    ['what the type weighs, and its scalar', '{ vault { gold } }', 10],
    ['ten of what stands in a list of unknown length', '{ plain { name } }', 10],
    ['what the interface says of its lists, for its types too', '{ thing { ... on Pump { parts { name } } } }', 5],
    ['each level of a nested list times the one above', '{ thing { parts { parts { name } } } }', 1 + 4 * (1 + 4)],
    ['the assumed size of a page that is not given one', '{ things { nodes { name } } }', 1 + 50],
    [
      'what the page is to have',
      '{ things(first: 7) { nodes { name } edges { node { name } } total } }',
      1 + 7 + 14 + 5,
    ],
    ['nothing of the page for its other lists', '{ things(first: 7) { others { name } } }', 1 + 10],
    ['the greatest of several sizes, defaults among them', '{ both(first: 7) { name } }', 20],
    ['an argument that weighs something', '{ ask(loud: true) }', 9],
    ['an argument that is left out or null: nothing', '{ ask(loud: null) }', 0],
    ['each value within an argument', '{ ask(order: { id: 1, many: [1, 2], next: { id: 2 } }) }', 2 + 6 + 2],
    ['more as a mutation', 'mutation { turn { name } }', 11],
    [
      'the dearest of the types that may be there',
      '{ thing { ... on Valve { dear } ... on Pump { valves { name } } } }',
      51,
    ],
    ['both where both hold', '{ thing { ... on Thing { parts { name } } ... on Valve { dear } } }', 55],
    [
      'as much through fragments',
      '{ ...Q } fragment Q on Query { thing { ...T } } fragment T on Thing { ... on Valve { dear } }',
      51,
    ],
    [
      'a fragment by the page that it stands in',
      '{ a: things(first: 2) { ...P } b: things(first: 30) { ...P } } fragment P on Page { nodes { name } }',
      2 + 32,
    ],
    [
      'nothing for what is left out for certain',
      '{ thing @skip(if: true) { name } vault @include(if: false) { gold } }',
      0,
    ],
    ['nothing for the name of a type', '{ __typename thing { __typename } }', 1],
    ['a hundred for a question about the schema', '{ __schema { types { name } } }', 100],
  ])('%s', (_what, source, cost) => {
    expect(costOf(source)).toBe(cost);
  });

  it.each<[what: string, variables: Variables, cost: number]>([
    ['by its variables', { first: 9, with: true }, 1 + 9 + 7 + 3],
    ['by their defaults', {}, 1 + 3],
    ['for null what is assumed', { first: null }, 1 + 50],
    ['for what is no number what is assumed', { first: 'all' }, 1 + 50],
    ['nothing below nothing', { first: -5 }, 1],
  ])('%s', (_what, variables, cost) => {
    const source =
      'query ($first: Int = 3, $with: Boolean = false) { things(first: $first) { ...P } vault @include(if: $with) { gold } } fragment P on Page { nodes { name } }';
    expect(costOf(source, variables)).toBe(cost);
  });

  it.each<[what: string, order: unknown, cost: number]>([
    ['by the items of a variable', { id: 1, many: ['a', 'b', 'c'] }, 11],
    ['nothing for what the type does not have', { nope: 1, __proto__: null }, 0],
    ['nothing for what is no object', 7, 0],
  ])('%s', (_what, order, cost) => {
    expect(costOf('query ($order: Order) { ask(order: $order) }', { order })).toBe(cost);
    expect(costOf('query ($order: Order) { ask(order: { id: 1, next: $order }) }', { order })).toBe(cost + 2);
  });
});

it('a supergraph that says nothing of cost costs what its objects are', () => {
  const bare = createCostEstimate(schema, readWeights(parse('type Query { a: Int }')));
  const document = parse('{ vault { gold } plain { name } }');
  const [operation] = document.definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('no operation');
  expect(bare(document, operation, {})).toBe(11);
});

it.each([
  ['that double at each of a hundred levels', '...F$ ...F$'],
  ['whose lists double at each of a hundred levels', 'a: parts { ...F$ } b: parts { ...F$ }'],
])('fragments %s are reckoned in no time, with variables too', (_what, spreads) => {
  const levels = Array.from({ length: 100 }, (_, level) => {
    return `fragment F${level} on Thing { ${spreads.replaceAll('$', `${level + 1}`)} ... @include(if: $v) { name } }`;
  });
  const source = `query ($v: Boolean!) { thing { ...F0 } } ${levels.join(' ')} fragment F100 on Thing { parts @include(if: $v) { name } }`;
  const startedAtMs = performance.now();
  expect(costOf(source, { v: true })).toBeGreaterThan(1e15);
  expect(performance.now() - startedAtMs).toBeLessThan(20_000);
});
