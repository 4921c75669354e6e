import { GraphQLError, Kind, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { checkLimits, measure, parseWithin } from './limits.ts';

const limits = { maxTokens: 50, maxDepth: 3, maxAliases: 2, maxRootFields: 2 };

const measured = (source: string) => {
  const { definitions } = parse(source);
  const fragments = new Map(
    definitions.flatMap((node) => (node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [])),
  );
  const operation = definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  if (operation === undefined) throw new Error('no operation');
  return measure(operation, fragments);
};

const codes = (source: string) => checkLimits(parse(source), limits).map(({ extensions }) => extensions.code);

describe('an operation is measured with its fragments written out', () => {
  it.each([
    ['{ a }', { depth: 1, aliases: 0, rootFields: 1 }],
    ['{ a { b { c } } d }', { depth: 3, aliases: 0, rootFields: 2 }],
    ['{ x: a { y: b } }', { depth: 2, aliases: 2, rootFields: 1 }],
    ['{ ... { a ... on Query { b { c } } } }', { depth: 2, aliases: 0, rootFields: 2 }],
    ['{ ...F ...F } fragment F on Query { x: a { b } }', { depth: 2, aliases: 2, rootFields: 2 }],
    ['{ ...Nowhere a }', { depth: 1, aliases: 0, rootFields: 1 }],
    ['{ __schema { types { fields { type { ofType { name } } } } } }', { depth: 0, aliases: 0, rootFields: 1 }],
  ])('%s', (source, expected) => {
    expect(measured(source)).toEqual(expected);
  });

  it('ends for fragments within themselves', () => {
    expect(measured('{ ...F } fragment F on Query { a { ...G } } fragment G on Query { ...F }').depth).toBe(1);
  });

  it('counts fragments that double at each of a hundred levels in no time', () => {
    const doubling = Array.from({ length: 100 }, (_, level) => {
      return `fragment F${level} on Query { ...F${level + 1} ...F${level + 1} }`;
    });
    const startedAt = performance.now();
    expect(measured(`{ ...F0 } ${doubling.join(' ')} fragment F100 on Query { a }`).rootFields).toBe(1_000_000);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
});

describe('each limit refuses one above it and nothing at it', () => {
  it.each([
    ['{ a { b { c } } }', []],
    ['{ a { b { c { d } } } }', ['DEPTH_LIMIT_EXCEEDED']],
    ['{ x: a { y: b } }', []],
    ['{ x: a { y: b { z: c } } }', ['ALIAS_LIMIT_EXCEEDED']],
    ['{ a b }', []],
    ['{ a b c }', ['ROOT_FIELD_LIMIT_EXCEEDED']],
    ['query A { a } query B { a b c }', ['ROOT_FIELD_LIMIT_EXCEEDED']],
  ])('%s', (source, expected) => {
    expect(codes(source)).toEqual(expected);
  });

  it('tokens', () => {
    const fields = (count: number) => `{ ${'a '.repeat(count)}}`;
    expect(parseWithin(fields(48), limits)).not.toBeInstanceOf(GraphQLError);
    const refused = parseWithin(fields(49), limits);
    expect(refused).toBeInstanceOf(GraphQLError);
    expect(refused).toMatchObject({ extensions: { code: 'TOKEN_LIMIT_EXCEEDED', limit: 50 } });
  });

  it('the message names the limit and what was found', () => {
    expect(checkLimits(parse('{ a { b { c { d } } } }'), limits)[0]?.message).toBe(
      'The operation has 4 levels of nesting; at most 3 are allowed',
    );
  });

  it.each([
    ['fields', `${'{a'.repeat(7_000)}${'}'.repeat(7_000)}`],
    ['values', `{a(b:${'['.repeat(7_000)}${']'.repeat(7_000)})}`],
    ['fields just within the stack of the parser', `{a${'{a'.repeat(3_000)}${'}'.repeat(3_000)}}`],
  ])('nesting that overflows a stack is told from a syntax error: %s', (_what, source) => {
    const wide = { ...limits, maxTokens: 50_000 };
    const document = parseWithin(source, wide);
    const error = document instanceof GraphQLError ? document : checkLimits(document, wide)[0];
    expect(error).toMatchObject({ extensions: { code: 'DEPTH_LIMIT_EXCEEDED' } });
  });
});
