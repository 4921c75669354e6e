import {
  ACCESS_FEED_PATH,
  API_KEY_PATH,
  accessItemShape,
  FIRST_ADMIN_PATH,
  JWKS_PATH,
  REFUSALS_PATH,
  TOKEN_AUDIENCE,
  TOKEN_ISSUER,
} from '@wheelhouse/contracts/access.ts';
import { FEED_WAIT_SECONDS } from '@wheelhouse/kit/feed.ts';
import {
  type Asserted,
  anonymousFrom,
  createIdentitySigner,
  IDENTITY_HEADER,
  identityShape,
  keyAnswerShape,
} from '@wheelhouse/kit/identity.ts';
import { StopList } from '@wheelhouse/kit/lifecycle.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { print } from 'graphql';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import postgres from 'postgres';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { operations } from '../../tests/client-operations.ts';
import { createMigratedDatabase, type TestDatabase } from '../../tests/database.ts';
import type { Answer } from '../../tests/harness.ts';
import { FIRST_ADMIN_EMAIL } from './first-admin.ts';
import { service } from './main.ts';
import { HOME, PASSWORD } from './testing/accounts.ts';

const TOKEN = 'a token of all services';
const lines: string[] = [];
const logger = createLogger({
  name: 'test',
  level: 'info',
  destination: { write: (line: string) => void lines.push(line) },
});
const stops = new StopList(logger);
const metrics = new Registry();
let database: TestDatabase;
let url: string;

beforeAll(async () => {
  database = await createMigratedDatabase();
  const env = {
    ...{
      DATABASE_URL: database.url,
      PORT: '0',
      WHEELHOUSE_SERVICE_TOKEN: TOKEN,
      WHEELHOUSE_SECRET_KEY: '5a'.repeat(32),
    },
    ...{ WHEELHOUSE_ADMIN_PASSWORD: PASSWORD, WHEELHOUSE_REGISTRATION: 'open' },
  };
  ({ url } = await service.startServer({ logger, stops, env, metrics }));
});
afterAll(async () => {
  await stops.stop();
  await database.drop();
});

const sign = createIdentitySigner(TOKEN, () => new Date());
const stranger = anonymousFrom(HOME);
/** Asks as the router does, for somebody. */
async function ask(query: string, variables: Record<string, unknown> = {}, who: Asserted = stranger): Promise<Answer> {
  const headers = { 'content-type': 'application/json', [IDENTITY_HEADER]: await sign(who, 'accounts') };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
  return (await response.json()) as Answer;
}
const run = async (name: string, variables: Record<string, unknown> = {}, who?: Asserted) => {
  const document = operations.get(name);
  if (document === undefined) throw new Error(`there is no operation ${name}`);
  const { data, errors } = await ask(print(document), variables, who);
  expect(errors).toBeUndefined();
  return data;
};
const door = (path: string, { token = TOKEN, body }: { token?: string; body?: unknown } = {}) =>
  fetch(new URL(path, url), {
    headers: { authorization: `Bearer ${token}` },
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
  });
/** Who an access token stands for, as whoever verifies it has it. */
async function bearer(accessToken: string): Promise<Asserted> {
  const keys = createRemoteJWKSet(new URL(JWKS_PATH, url));
  const { payload } = await jwtVerify(accessToken, keys, {
    issuer: TOKEN_ISSUER,
    audience: TOKEN_AUDIENCE,
    algorithms: ['EdDSA'],
  });
  return { ...identityShape.parse(payload), origin: HOME };
}
const signIn = async (email: string) => (await run('Login', { email, password: PASSWORD })).login;

