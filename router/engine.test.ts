import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anEstate } from './testing/estate.ts';
import { createMonolith } from './testing/monolith.ts';
import { QUESTIONS } from './testing/questions.ts';
import { startTestRouter, type TestRouter } from './testing/router.ts';

let router: TestRouter;
let monolith: Awaited<ReturnType<typeof createMonolith>>;

beforeAll(async () => {
  router = await startTestRouter(anEstate().sources);
  monolith = await createMonolith(router);
});
afterAll(() => router.close());

describe('the router answers as one schema without federation would', () => {
  it.each(QUESTIONS)('%s', async (_what, query, variables) => {
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
