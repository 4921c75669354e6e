import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { readRouterConfig } from '../config.ts';
import { SERVICE_TOKEN, type TestAccounts } from '../testing/accounts.ts';
import { type Browser, openBrowser } from '../testing/browser.ts';
import { HALL, startGuardedRouter } from '../testing/guarded.ts';
import type { TestRouter } from '../testing/router.ts';

const GOOD = { email: 'ann@example.org', password: 'right' };
const TLS = { 'x-forwarded-proto': 'https' };

let accounts: TestAccounts;
let router: TestRouter;
let browser: Browser;
beforeAll(async () => {
  const { doors } = readRouterConfig({ WHEELHOUSE_SERVICE_TOKEN: SERVICE_TOKEN });
  ({ accounts, router } = await startGuardedRouter({ doors: { ...doors, proxyHops: 1 } }));
});
afterAll(() => router.close());
beforeEach(() => {
  browser = openBrowser(router.url);
  Object.assign(accounts.sessions, { refusal: null, claims: {}, grants: HALL });
  accounts.sessions.asked.length = 0;
});

const signIn = () => browser.ask('POST', '/session', { body: GOOD });
const fieldsAsked = (): string[] => accounts.sessions.asked.map(({ field }) => field);
const me = () => browser.ask('POST', '/graphql', { body: { query: '{ me }' } });

