import { isDeepStrictEqual } from 'node:util';
import { ROLES, SCOPES, SCOPES_OF, type Scope } from '@wheelhouse/contracts/access.ts';
import { ruleOf } from '@wheelhouse/kit/field-rules.ts';
import { anonymousFrom, createIdentitySigner } from '@wheelhouse/kit/identity.ts';
import { type GraphQLSchema, isInterfaceType, Kind } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forEach } from './access/cells.ts';
import { type Caller, type Doors, startDoors } from './access/doors.ts';
import { type Field, operationFor, readFields, readSupergraph } from './access/fields.ts';
import { OF_MEMBERS, OPEN, OPEN_IN, RULES } from './access/rules.ts';
import { eventually, type GraphQLFault } from './harness.ts';
import { admin, callerWith, inRole } from './identities.ts';
import type { Stream } from './stream.ts';

const fields = await readFields();

describe('every field that can be asked for', () => {
  it('says who may: its rule stands in the schema, and here', () => {
    const declared = [...fields].map(([coordinate, { rule }]) => [
      coordinate,
      rule?.kind === 'scopes' ? rule.anyOf.map((scopes) => scopes.join(' and ')).toSorted() : (rule?.kind ?? 'open'),
    ]);
    const written = [
      ...Object.entries(RULES).map(([coordinate, { anyOf }]) => [
        coordinate,
        anyOf === 'signedIn' ? anyOf : anyOf.toSorted(),
      ]),
      ...OPEN.map((coordinate) => [coordinate, 'open']),
    ];
    expect(Object.fromEntries(declared)).toEqual(Object.fromEntries(written));
  });

  it('is open to everybody in one service alone', () => {
    const open = [...fields].filter(([, { rule }]) => rule === null);
    expect(open.filter(([, { service }]) => service !== OPEN_IN).map(([coordinate]) => coordinate)).toEqual([]);
  });

  it('names scopes that there are, and that each role has or has not', () => {
    const named = [...fields.values()].flatMap(({ rule }) => (rule?.kind === 'scopes' ? rule.anyOf.flat() : []));
    expect(named.filter((scope) => !SCOPES.some((known) => known === scope))).toEqual([]);
  });

  it('has its rule in the supergraph as well, for every type that it is a field of, so that a router can refuse early', async () => {
    const supergraph = await readSupergraph();
    const missing = [...fields].flatMap(([coordinate, { type, name, rule }]) => {
      const named = supergraph.getType(type);
      const types = isInterfaceType(named) ? [named, ...supergraph.getPossibleTypes(named)] : [named];
      return types.flatMap((one) => {
        const field = one && 'getFields' in one ? one.getFields()[name] : undefined;
        return isDeepStrictEqual(ruleOf(field?.astNode?.directives ?? [], coordinate), rule) ? [] : [`${one}.${name}`];
      });
    });
    expect(missing).toEqual([]);
  });

  it('can be null, so that a refusal leaves the rest of an answer as it is', () => {
    const rigid = [...fields].filter(([, { returns }]) => returns.kind === Kind.NON_NULL_TYPE);
    expect(rigid.map(([coordinate]) => coordinate)).toEqual([]);
  });
});

/** What somebody gets of a field. */
type Cell = 'allowed' | 'FORBIDDEN' | 'UNAUTHENTICATED';

const codesOf = (errors: readonly GraphQLFault[] | undefined): unknown[] =>
  (errors ?? []).map(({ extensions }) => extensions?.code);

