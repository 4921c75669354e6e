import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anEstate } from './testing/estate.ts';
import { createMonolith } from './testing/monolith.ts';
import { startTestRouter, type TestRouter } from './testing/router.ts';

let router: TestRouter;
let monolith: Awaited<ReturnType<typeof createMonolith>>;

beforeAll(async () => {
  router = await startTestRouter(anEstate().sources);
  monolith = await createMonolith(router);
});
afterAll(() => router.close());

describe('the router answers as one schema without federation would', () => {
  it.each<[what: string, query: string, variables?: Record<string, unknown>]>([
    ['fields of three services', '{ devices { id name status changeCount ... on Display { brightness label } } }'],
    [
      'an interface in a service that knows it as one object',
      '{ busiest { __typename id name ... on Speaker { volume } } }',
    ],
    [
      'an entity of another service behind such an interface',
      '{ busiest { lastChange { __typename name changeCount } } }',
    ],
    ['required fields', '{ brightest { label } }'],
    ['zero, which is not null', '{ brightest { brightness } device(id: "s1") { changeCount } }'],
    ['an id that is unknown', '{ device(id: "nope") { name changeCount } }'],
    ['aliases', '{ a: device(id: "d1") { n: name c: changeCount } b: device(id: "s1") { n: name } }'],
    ['an alias with the name of a key', '{ devices { id: name changeCount } }'],
    ['an alias of another type with the name of a key', '{ devices { id: status changeCount __typename } }'],
    ['an alias with the name of a required field', '{ brightest { name: brightness label } }'],
    ['an alias that hides the type name', '{ devices { __typename: name changeCount } }'],
    [
      'an alias that objects have a meaning for',
      '{ __proto__: echo constructor: echo devices { __proto__: name toString: id } }',
    ],
    ['an alias of the type name', '{ kind: __typename devices { kind: __typename } }'],
    [
      'named fragments',
      '{ devices { ...D } } fragment D on Device { name ... on Display { ...P } } fragment P on Display { brightness }',
    ],
    [
      'fragments that repeat and nest fields',
      '{ devices { lastChange { id } ... { lastChange { name } } ... on Speaker { lastChange { status } } } }',
    ],
    [
      'one response name from two types',
      '{ devices { ... on Display { level: brightness } ... on Speaker { level: volume } } }',
    ],
    [
      '@skip and @include on fields',
      'query ($on: Boolean!) { devices { name @include(if: $on) changeCount @skip(if: $on) } }',
      { on: true },
    ],
    [
      '@skip of all that a service owns',
      'query ($on: Boolean!) { devices { name changeCount @skip(if: $on) } echo @skip(if: $on) }',
      { on: true },
    ],
    [
      '@include on fragments',
      'query ($on: Boolean = false) { devices { id ... on Display @include(if: $on) { brightness } ...S @skip(if: $on) } } fragment S on Speaker { name }',
    ],
    ['everything skipped', '{ devices @skip(if: true) { name } }'],
    ['a variable with a default', 'query ($text: String = "given") { echo(text: $text) }'],
    ['a default beaten by null', 'query ($text: String = "given") { echo(text: $text) }', { text: null }],
    ['the default of an argument', '{ echo }'],
    ['one value for a list', 'query ($times: [Int!]) { echo(text: "x", times: $times) }', { times: 3 }],
    [
      'an enum as argument and result',
      'query ($status: Status) { devices(status: $status) { status } }',
      { status: 'UNKNOWN' },
    ],
    [
      'mutations in their order',
      'mutation { a: rename(id: "d1", name: "x") { name ... on Display { label } } fail b: rename(id: "s1", name: "y") { name changeCount } }',
    ],
    ['an error beside data', '{ broken echo }'],
    ['a value that clients may not see', '{ odd echo }'],
    [
      'null where none may be, up to the next that may',
      '{ device(id: "d2") { name ... on Display { panel { serial lamp } } } }',
    ],
    ['the same inside a list', '{ devices { name ... on Display { panel { lamp } } } }'],
    ['introspection beside data', '{ __type(name: "Display") { kind interfaces { name } } __typename echo }'],
    ['introspection by variable', 'query ($name: String!) { __type(name: $name) { name } }', { name: 'Nope' }],
    ['nothing but the type name', '{ __typename }'],
  ])('%s', async (_what, query, variables) => {
    const expected = await monolith(query, variables);
    const { data, errors } = await router.query(query, { variables });
    expect(data).toEqual(JSON.parse(JSON.stringify(expected.data)));
    expect(errors?.map(({ path }) => path)).toEqual(expected.errors?.map(({ path }) => path));
  });
});

