import { readFile } from 'node:fs/promises';
import { FIRST_ADMIN_EMAIL } from '@wheelhouse/accounts/first-admin.ts';
import { service as accounts } from '@wheelhouse/accounts/main.ts';
import { StopList } from '@wheelhouse/kit/lifecycle.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { readRouterConfig } from '@wheelhouse/router/config.ts';
import { startRouter } from '@wheelhouse/router/main.ts';
import { type Browser, openBrowser } from '@wheelhouse/router/testing/browser.ts';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createMigratedDatabase, type TestDatabase } from './database.ts';

const PASSWORD = 'correct horse battery';
const HOME = { 'x-forwarded-for': '198.51.100.7' };

const logger = createLogger({ name: 'test', level: 'silent' });
const stops = new StopList(logger);
let database: TestDatabase;
let url: string;
beforeAll(async () => {
  database = await createMigratedDatabase();
  const env = {
    ...{ DATABASE_URL: database.url, PORT: '0', WHEELHOUSE_SECRET_KEY: '5a'.repeat(32) },
    ...{ WHEELHOUSE_SERVICE_TOKEN: 'a token of all services', WHEELHOUSE_ADMIN_PASSWORD: PASSWORD },
  };
  const server = await accounts.startServer({ logger, stops, env, metrics: new Registry() });
  // Of all services of the graph there is this one.
  ({ url } = await startRouter({
    supergraphSdl: await readFile(new URL('../supergraph.graphql', import.meta.url), 'utf8'),
    ...{ subgraphUrls: { accounts: server.url }, host: '127.0.0.1', port: 0, logger, stops },
    config: readRouterConfig({ ...env, ROUTER_PROXY_HOPS: '1' }),
  }));
});
afterAll(async () => {
  await stops.stop();
  await database.drop();
});

const signIn = (browser: Browser, password = PASSWORD, headers: Record<string, string> = HOME) =>
  browser.ask('POST', '/session', { body: { email: FIRST_ADMIN_EMAIL, password }, headers });
const refresh = (browser: Browser) => browser.ask('POST', '/session/refresh', { body: {}, headers: HOME });
const ask = async (browser: Browser, query: string) =>
  (await browser.ask('POST', '/graphql', { body: { query }, headers: HOME })).json();
const REFUSED = { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] };

it('a browser signs in, is who it signed in as, refreshes, and signs out; the audit log has it all, and from where', async () => {
  const browser = openBrowser(url);
  expect((await signIn(browser)).status).toBe(200);
  expect(await ask(browser, '{ me { email } }')).toEqual({ data: { me: { email: FIRST_ADMIN_EMAIL } } });
  expect((await refresh(browser)).status).toBe(200);
  const log = '{ auditLog(filter: { action: "accounts.login" }) { nodes { action actor origin } } }';
  expect(await ask(browser, log)).toEqual({
    data: { auditLog: { nodes: [{ action: 'accounts.login', actor: FIRST_ADMIN_EMAIL, origin: '198.51.100.7' }] } },
  });
  const stolen = browser.cookie();
  expect((await browser.ask('DELETE', '/session', { headers: HOME })).status).toBe(204);
  const look = () => browser.ask('GET', '/session', { headers: { cookie: stolen } });
  await expect.poll(look).toMatchObject({ status: 401 });
  // It was over already.
  expect((await browser.ask('DELETE', '/session', { headers: { ...HOME, cookie: stolen } })).status).toBe(204);
});

it('of two tabs that refresh at once one gets new cookies, the other is told to go on with those, and both do', async () => {
  const browser = openBrowser(url);
  await signIn(browser);
  const old = browser.cookie();
  const answers = await Promise.all([refresh(browser), refresh(browser)]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  expect(answers.find(({ status }) => status === 409)?.json()).toMatchObject({ code: 'REFRESH_RACED' });
  // As the loser does after its wait.
  expect((await browser.ask('GET', '/session', { headers: HOME })).status).toBe(200);
  expect((await refresh(browser)).status).toBe(200);
  expect(await ask(browser, '{ me { email } }')).toMatchObject({ data: { me: {} } });

  // Who comes with what was used up before ends the session, in that browser too.
  const thief = openBrowser(url);
  const replayed = await thief.ask('POST', '/session/refresh', { headers: { cookie: old } });
  expect([replayed.status, replayed.json().code]).toEqual([401, 'REFRESH_INVALID']);
  await expect.poll(() => ask(browser, '{ me { email } }')).toMatchObject(REFUSED);
  const over = await refresh(browser);
  expect([over.status, over.json().code, browser.cookies.size]).toEqual([401, 'SESSION_ENDED', 0]);
});

it('who guesses has to wait, and the owner at another address does not', async () => {
  const browser = openBrowser(url);
  const guess = () => signIn(browser, 'wrong', { 'x-forwarded-for': '203.0.113.9' });
  for (let tries = 0; tries < 5; tries += 1) expect((await guess()).status).toBe(401);
  await expect.poll(guess).toMatchObject({ status: 429, headers: { 'retry-after': expect.stringMatching(/^[1-9]/) } });
  expect((await signIn(browser)).status).toBe(200);
});