describe('who may ask for what', () => {
  let doors: Doors;
  let supergraph: GraphQLSchema;
  beforeAll(async () => {
    [doors, supergraph] = [await startDoors(), await readSupergraph()];
  });
  afterAll(() => doors.close());

  /** All that came of a field: what it is, and the codes of errors. */
  async function outcomeOf(field: Field, caller: Caller): Promise<{ value: unknown; codes: unknown[] }> {
    const { query, variables } = operationFor(field, supergraph);
    if (field.type !== 'Subscription') {
      const { data, errors } = await doors.ask(field.service, caller, query, variables);
      const value = data?._entities ? data._entities[0]?.field : data?.field;
      return { value: value ?? null, codes: codesOf(errors) };
    }
    const stream = doors.stream(field.service, caller, query, variables);
    let end: Awaited<Stream['ended']> | undefined;
    void stream.ended.then((errors) => {
      end = errors;
    });
    // A stream that has begun says where it stands before anything happens.
    await eventually(`${field.name} begins or ends`, () => stream.payloads.length > 0 || end !== undefined);
    await stream.close();
    const payload = stream.payloads[0];
    const errors = payload?.errors ?? end ?? [];
    const codes = errors.map(({ message, extensions }) => extensions?.code ?? /[A-Z_]{5,}$/.exec(message)?.[0]);
    return { value: payload?.data?.field ?? null, codes };
  }

  async function cellOf(field: Field, caller: Caller): Promise<Cell> {
    const { value, codes } = await outcomeOf(field, caller);
    const refusal = codes.find((code) => code === 'FORBIDDEN' || code === 'UNAUTHENTICATED');
    if (refusal === undefined) return 'allowed';
    // Never data with a refusal, and nothing besides it.
    expect([value, codes]).toEqual([null, [refusal]]);
    return refusal as Cell;
  }

  /** Every field, by what a caller with these scopes gets. */
  const wantedOf = (scopes: readonly Scope[], { isLimited = false, otherwise = 'FORBIDDEN' as Cell } = {}) =>
    Object.fromEntries(
      [...fields.keys()].map((coordinate): [string, Cell] => {
        const rule = RULES[coordinate];
        const isSignedIn = otherwise !== 'UNAUTHENTICATED';
        const forMember: Cell = isSignedIn && OF_MEMBERS.includes(coordinate) ? 'UNAUTHENTICATED' : 'allowed';
        if (rule === undefined) return [coordinate, forMember];
        const { anyOf, everywhere } = rule;
        const isAllowed = anyOf === 'signedIn' ? isSignedIn : anyOf.some((scope) => scopes.includes(scope));
        return [coordinate, isAllowed && !(isLimited && everywhere) ? forMember : otherwise];
      }),
    );
  const foundOf = async (caller: Caller): Promise<Record<string, Cell>> => {
    const cells: Record<string, Cell> = {};
    await forEach([...fields], async ([coordinate, field]) => {
      cells[coordinate] = await cellOf(field, caller);
    });
    return cells;
  };

  it.each(ROLES)('as %s, everywhere', async (role) => {
    expect(await foundOf(inRole(role))).toEqual(wantedOf(SCOPES_OF[role]));
  });

  it('as ADMIN of a site at which nothing stands', async () => {
    expect(await foundOf(inRole('ADMIN', 'elsewhere'))).toEqual(wantedOf(SCOPES, { isLimited: true }));
  });

  it.each(SCOPES)('as an API key that has %s alone, and as one that has all others', async (scope) => {
    const others = SCOPES.filter((other) => other !== scope);
    expect(await foundOf(callerWith([scope]))).toEqual(wantedOf([scope]));
    expect(await foundOf(callerWith(others))).toEqual(wantedOf(others));
  });

  it('as nobody, and as somebody without any grant', async () => {
    expect(await foundOf(anonymousFrom(null))).toEqual(wantedOf([], { otherwise: 'UNAUTHENTICATED' }));
    expect(await foundOf(callerWith([]))).toEqual(wantedOf([]));
  });

  it('as a stranger who comes to the port of a service', async () => {
    const sign = (token: string, service: string, agoMs = 0) =>
      createIdentitySigner(token, () => new Date(Date.now() - agoMs))(admin, service);
    const strangers = [
      null,
      JSON.stringify(admin),
      await sign('no token of ours', 'devices'),
      await sign(doors.serviceToken, 'another service'),
      await sign(doors.serviceToken, 'devices', 600_000),
    ];
    const nothing = Object.fromEntries([...fields.keys()].map((coordinate) => [coordinate, 'UNAUTHENTICATED']));
    for (const stranger of strangers) expect(await foundOf({ stranger })).toEqual(nothing);
  });
});