describe('errors', () => {
  it('keep message, code and the place in the answer, and say which service they are from', async () => {
    const { errors } = await router.query('{ x: broken }');
    expect(errors).toEqual([
      { message: 'the pump is broken', path: ['x'], extensions: { code: 'PUMP', serviceName: 'devices' } },
    ]);
  });

  it('of entities stand at their own element, in a list where only some were asked for', async () => {
    const { errors } = await router.query('{ devices { ... on Display { panel { lamp } } } }');
    expect(errors?.map(({ message, path }) => [message, path])).toEqual([
      ['the lamp does not answer', ['devices', 2, 'panel', 'lamp']],
    ]);
  });

  it('of values that do not fit are told beside those of services', async () => {
    const { errors } = await router.query('{ odd broken }');
    expect(errors?.map(({ extensions }) => extensions.code).sort()).toEqual(['PUMP', 'SUBGRAPH_INVALID_RESPONSE']);
  });

  it.each<[what: string, body: Parameters<TestRouter['query']>, code: string]>([
    ['an unknown field', ['{ nope }'], 'GRAPHQL_VALIDATION_FAILED'],
    ['a field that clients may not see', ['{ secret }'], 'GRAPHQL_VALIDATION_FAILED'],
    ['a syntax error', ['{ echo'], 'GRAPHQL_PARSE_FAILED'],
    [
      'a variable of the wrong type',
      ['query ($id: ID!) { device(id: $id) { name } }', { variables: { id: {} } }],
      'BAD_USER_INPUT',
    ],
    ['a variable that is missing', ['query ($id: ID!) { device(id: $id) { name } }'], 'BAD_USER_INPUT'],
    [
      'an enum value that clients may not see',
      ['query ($s: Status) { devices(status: $s) { name } }', { variables: { s: 'SECRET' } }],
      'BAD_USER_INPUT',
    ],
    [
      'null for a condition',
      ['query ($on: Boolean = true) { echo @include(if: $on) }', { variables: { on: null } }],
      'BAD_USER_INPUT',
    ],
    ['several operations and no name', ['query A { echo } query B { echo }'], 'OPERATION_RESOLUTION_FAILURE'],
    ['a name that no operation has', ['query A { echo }', { operationName: 'C' }], 'OPERATION_RESOLUTION_FAILURE'],
    ['a subscription', ['subscription { deviceStatusChanged { cursor } }'], 'SUBSCRIPTION_OVER_HTTP'],
    ['fragments within themselves', ['{ ...F } fragment F on Query { ...F }'], 'GRAPHQL_VALIDATION_FAILED'],
  ])('of a request that is wrong come with status 400: %s', async (_what, body, code) => {
    const { status, data, errors } = await router.query(...body);
    expect({ status, data, code: errors?.[0]?.extensions.code }).toEqual({ status: 400, data: undefined, code });
  });
});

describe('requests to services', () => {
  it('are as many for a long list as for one element', async () => {
    const requests = () => Object.values(router.subgraphs).reduce((sum, { requests }) => sum + requests.length, 0);
    const query =
      'query ($status: Status) { devices(status: $status) { name changeCount ... on Display { brightness } } }';
    const before = requests();
    await router.query(query, { variables: { status: 'ONLINE' } });
    const one = requests() - before;
    await router.query(query);
    expect([one, requests() - before - one]).toEqual([3, 3]);
  });

  it('carry the caller’s identity and trace and nothing else of its headers', async () => {
    await router.query('{ echo }', {
      headers: {
        authorization: 'Bearer k',
        'x-request-id': 'r1',
        traceparent: '00-1-2-01',
        cookie: 'c=1',
        'x-other': 'o',
      },
    });
    const sent = router.subgraphs.devices?.requests.at(-1)?.headers;
    expect(sent).toMatchObject({ authorization: 'Bearer k', 'x-request-id': 'r1', traceparent: '00-1-2-01' });
    expect(Object.keys(sent ?? {})).not.toEqual(expect.arrayContaining(['cookie']));
    expect(Object.keys(sent ?? {})).not.toEqual(expect.arrayContaining(['x-other']));
  });
});
