import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { readRouterConfig } from '../config.ts';
import { SERVICE_TOKEN } from '../testing/accounts.ts';
import { type Browser, openBrowser } from '../testing/browser.ts';
import { openEventStream } from '../testing/event-stream.ts';
import { bearer, type GuardedRouter, HALL, startGuardedRouter, WRITER } from '../testing/guarded.ts';
import { begin, message, openRawWebSocket, type RawWebSocket } from '../testing/raw-websocket.ts';
import { type TestRouter, until } from '../testing/router.ts';
import { createCookieOf } from './own-page.ts';

/** A page that may use the router, and with cookies as far as CORS goes. */
const LISTED = 'https://wall.example';
/** On loopback the pages of all ports are let in. */
const NEIGHBOUR = 'http://127.0.0.1:1';
const GOOD = { email: 'ann@example.org', password: 'right' };

let guarded: GuardedRouter;
let router: TestRouter;
let browser: Browser;
beforeAll(async () => {
  const { doors } = readRouterConfig({});
  const open = { ...doors, origins: [LISTED], credentials: true };
  guarded = await startGuardedRouter({ ...readRouterConfig({ WHEELHOUSE_SERVICE_TOKEN: SERVICE_TOKEN }), doors: open });
  ({ router } = guarded);
});
afterAll(() => router.close());
beforeEach(async () => {
  browser = openBrowser(router.url);
  Object.assign(guarded.accounts.sessions, { claims: {}, grants: WRITER });
  await browser.ask('POST', '/session', { body: GOOD });
  guarded.listeners.length = 0;
});

const own = (): string => new URL(router.url).origin;
const codeIn = (body: string): unknown => /"code":"(\w+)"/.exec(body)?.[1];
const listening = () => until('a listener', () => guarded.listeners.length === 1);
const openSocket = async (headers: Record<string, string>): Promise<RawWebSocket> => {
  const raw = await openRawWebSocket(router.url, { cookie: browser.cookie(), ...headers });
  onTestFinished(() => void raw.socket.destroy());
  return raw;
};

describe('what a request says of its page', () => {
  const host = 'graph.example';
  const cookie = 'wheelhouse_access=a.b.c; __Host-wheelhouse_access=d.e.f';
  const asked = (headers: Record<string, string>, method = 'POST') => {
    const request = new IncomingMessage(new Socket());
    request.method = method;
    Object.assign(request.headers, { host, cookie, 'content-type': 'application/json', ...headers });
    return createCookieOf(1)(request, 'request');
  };
  const TLS = { 'x-forwarded-proto': 'https' };

  it.each<[what: string, headers: Record<string, string>, counts: string | undefined]>([
    ['a page of the host', { origin: 'http://graph.example' }, 'Bearer a.b.c'],
    ['a page of the host, over TLS', { origin: 'https://graph.example', ...TLS }, 'Bearer d.e.f'],
    ['a page without TLS that asks over TLS', { origin: 'http://graph.example', ...TLS }, undefined],
    ['a page of another port', { origin: 'http://graph.example:8080' }, undefined],
    ['a page of a host within', { origin: 'http://evil.graph.example' }, undefined],
    ['what is no origin', { origin: 'graph.example' }, undefined],
    ['the word of the browser', { 'sec-fetch-site': 'same-origin' }, 'Bearer a.b.c'],
    ['two words that differ', { origin: 'http://graph.example', 'sec-fetch-site': 'same-site' }, undefined],
    ['a page of the host, with a form', { origin: 'http://graph.example', 'content-type': 'text/plain' }, undefined],
  ])('%s', (_what, headers, counts) => {
    expect(asked(headers)).toBe(counts);
  });

  it('a link that is followed or typed needs say nothing', () => {
    const plain = { 'content-type': '' };
    expect(asked(plain, 'GET')).toBe('Bearer a.b.c');
    expect(asked({ ...plain, 'sec-fetch-site': 'none' }, 'GET')).toBe('Bearer a.b.c');
    expect(asked({ ...plain, 'sec-fetch-site': 'cross-site' }, 'GET')).toBeUndefined();
  });
});

