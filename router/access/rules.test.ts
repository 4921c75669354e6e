import { ANONYMOUS } from '@wheelhouse/kit/actor.ts';
import { buildASTSchema, Kind, type OperationDefinitionNode, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { applications, linkedFeatures } from '../refusals.ts';
import { anonymous, type Caller } from './caller.ts';
import { createGuard, readRules } from './rules.ts';

const LINKS = `
  schema
    @link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY)
    @link(url: "https://specs.apollo.dev/requiresScopes/v0.1", as: "needs", for: SECURITY)
  { query: Query }`;

/** A guard for these types, whose rules are linked as `@authenticated` and `@needs`; the codes with which it refuses somebody. */
function guardOf(types: string) {
  const document = parse(`${LINKS} ${types}`);
  const rules = readRules(linkedFeatures(document), applications(document));
  const guard = createGuard(buildASTSchema(document, { assumeValidSDL: true }), rules);
  return (query: string, caller: Caller) => {
    const asked = parse(query);
    const isOperation = (node: { kind: string }): node is OperationDefinitionNode =>
      node.kind === Kind.OPERATION_DEFINITION;
    const operation = asked.definitions.find(isOperation);
    if (operation === undefined) throw new Error('there is no operation');
    return guard(asked, operation, caller).map(({ extensions }) => extensions.code);
  };
}

const somebody = (...scopes: string[]): Caller => ({
  asserted: { sub: 'user:ann', sid: 'session:ann', name: 'ann', origin: null, grants: [{ scopes, site: null }] },
  ...{ rightsVersion: null, sinceMs: 0, untilMs: Number.POSITIVE_INFINITY },
});
/** Somebody who did not sign in, where a setting grants everybody something. */
const granted = (...scopes: string[]): Caller => anonymous([{ scopes, site: null }], null);

describe('several rules on one field', () => {
  // As composition writes them: those of subgraphs that share a field, and on fields of interfaces those of all types.
  const refusals = guardOf(`type Query { both: String @authenticated @needs(scopes: [["read"]]) }`);

  it.each<[what: string, caller: Caller, codes: string[]]>([
    ['who signed in and has the scope', somebody('read'), []],
    ['who signed in and has not', somebody('write'), ['FORBIDDEN']],
    ['who has the scope as everybody has, and did not sign in', granted('read'), ['UNAUTHENTICATED']],
    [`${ANONYMOUS}, who has nothing`, granted(), ['UNAUTHENTICATED']],
  ])('must all let in: %s', (_what, caller, codes) => {
    expect(refusals('{ both }', caller)).toEqual(codes);
  });
});

describe('a field that is asked for by an interface', () => {
  const TYPES = `
    type Query { thing: Thing }
    type Lamp implements Thing { id: ID note: String @needs(scopes: [["read"]]) }
    type Door implements Thing { id: ID note: String }`;

  it('needs what any type needs for it, where composition has said nothing of it', () => {
    const refusals = guardOf(`interface Thing { id: ID note: String } ${TYPES}`);
    const query = '{ thing { id ...F } } fragment F on Thing { n: note }';
    expect(refusals(query, somebody())).toEqual(['FORBIDDEN']);
    expect(refusals(query, somebody('read'))).toEqual([]);
    expect(refusals('{ thing { id } }', somebody())).toEqual([]);
    expect(refusals('{ thing { ... on Door { note } } }', somebody())).toEqual([]);
  });

  it('needs what is said of the interface, where it has', () => {
    const refusals = guardOf(`interface Thing { id: ID note: String @needs(scopes: [["all"]]) } ${TYPES}`);
    expect(refusals('{ thing { note } }', somebody('read'))).toEqual(['FORBIDDEN']);
    expect(refusals('{ thing { note } }', somebody('all'))).toEqual([]);
  });
});

it.each(['[]', '[[]]', '[["read"], []]', '"read"'])(
  'a rule that would let everybody in is none: scopes %s',
  (scopes) => {
    expect(() => guardOf(`type Query { open: String @needs(scopes: ${scopes}) }`)).toThrow(
      '@requiresScopes at Query.open must name scopes, in lists of one or more',
    );
  },
);