it('registers, signs in, refreshes, says who asks, and signs out', async () => {
  const input = { email: 'Ann@example.org', password: PASSWORD, name: 'Ann' };
  const user = { id: expect.any(String), email: 'ann@example.org', roles: ['VIEWER'] };
  expect(await run('Register', { input })).toEqual({ register: { user, userErrors: [] } });
  const again = (await run('Register', { input })).register;
  expect(again).toMatchObject({ user: null, userErrors: [{ field: 'input.email', code: 'DUPLICATE' }] });
  const login = await signIn('ann@example.org');
  expect(login).toMatchObject({ user, userErrors: [] });
  const ann = await bearer(login.accessToken);
  const me = { email: 'ann@example.org', name: 'Ann', roles: ['VIEWER'], scopes: ['estate:read'], sites: null };
  expect(await run('Me', {}, ann)).toEqual({ me: { id: login.user.id, ...me } });
  const { refreshSession } = await run('Refresh', { token: login.refreshToken });
  expect(refreshSession).toMatchObject({ userErrors: [], expiresAt: expect.stringMatching(/Z$/) });
  expect(await bearer(refreshSession.accessToken)).toEqual(ann);
  expect(await run('Logout', {}, ann)).toEqual({ logout: { ok: true } });
  expect((await run('Refresh', { token: refreshSession.refreshToken })).refreshSession.userErrors).toMatchObject([
    { code: 'SESSION_ENDED' },
  ]);
  for (const query of ['{ me { id } }', 'mutation { logout { ok } }'])
    expect((await ask(query, {}, ann)).errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
});

it('says of nobody that it is nobody, and gives them nothing', async () => {
  expect(await run('Me')).toEqual({ me: null });
  for (const query of ['{ users { nodes { id } } }', '{ auditLog { nodes { id } } }', '{ apiKeys { nodes { id } } }'])
    expect((await ask(query)).errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  const { login } = await run('Login', { email: 'ghost@example.org', password: PASSWORD });
  expect(login).toMatchObject({
    accessToken: null,
    user: null,
    userErrors: [{ field: null, code: 'INVALID_CREDENTIALS' }],
  });
});

it('makes the first admin, who sees users and what was done', async () => {
  const admin = await bearer((await signIn(FIRST_ADMIN_EMAIL)).accessToken);
  const { data } = await ask(
    '{ users(first: 1) { nodes { email grants { role site } } pageInfo { hasNextPage endCursor } } }',
    {},
    admin,
  );
  expect(data.users.nodes).toEqual([{ email: FIRST_ADMIN_EMAIL, grants: [{ role: 'ADMIN', site: null }] }]);
  const more = await ask(
    'query ($after: String) { users(after: $after) { nodes { email } } }',
    { after: data.users.pageInfo.endCursor },
    admin,
  );
  expect(more.data.users.nodes).toEqual([{ email: 'ann@example.org' }]);
  const { auditLog } = await run('Audit', {}, admin);
  expect(auditLog.nodes.map(({ actor, action }: Record<string, string>) => [actor, action])).toEqual([
    [FIRST_ADMIN_EMAIL, 'accounts.login'],
    ['anonymous', 'accounts.login.refused'],
    ['ann@example.org', 'accounts.logout'],
    ['ann@example.org', 'accounts.login'],
    ['ann@example.org', 'accounts.register'],
    ['first start', 'accounts.firstAdmin'],
  ]);
  const filtered = await ask(
    '{ auditLog(filter: { action: "accounts.login", actor: "anonymous" }) { nodes { after origin } } }',
    {},
    admin,
  );
  expect(filtered.data.auditLog.nodes).toEqual([{ after: { email: 'ghost@example.org', why: 'WRONG' }, origin: HOME }]);
});

it('makes keys that stand for less than who made them, and lists them', async () => {
  const admin = await bearer((await signIn(FIRST_ADMIN_EMAIL)).accessToken);
  const input = { name: 'BI', scopes: ['history:read', 'estate:read'], sites: ['museum'] };
  const { createApiKey } = await run('CreateApiKey', { input }, admin);
  expect(createApiKey).toEqual({
    secret: expect.stringMatching(/^whk_/),
    apiKey: {
      id: expect.any(String),
      name: 'BI',
      scopes: ['estate:read', 'history:read'],
      expiresAt: expect.any(String),
    },
    userErrors: [],
  });
  const answered = keyAnswerShape.parse(
    await (await door(API_KEY_PATH, { body: { secret: createApiKey.secret } })).json(),
  );
  const key: Asserted = { ...answered.identity, origin: HOME };
  const { me } = await run('Me', {}, key);
  expect(me).toMatchObject({
    email: FIRST_ADMIN_EMAIL,
    roles: ['ADMIN'],
    scopes: ['estate:read', 'history:read'],
    sites: ['museum'],
  });
  expect((await ask('{ me { apiKey { name lastUsedAt } } }', {}, key)).data.me.apiKey).toEqual({
    name: 'BI',
    lastUsedAt: expect.any(String),
  });
  const made = await ask(
    'mutation { createApiKey(input: { name: "x", scopes: ["estate:read"] }) { secret } }',
    {},
    key,
  );
  expect(made.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  const listed = await ask('{ apiKeys { nodes { id revokedAt } } }', {}, admin);
  expect(listed.data.apiKeys.nodes).toEqual([{ id: createApiKey.apiKey.id, revokedAt: null }]);
  await ask(
    'mutation ($id: ID!) { revokeApiKey(id: $id) { apiKey { revokedAt } } }',
    { id: createApiKey.apiKey.id },
    admin,
  );
  expect((await door(API_KEY_PATH, { body: { secret: createApiKey.secret } })).status).toBe(404);
});

it('tells on its feed what was taken away, at once to who waits', async () => {
  const page = async (query: string) => {
    const { cursor, items } = await (await door(`${ACCESS_FEED_PATH}?${query}`)).json();
    return { cursor, items: accessItemShape.array().parse(items) };
  };
  const { cursor } = await page('');
  const waiting = page(`after=${cursor}&wait=${FEED_WAIT_SECONDS}`);
  const ann = await bearer((await signIn('ann@example.org')).accessToken);
  await run('Logout', {}, ann);
  const { items } = await waiting;
  expect(items).toEqual([{ sub: null, sid: ann.sid, before: expect.any(String), rightsVersion: null }]);
  expect((await door(`${ACCESS_FEED_PATH}?after=bm9uZQ`)).status).toBe(410);
});

it('opens its doors to services only, save the keys that verify tokens', async () => {
  for (const path of [ACCESS_FEED_PATH, API_KEY_PATH, FIRST_ADMIN_PATH, REFUSALS_PATH])
    expect((await door(path, { token: 'another token of no service' })).status).toBe(401);
  expect((await door(API_KEY_PATH)).status).toBe(405);
  expect((await door(API_KEY_PATH, { body: 'no object' })).status).toBe(400);
  expect((await door(API_KEY_PATH, { body: { secret: 'x'.repeat(10_000) } })).status).toBe(413);
  const keys = await fetch(new URL(JWKS_PATH, url));
  expect(keys.headers.get('cache-control')).toBe('public, max-age=300');
});

it('says which fields are wrong and why', async () => {
  const admin = await bearer((await signIn(FIRST_ADMIN_EMAIL)).accessToken);
  const faults = async (mutation: string) =>
    Object.values((await ask(`mutation { ${mutation} { userErrors { field code message } } }`, {}, admin)).data)[0];
  expect(await faults('createApiKey(input: { name: "", scopes: ["all"], sites: ["a//b"] })')).toMatchObject({
    userErrors: [
      { field: 'input.name', code: 'INVALID', message: 'name must have 1 to 120 characters' },
      { field: 'input.scopes.0', code: 'INVALID', message: expect.stringContaining('must be one of estate:read') },
      { field: 'input.sites.0', code: 'INVALID', message: expect.stringContaining('museum/hall-2') },
    ],
  });
  expect(await faults('inviteUser(input: { email: "x", grants: [{ role: ADMIN, site: "/" }] })')).toMatchObject({
    userErrors: [{ field: 'input.email' }, { field: 'input.grants.0.site' }],
  });
  expect(await faults('updateUser(input: { id: "none" })')).toMatchObject({
    userErrors: [{ field: 'input.id', code: 'NOT_FOUND' }],
  });
  for (const cursor of ['x', Buffer.from('["yesterday","1"]').toString('base64url')]) {
    const { errors } = await ask(
      'query ($after: String) { auditLog(after: $after) { nodes { id } } }',
      { after: cursor },
      admin,
    );
    expect(errors).toMatchObject([{ extensions: { code: 'CURSOR_INVALID' } }]);
  }
});

it('counts what came of signing in, and logs no password, token or key', async () => {
  const text = await metrics.metrics();
  expect(text).toContain('wheelhouse_accounts_sign_ins_total{outcome="wrong"} 1');
  expect(lines.join('')).not.toMatch(/correct horse|whk_|whr_|eyJ/);
});

it('writes down whom it refused, and whom the router did, one row for many', async () => {
  const admin = await bearer((await signIn(FIRST_ADMIN_EMAIL)).accessToken);
  const { createApiKey } = await run('CreateApiKey', { input: { name: 'lost', scopes: ['estate:read'] } }, admin);
  const { id } = createApiKey.apiKey;
  await ask('mutation ($id: ID!) { revokeApiKey(id: $id) { apiKey { id } } }', { id }, admin);
  const origin = '192.0.2.7';
  for (let shown = 0; shown < 3; shown += 1)
    await door(API_KEY_PATH, { body: { secret: createApiKey.secret, origin } });
  await door(API_KEY_PATH, { body: { secret: 'whk_made_up', origin } });
  const guesser = anonymousFrom('192.0.2.8');
  for (let tries = 0; tries < 9; tries += 1)
    await run('Login', { email: FIRST_ADMIN_EMAIL, password: 'a guess of mine' }, guesser);
  await ask('mutation { login(email: "admin@wheelhouse.local", password: "again") { user { id } } }', {}, guesser);
  await run('Refresh', { token: 'made up' }, guesser);
  await ask('{ users { nodes { id } } }', {}, { ...admin, sub: 'user:low', name: 'low', grants: [] });
  const at = new Date().toISOString();
  const told = {
    at,
    actor: 'bob',
    sub: 'user:bob',
    target: null,
    origin,
    after: { code: 'FORBIDDEN', count: 5, lastAt: at },
  };
  const refusals = [{ ...told, action: 'router.removeDevice.refused' }];
  expect((await door(REFUSALS_PATH, { body: { refusals } })).status).toBe(204);
  const forged = await door(REFUSALS_PATH, { body: { refusals: [{ ...told, action: 'accounts.login' }] } });
  expect(forged.status).toBe(400);

  await stops.stop();
  const client = postgres(database.url);
  const rows = await client`
    select actor, sub, action, target, origin, after from accounts.audit_outbox
    where action like '%.refused' and origin like '192.0.2.%' and after ? 'count' order by origin, action, after ->> 'code'`;
  await client.end();
  const key = { actor: `lost (key ${id} of ${FIRST_ADMIN_EMAIL})`, sub: `key:${id}` };
  expect(rows).toMatchObject([
    { ...key, action: 'accounts.apiKey.refused', target: id, after: { code: 'REVOKED', count: 3 } },
    { actor: 'anonymous', action: 'accounts.apiKey.refused', target: null, after: { code: 'UNKNOWN', count: 1 } },
    { actor: 'bob', action: 'router.removeDevice.refused', after: { count: 5 } },
    { action: 'accounts.login.refused', target: FIRST_ADMIN_EMAIL, after: { code: 'TOO_MANY_ATTEMPTS' } },
    { action: 'accounts.refreshSession.refused', target: null, after: { code: 'REFRESH_INVALID', count: 1 } },
  ]);
  expect(rows[3]?.after.count).toBeGreaterThan(1);
  expect(JSON.stringify(rows)).not.toMatch(/guess|again|made_up|made up|whk_/);
});