describe('a browser that signs in', () => {
  it('is told when its access token ends, and given both tokens where no script can read them', async () => {
    const { status, headers, json } = await signIn();
    expect([status, json()]).toEqual([200, { expiresAt: expect.stringMatching(/^\d{4}-.*Z$/) }]);
    const access = expect.stringMatching(
      /^wheelhouse_access=[\w.-]+; Max-Age=604800; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    const refresh = expect.stringMatching(
      /^wheelhouse_refresh=whr_[\w-]+; Max-Age=604800; Path=\/session; HttpOnly; SameSite=Strict$/,
    );
    expect(headers['set-cookie']).toEqual([access, refresh]);
    expect(headers['cache-control']).toBe('no-store');
  });

  it('over TLS, by the word of a trusted proxy, gets cookies for TLS alone', async () => {
    const origin = router.url.replace('http:', 'https:').replace('/graphql', '');
    const { headers } = await browser.ask('POST', '/session', { body: GOOD, headers: { ...TLS, origin } });
    expect(headers['set-cookie']).toEqual([
      expect.stringMatching(/^__Host-wheelhouse_access=.*; Path=\/;.* Secure;/),
      expect.stringMatching(/^__Secure-wheelhouse_refresh=.*; Path=\/session;.* Secure;/),
    ]);
    // They count there, and there alone.
    const asked = { body: { query: '{ me }' }, headers: { ...TLS, origin } };
    expect((await browser.ask('POST', '/graphql', asked)).json()).toEqual({ data: { me: 'somebody' } });
    expect((await me()).status).toBe(401);
  });

  it('asks accounts as nobody, from its own address', async () => {
    await browser.ask('POST', '/session', { body: GOOD, headers: { 'x-forwarded-for': '198.51.100.7' } });
    expect(accounts.sessions.asked).toMatchObject([
      { field: 'login', told: { sub: 'anonymous', origin: '198.51.100.7' } },
    ]);
  });

  it('has a token of many grants in as many cookies as it takes, and none of them is left over', async () => {
    const sites = Array.from({ length: 60 }, (_, hall) => ({ scopes: ['estate:read'], site: `museum/hall-${hall}/x` }));
    accounts.sessions.grants = sites;
    await signIn();
    expect([...browser.cookies.keys()]).toEqual(['wheelhouse_access', 'wheelhouse_access_1', 'wheelhouse_refresh']);
    for (const [, value] of browser.cookies) expect(value.length).toBeLessThan(4_000);
    expect((await me()).json()).toEqual({ data: { me: 'somebody' } });
    accounts.sessions.grants = HALL;
    expect((await browser.ask('POST', '/session/refresh', { body: {} })).status).toBe(200);
    expect([...browser.cookies.keys()]).toEqual(['wheelhouse_access', 'wheelhouse_refresh']);
    expect((await me()).json()).toEqual({ data: { me: 'somebody' } });
  });

  it.each<[what: string, body: unknown, refused: { status: number; code: string; field?: string }]>([
    ['a wrong password', { ...GOOD, password: 'no' }, { status: 401, code: 'INVALID_CREDENTIALS' }],
    ['no password', { email: 'a@b.c' }, { status: 400, code: 'BAD_REQUEST', field: 'password' }],
    ['a number for an e-mail', { ...GOOD, email: 1 }, { status: 400, code: 'BAD_REQUEST', field: 'email' }],
    ['nothing', undefined, { status: 400, code: 'BAD_REQUEST', field: 'email' }],
    ['a list', [], { status: 400, code: 'BAD_REQUEST' }],
    ['no JSON', '{', { status: 400, code: 'BAD_REQUEST' }],
    ['too much', { ...GOOD, more: 'x'.repeat(20_000) }, { status: 413, code: 'BAD_REQUEST' }],
  ])('with %s is refused, and given nothing', async (_what, body, { status, ...refused }) => {
    const answer = await browser.ask('POST', '/session', { body });
    expect([answer.status, answer.json()]).toEqual([status, { ...refused, message: expect.any(String) }]);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  it.each([
    ['INVALID', 'email', null, 400],
    ['ACCOUNT_DISABLED', null, null, 403],
    ['TOO_MANY_ATTEMPTS', null, 6.2, 429],
    ['BUSY', null, 1, 503],
  ])('is told what accounts refuses: %s', async (code, field, retryAfterSeconds, status) => {
    accounts.sessions.refusal = {
      ...{ code, message: 'no' },
      ...(field !== null && { field }),
      ...(retryAfterSeconds !== null && { retryAfterSeconds }),
    };
    const answer = await signIn();
    expect([answer.status, answer.json()]).toEqual([status, { code, message: 'no', ...(field !== null && { field }) }]);
    expect(answer.headers['retry-after']).toBe(
      retryAfterSeconds === null ? undefined : `${Math.ceil(retryAfterSeconds)}`,
    );
  });
});

describe('a browser that is signed in', () => {
  beforeEach(async () => {
    await signIn();
    accounts.sessions.asked.length = 0;
  });

  it('is told so, and until when', async () => {
    const { status, json } = await browser.ask('GET', '/session');
    expect([status, Date.parse(String(json().expiresAt)) > Date.now()]).toEqual([200, true]);
  });

  it('gets new tokens for its old ones, which are worth nothing from then on', async () => {
    const old = new Map(browser.cookies);
    const { status, json } = await browser.ask('POST', '/session/refresh', { body: {} });
    expect([status, json()]).toEqual([200, { expiresAt: expect.any(String) }]);
    expect(browser.cookies.get('wheelhouse_refresh')).not.toBe(old.get('wheelhouse_refresh'));
    // As a browser has it that sends no body.
    const bare = { headers: { 'content-type': undefined } };
    expect((await browser.ask('POST', '/session/refresh', bare)).status).toBe(200);
    browser.cookies.set('wheelhouse_refresh', old.get('wheelhouse_refresh') ?? '');
    const late = await browser.ask('POST', '/session/refresh');
    expect([late.status, late.json()]).toEqual([401, { code: 'SESSION_ENDED', message: 'it is over' }]);
    expect(browser.cookies.size).toBe(0);
  });

  it('and has lost a race of two tabs keeps its cookies, and is told to try again', async () => {
    const before = browser.cookie();
    accounts.sessions.refusal = { code: 'REFRESH_RACED', message: 'twice' };
    const { status, headers, json } = await browser.ask('POST', '/session/refresh');
    expect([status, json()]).toEqual([409, { code: 'REFRESH_RACED', message: 'twice' }]);
    expect(headers['set-cookie']).toBeUndefined();
    expect(browser.cookie()).toBe(before);
  });

  it('signs out: its session ends, and its cookies go', async () => {
    const { status, body } = await browser.ask('DELETE', '/session');
    expect([status, body, browser.cookies.size]).toEqual([204, '', 0]);
    expect(accounts.sessions.asked).toMatchObject([{ field: 'logout', told: { sub: 'user:1' } }]);
  });

  it('signs out when its access token has ended, by one that it is given for that', async () => {
    browser.cookies.delete('wheelhouse_access');
    expect((await browser.ask('DELETE', '/session')).status).toBe(204);
    expect([fieldsAsked(), browser.cookies.size]).toEqual([['refreshSession', 'logout'], 0]);
  });

  it('signs out when its session was over already', async () => {
    browser.cookies.delete('wheelhouse_access');
    accounts.sessions.refusal = { code: 'SESSION_ENDED', message: 'over' };
    expect((await browser.ask('DELETE', '/session')).status).toBe(204);
    expect(browser.cookies.size).toBe(0);
    expect((await browser.ask('DELETE', '/session')).status).toBe(204);
  });

  it('brings its cookies again where it would sign out while another tab refreshes', async () => {
    browser.cookies.delete('wheelhouse_access');
    accounts.sessions.refusal = { code: 'REFRESH_RACED', message: 'twice' };
    const { status, headers } = await browser.ask('DELETE', '/session');
    expect([status, headers['set-cookie']]).toEqual([409, undefined]);
  });
});

describe('a browser whose access token has ended', () => {
  it('is told so, and is not nobody', async () => {
    const seconds = Date.now() / 1_000;
    accounts.sessions.claims = { iat: seconds - 90, exp: seconds - 30 };
    await signIn();
    const answer = await browser.ask('GET', '/session');
    expect([answer.status, answer.json().code]).toEqual([401, 'TOKEN_EXPIRED']);
    expect((await me()).body).toContain('TOKEN_EXPIRED');
    accounts.sessions.claims = {};
    expect((await browser.ask('POST', '/session/refresh')).status).toBe(200);
    expect((await browser.ask('GET', '/session')).status).toBe(200);
  });
});

describe('a browser that never signed in', () => {
  it('is told so, whatever it wants of a session', async () => {
    const looked = await browser.ask('GET', '/session');
    expect([looked.status, looked.json().code]).toEqual([401, 'UNAUTHENTICATED']);
    const refreshed = await browser.ask('POST', '/session/refresh');
    expect([refreshed.status, refreshed.json().code]).toEqual([401, 'UNAUTHENTICATED']);
    expect((await browser.ask('DELETE', '/session')).status).toBe(204);
    expect(accounts.sessions.asked).toEqual([]);
  });

  it.each([
    ['text', { 'content-type': 'text/plain' }, {}, 415],
    ['something', {}, { more: 1 }, 400],
  ])('refreshes nothing with %s', async (_what, headers, body, status) => {
    expect((await browser.ask('POST', '/session/refresh', { body, headers })).status).toBe(status);
  });

  it.each([
    ['PUT', '/session', 'GET, HEAD, POST, DELETE'],
    ['GET', '/session/refresh', 'POST'],
  ])('may not %s %s', async (method, path, allow) => {
    const { status, headers } = await browser.ask(method, path);
    expect([status, headers.allow]).toEqual([405, allow]);
  });
});

describe('who asks for sessions too often', () => {
  it('has to wait, by the rates of the graph', async () => {
    const { doors, rates } = readRouterConfig({});
    const fields = [{ field: 'login', points: 1, seconds: 3_600 }];
    const strict = await startGuardedRouter({ doors, rates: { ...rates, fields } });
    onTestFinished(() => strict.router.close());
    const busy = openBrowser(strict.router.url);
    expect((await busy.ask('POST', '/session', { body: GOOD })).status).toBe(200);
    const { status, json, headers } = await busy.ask('POST', '/session', { body: GOOD });
    expect([status, json().code, Number(headers['retry-after']) > 0]).toEqual([429, 'RATE_LIMITED', true]);
    expect(await strict.router.metrics()).toMatch(/router_operations_total\{type="mutation",outcome="refused"\} 1/);
  });
});

it('while accounts is away nobody is refused, and everybody is told to come again', async () => {
  await signIn();
  const { close } = router.subgraphs.accounts ?? {};
  await close?.();
  for (const [method, path] of [
    ['POST', '/session'],
    ['POST', '/session/refresh'],
  ] as const) {
    const { status, headers, json } = await browser.ask(method, path, { body: path === '/session' ? GOOD : {} });
    expect([status, json().code, headers['retry-after']]).toEqual([503, 'ACCOUNTS_UNAVAILABLE', '1']);
    expect(browser.cookies.size).toBe(2);
  }
  // Who wants out is out of this browser all the same.
  expect((await browser.ask('DELETE', '/session')).status).toBe(503);
  expect(browser.cookies.size).toBe(0);
});
