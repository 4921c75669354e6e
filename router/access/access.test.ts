import { createHmac } from 'node:crypto';
import { type Grant, IDENTITY_HEADER } from '@wheelhouse/kit/identity.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestAccounts } from '../testing/accounts.ts';
import {
  bearer,
  EVERYWHERE,
  type GuardedRouter,
  HALL,
  startGuardedRouter,
  toldTo,
  WRITER,
} from '../testing/guarded.ts';
import { type TestRouter, until } from '../testing/router.ts';

let guarded: GuardedRouter;
let accounts: TestAccounts;
let router: TestRouter;
beforeAll(async () => {
  guarded = await startGuardedRouter();
  ({ accounts, router } = guarded);
});
afterAll(() => router.close());

const codesOf = ({ errors }: { errors?: { extensions: Record<string, unknown> }[] }): unknown[] =>
  (errors ?? []).map(({ extensions }) => extensions.code);
const lastRequest = (service: string) => {
  const request = router.subgraphs[service]?.requests.at(-1);
  if (request === undefined) throw new Error(`${service} was not asked`);
  return request;
};

describe('who asks over HTTP', () => {
  it('is vouched for with the service that is asked, in the words of the token, and their own are not passed on', async () => {
    const token = await accounts.issue({ name: 'ann@example.org', grants: HALL });
    const headers = { ...bearer(token), [IDENTITY_HEADER]: 'made up' };
    expect(await router.query('{ read }', { headers })).toMatchObject({ status: 200, data: { read: 'read' } });
    const { headers: sent } = lastRequest('devices');
    expect(sent.authorization).toBeUndefined();
    expect(await toldTo('devices', sent)).toEqual({
      ...{ sub: 'user:1', sid: 'session:1', name: 'ann@example.org', grants: HALL },
      origin: expect.stringMatching(/127\.0\.0\.1/),
    });
    expect(await toldTo('accounts', sent)).toBeNull();
  });

  it('may be nobody, for what has no rule', async () => {
    expect(await router.query('{ open }')).toMatchObject({ status: 200, data: { open: 'open' } });
    expect(await toldTo('devices', lastRequest('devices').headers)).toMatchObject({ sub: 'anonymous', grants: [] });
  });

  it.each<[what: string, query: string, grants: Grant[] | null, status: number, codes: string[]]>([
    ['nobody reads', '{ read }', null, 401, ['UNAUTHENTICATED']],
    ['nobody sees what takes to have signed in', '{ thing { name } }', null, 401, ['UNAUTHENTICATED']],
    ['somebody without a scope does not read', '{ read }', [], 403, ['FORBIDDEN']],
    ['somebody without a scope sees what takes to have signed in', '{ thing { name } }', [], 200, []],
    ['a reader does not set', 'mutation { set }', HALL, 403, ['FORBIDDEN']],
    ['a writer sets', 'mutation { set }', WRITER, 200, []],
    ['a reader does not see a secret', '{ thing { ...on Thing { s: secret } } }', HALL, 403, ['FORBIDDEN']],
    ['one of two lists of scopes is enough', '{ thing { ...F } } fragment F on Thing { secret }', WRITER, 200, []],
    ['only what is asked counts', 'query A { open } query B { read }', [], 200, []],
    ['each field is told', '{ read thing { secret } }', [], 403, ['FORBIDDEN', 'FORBIDDEN']],
  ])('%s', async (_what, query, grants, status, codes) => {
    const headers = grants === null ? {} : bearer(await accounts.issue({ grants }));
    const named = query.startsWith('query A') ? { operationName: 'A' } : {};
    const before = router.subgraphs.devices?.requests.length;
    const answer = await router.query(query, { headers, ...named });
    expect([answer.status, codesOf(answer)]).toEqual([status, codes]);
    if (status !== 200) expect(router.subgraphs.devices?.requests.length).toBe(before);
  });

  it('shares a query under way with nobody else, whatever is the same', async () => {
    const [ann, bob] = await Promise.all(
      ['ann', 'bob'].map((name) => accounts.issue({ sub: `user:${name}`, sid: `session:${name}`, name, grants: HALL })),
    );
    const release = guarded.hold();
    const before = router.subgraphs.devices?.requests.length ?? 0;
    const answers = [ann, ann, bob].map((token) => router.query('{ slow }', { headers: bearer(token ?? '') }));
    await until('two requests', () => (router.subgraphs.devices?.requests.length ?? 0) === before + 2);
    release();
    for (const answer of await Promise.all(answers)) expect(answer.data).toEqual({ slow: 'slow' });
    const sent = router.subgraphs.devices?.requests.slice(before) ?? [];
    const names = await Promise.all(sent.map(async ({ headers }) => (await toldTo('devices', headers))?.name));
    expect(names.sort()).toEqual(['ann', 'bob']);
  });

  it('learns which scope is missing', async () => {
    const answer = await router.query('mutation { set }', { headers: bearer(await accounts.issue({ grants: HALL })) });
    expect(answer.errors).toMatchObject([
      {
        message: 'Mutation.set needs the scope settings:write',
        extensions: { requiredScopes: [['settings:write']] },
      },
    ]);
  });
});