describe('the cookie of a session', () => {
  const READ = { query: '{ read }' };
  const NEWS = { query: 'subscription { news }' };

  it('says who asks over HTTP, in a query and in a mutation, and answers are kept nowhere', async () => {
    const { headers, json } = await browser.ask('POST', '/graphql', { body: READ });
    expect([json(), headers['cache-control']]).toEqual([{ data: { read: 'read' } }, 'no-store']);
    const set = await browser.ask('POST', '/graphql', { body: { query: 'mutation { set }' } });
    expect(set.json()).toEqual({ data: { set: 'set' } });
    const got = await browser.ask('GET', `/graphql?${new URLSearchParams(READ)}`, {
      headers: { 'apollo-require-preflight': '1' },
    });
    expect(got.json()).toEqual({ data: { read: 'read' } });
    // It says so to the router, and to nobody behind it.
    for (const { headers: sent } of router.subgraphs.devices?.requests ?? []) expect(sent.cookie).toBeUndefined();
  });

  it('says who asks for server-sent events', async () => {
    const headers = { cookie: browser.cookie(), origin: own() };
    const stream = await openEventStream(router.url, { operation: NEWS, headers });
    onTestFinished(stream.leave);
    await listening();
    guarded.listeners[0]?.topic.publish({ news: 'one' });
    expect(await stream.take(1)).toEqual([{ data: { news: 'one' } }]);
  });

  it('says who asks over a websocket, which ends when the session does', async () => {
    const raw = await openSocket({ origin: own() });
    await begin(raw);
    raw.socket.write(message({ id: '1', type: 'subscribe', payload: NEWS }));
    await listening();
    await browser.ask('DELETE', '/session');
    const sid = guarded.accounts.sessions.asked.at(-1)?.told?.sid ?? '';
    guarded.accounts.take({ sid });
    const error = await until('the end', () => raw.messages.find(({ type }) => type === 'error') ?? null, 15_000);
    expect(JSON.stringify(error.payload)).toContain('UNAUTHENTICATED');
  });

  it('whose token has ended ends streams with TOKEN_EXPIRED, and the next one goes on', async () => {
    const seconds = Date.now() / 1_000;
    guarded.accounts.sessions.claims = { iat: seconds, exp: seconds + 4 };
    await browser.ask('POST', '/session/refresh');
    guarded.accounts.sessions.claims = {};
    const raw = await openSocket({ origin: own() });
    await begin(raw);
    raw.socket.write(message({ id: '1', type: 'subscribe', payload: NEWS }));
    const error = await until('the end', () => raw.messages.find(({ type }) => type === 'error') ?? null, 15_000);
    expect(JSON.stringify(error.payload)).toContain('TOKEN_EXPIRED');
    expect(await until('the close', raw.end, 15_000)).toBe(4403);
    expect((await browser.ask('POST', '/session/refresh')).status).toBe(200);
    const again = await openSocket({ origin: own() });
    await begin(again);
    again.socket.write(message({ id: '1', type: 'subscribe', payload: READ }));
    const answer = await until('the answer', () => again.messages.find(({ type }) => type === 'next') ?? null);
    expect(answer.payload).toEqual({ data: { read: 'read' } });
  });

  it('is passed over where a request says by a header who asks', async () => {
    const headers = bearer(await guarded.accounts.issue({ grants: HALL }));
    const body = { query: 'mutation { set }' };
    expect(codeIn((await browser.ask('POST', '/graphql', { body, headers })).body)).toBe('FORBIDDEN');
    const raw = await openSocket({ origin: own() });
    raw.socket.write(message({ type: 'connection_init', payload: { Authorization: 'Bearer nothing' } }));
    expect(await until('the close', raw.end)).toBe(4403);
  });

  it.each([
    ['an API key', () => guarded.accounts.makeKey(WRITER).secret],
    ['a word', () => 'word'],
  ])('is none where it has %s in it', async (_what, value) => {
    browser.cookies.set('wheelhouse_access', value());
    expect(codeIn((await browser.ask('POST', '/graphql', { body: READ })).body)).toBe('UNAUTHENTICATED');
  });

  it('that somebody made up is refused', async () => {
    browser.cookies.set('wheelhouse_access', 'a.b.c');
    const { status, body } = await browser.ask('POST', '/graphql', { body: { query: '{ open }' } });
    expect([status, codeIn(body)]).toEqual([401, 'UNAUTHENTICATED']);
  });
});

describe('a page of another site, to which a browser sent the cookies along,', () => {
  const FORM = 'application/x-www-form-urlencoded';
  const SET = { query: 'mutation { set }' };
  const setsSoFar = (): number =>
    (router.subgraphs.devices?.requests ?? []).filter(({ query }) => query.includes('set')).length;

  it.each<[what: string, headers: Record<string, string | undefined>, status: number]>([
    ['a form', { origin: 'https://evil.example', 'content-type': FORM, 'sec-fetch-site': 'cross-site' }, 403],
    ['a form without an origin', { origin: undefined, 'content-type': FORM, 'sec-fetch-site': 'cross-site' }, 400],
    ['a form of a page that hides where it is', { origin: 'null', 'content-type': FORM }, 403],
    ['a script', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, 403],
    ['a script on another port of this machine', { origin: NEIGHBOUR, 'sec-fetch-site': 'same-site' }, 401],
    ['a script of a page that may use the router', { origin: LISTED, 'sec-fetch-site': 'cross-site' }, 401],
    ['a script that sends text', { 'content-type': 'text/plain' }, 400],
    ['what does not say which page it is of', { origin: undefined, 'sec-fetch-site': undefined }, 401],
    ['what the browser says is of another site', { 'sec-fetch-site': 'cross-site' }, 401],
    ['what a person is said to have typed', { origin: undefined, 'sec-fetch-site': 'none' }, 401],
  ])('sets nothing by %s', async (_what, headers, status) => {
    const before = setsSoFar();
    const answer = await browser.ask('POST', '/graphql', { body: SET, headers });
    expect([answer.status, setsSoFar()]).toEqual([status, before]);
  });

  it.each([
    ['may not open a websocket', 'https://evil.example', 403],
    ['on another port opens one as nobody', NEIGHBOUR, 101],
    ['that may use the router opens one as nobody', LISTED, 101],
  ])('%s', async (_what, origin, status) => {
    const raw = await openSocket({ origin, 'sec-fetch-site': 'same-origin' });
    expect(raw.status()).toBe(status);
    if (status !== 101) return;
    await begin(raw);
    raw.socket.write(message({ id: '1', type: 'subscribe', payload: SET }));
    const answer = await until('the answer', () => raw.messages.find(({ id }) => id === '1') ?? null);
    expect(JSON.stringify(answer.payload)).toContain('UNAUTHENTICATED');
  });

  it('opens no websocket with it that says nothing of its page', async () => {
    const raw = await openSocket({});
    await begin(raw);
    raw.socket.write(message({ id: '1', type: 'subscribe', payload: { query: '{ read }' } }));
    const answer = await until('the answer', () => raw.messages.find(({ id }) => id === '1') ?? null);
    expect(JSON.stringify(answer.payload)).toContain('UNAUTHENTICATED');
  });

  it('streams as nobody, and reads as nobody', async () => {
    const headers = { cookie: browser.cookie(), origin: LISTED };
    const stream = await openEventStream(router.url, { operation: { query: '{ read }' }, headers });
    expect(JSON.stringify(await stream.take(1))).toContain('UNAUTHENTICATED');
    const search = new URLSearchParams({ query: '{ read }' });
    for (const site of ['cross-site', 'same-site']) {
      const got = await browser.ask('GET', `/graphql?${search}`, {
        headers: { 'sec-fetch-site': site, 'apollo-require-preflight': '1' },
      });
      expect(codeIn(got.body)).toBe('UNAUTHENTICATED');
    }
  });

  it.each([
    ['signs nobody in', 'POST', '/session', GOOD],
    ['refreshes no session', 'POST', '/session/refresh', {}],
    ['signs nobody out', 'DELETE', '/session', undefined],
  ])('%s', async (_what, method, path, body) => {
    guarded.accounts.sessions.asked.length = 0;
    const strange: Record<string, string | undefined>[] = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: NEIGHBOUR },
      { origin: LISTED },
      { 'sec-fetch-site': 'cross-site' },
      { origin: undefined, 'sec-fetch-site': undefined },
      { origin: undefined, 'sec-fetch-site': 'none' },
    ];
    for (const headers of strange) {
      const answer = await browser.ask(method, path, { body, headers });
      expect([answer.status, answer.headers['set-cookie']]).toEqual([403, undefined]);
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    }
    expect(guarded.accounts.sessions.asked).toEqual([]);
  });

  it('signs nobody in by a form that its own host serves', async () => {
    const headers = { 'content-type': FORM };
    expect((await browser.ask('POST', '/session', { body: 'email=a&password=b', headers })).status).toBe(415);
  });

  it('is not told whether somebody is signed in', async () => {
    const { status } = await browser.ask('GET', '/session', { headers: { 'sec-fetch-site': 'cross-site' } });
    expect(status).toBe(401);
  });
});