describe('a token', () => {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = () => ({
    ...{ sub: 'user:1', sid: 'session:1', name: 'eve', grants: WRITER, iss: 'wheelhouse-accounts', aud: 'wheelhouse' },
    ...{ iat: Math.floor(Date.now() / 1_000), exp: Math.floor(Date.now() / 1_000) + 300 },
  });
  /** RFC 8725, 2.1 and 2.2: one without a signature, and one signed with the public key as if it were a secret. */
  const unsigned = () => `${part({ alg: 'none' })}.${part(claims())}.`;
  const confused = () => {
    const text = `${part({ alg: 'HS256', kid: 'one' })}.${part(claims())}`;
    const secrets = [JSON.stringify(accounts.publicKey), Buffer.from(accounts.publicKey.x ?? '', 'base64url')];
    return secrets.map((secret) => `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`);
  };
  const altered = async () => {
    const [head, , signature] = (await accounts.issue({ grants: [] })).split('.');
    return `${head}.${part(claims())}.${signature}`;
  };
  const minute = 60;
  const at = (seconds: number) => Date.now() / 1_000 + seconds;

  it.each<[what: string, make: () => string | Promise<string>, code: string]>([
    ['that is none', () => 'word', 'UNAUTHENTICATED'],
    ['that says it needs no signature', unsigned, 'UNAUTHENTICATED'],
    ['signed with the public key', () => confused()[0] ?? '', 'UNAUTHENTICATED'],
    ["signed with the public key's bytes", () => confused()[1] ?? '', 'UNAUTHENTICATED'],
    ['that was altered', altered, 'UNAUTHENTICATED'],
    [
      'of a key that nobody knows',
      async () => `${part({ alg: 'EdDSA', kid: 'two' })}.${part(claims())}.AAAA`,
      'UNAUTHENTICATED',
    ],
    ['for others', () => accounts.issue({}, { aud: 'others' }), 'UNAUTHENTICATED'],
    ['of others', () => accounts.issue({}, { iss: 'others' }), 'UNAUTHENTICATED'],
    ['without an end', () => accounts.issue({}, { exp: undefined } as never), 'UNAUTHENTICATED'],
    ['without grants', () => accounts.issue({}, { grants: undefined }), 'UNAUTHENTICATED'],
    [
      'that was signed an hour ago to hold for days',
      () => accounts.issue({}, { iat: at(-3_600), exp: at(86_400) }),
      'TOKEN_EXPIRED',
    ],
    ['whose time is over', () => accounts.issue({}, { iat: at(-2 * minute), exp: at(-minute) }), 'TOKEN_EXPIRED'],
    ['of 10,000 characters', () => 'x'.repeat(10_000), 'UNAUTHENTICATED'],
    ['that is an API key nobody has', () => 'whk_nobody', 'UNAUTHENTICATED'],
  ])('%s is refused, also for what is open to all', async (_what, make, code) => {
    const answer = await router.query('{ open }', { headers: bearer(await make()) });
    expect([answer.status, codesOf(answer)]).toEqual([401, [code]]);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  it.each(['', 'Basic YTpi', 'Bearer', 'Bearer a b'])(
    'must be given as such: authorization "%s" is refused',
    async (authorization) => {
      const answer = await router.query('{ open }', { headers: { authorization } });
      expect([answer.status, codesOf(answer)]).toEqual([401, ['UNAUTHENTICATED']]);
    },
  );

  it('counts no longer once its session has ended, and one of a later session of the same person does', async () => {
    const first = await accounts.issue({ sid: 'session:first', grants: EVERYWHERE });
    expect((await router.query('{ read }', { headers: bearer(first) })).status).toBe(200);
    accounts.take({ sid: 'session:first' });
    await expect
      .poll(async () => codesOf(await router.query('{ read }', { headers: bearer(first) })))
      .toEqual(['UNAUTHENTICATED']);
    const second = await accounts.issue({ sid: 'session:second', grants: EVERYWHERE });
    expect((await router.query('{ read }', { headers: bearer(second) })).status).toBe(200);
  });
});

describe('an API key', () => {
  it('is asked for once, and not again until it is taken away', async () => {
    const { secret, sid } = accounts.makeKey(HALL);
    const before = accounts.asked.keys;
    for (let time = 0; time < 3; time += 1)
      expect((await router.query('{ read }', { headers: bearer(secret) })).status).toBe(200);
    expect(accounts.asked.keys).toBe(before + 1);
    expect(await toldTo('devices', lastRequest('devices').headers)).toMatchObject({
      sub: sid,
      name: 'a key',
      grants: HALL,
    });
    accounts.take({ sid });
    await expect.poll(async () => (await router.query('{ open }', { headers: bearer(secret) })).status).toBe(401);
  });

  it('is asked for once by all who come with it at a time', async () => {
    const { secret } = accounts.makeKey(HALL);
    const before = accounts.asked.keys;
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => router.query('{ read }', { headers: bearer(secret) })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(accounts.asked.keys).toBe(before + 1);
  });

  it('that is not known is asked for once, however often somebody tries it', async () => {
    const before = accounts.asked.keys;
    for (let time = 0; time < 5; time += 1)
      expect((await router.query('{ open }', { headers: bearer('whk_guess') })).status).toBe(401);
    expect(accounts.asked.keys).toBe(before + 1);
  });
});

describe('while the accounts service is away', () => {
  it('who can not be told is asked to come again, and who is known goes on', async () => {
    const known = await accounts.issue({ sid: 'session:known', grants: EVERYWHERE });
    expect((await router.query('{ read }', { headers: bearer(known) })).status).toBe(200);
    accounts.setAway(true);
    const answer = await router.query('{ read }', { headers: bearer(accounts.makeKey(HALL).secret) });
    expect([answer.status, codesOf(answer)]).toEqual([503, ['ACCOUNTS_UNAVAILABLE']]);
    expect((await router.query('{ read }', { headers: bearer(known) })).status).toBe(200);
    accounts.setAway(false);
  });
});
