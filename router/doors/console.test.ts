import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRouterConfig } from '../config.ts';
import { openBrowser, type Seen } from '../testing/browser.ts';
import { anEstate } from '../testing/estate.ts';
import { startTestRouter, type TestRouter, until } from '../testing/router.ts';
import { openConsole } from './console.ts';

const PAGE = '<!doctype html><title>the console</title>';
const SCRIPT = 'console.log("the console")';
const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const FOREVER = 'public, max-age=31536000, immutable';

let around: string;
let folder: string;
let router: TestRouter;
beforeAll(async () => {
  around = await mkdtemp(join(tmpdir(), 'console-'));
  // Hidden names above it are nobody's business.
  folder = join(around, '.built', 'dist');
  await mkdir(join(folder, 'assets'), { recursive: true });
  await writeFile(join(around, '.built', 'secret.txt'), 'a secret');
  await writeFile(join(folder, 'index.html'), PAGE);
  await writeFile(join(folder, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  await writeFile(join(folder, '.env'), 'a secret');
  await writeFile(join(folder, 'assets', 'index-B8fd_x1.js'), SCRIPT);
  await writeFile(join(folder, 'assets', 'index-B8fd_x1.js.gz'), gzipSync(SCRIPT));
  await writeFile(join(folder, 'assets', 'index-B8fd_x1.js.br'), 'brotli');
  await writeFile(join(folder, 'assets', 'a font.woff2'), 'font');
  await writeFile(join(folder, 'assets', 'style.css'), 'body{}');
  router = await startTestRouter(anEstate().sources, {
    config: { consoleFolder: folder, doors: { ...readRouterConfig({}).doors, proxyHops: 1 } },
  });
});
afterAll(async () => {
  await router.close();
  await rm(around, { recursive: true });
});

const get = (path: string, headers: Record<string, string> = {}): Promise<Seen> =>
  openBrowser(router.url).ask('GET', path, { headers });

describe('the page of the console', () => {
  it.each([
    ['the root', '/', {}],
    ['an address of its own', '/devices/d1?tab=history', HTML],
    ['one that only looks like a door', '/graphql/explorer', HTML],
    ['one with a dot in it', '/sites/museum/hall.2', HTML],
  ])('is served at %s', async (_what, path, headers) => {
    const { status, body, headers: answered } = await get(path, headers);
    expect([status, body]).toEqual([200, PAGE]);
    expect(answered).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      etag: expect.any(String),
    });
  });

  it.each([
    ['a program', 'GET', '/devices/d1', { accept: '*/*' }, 404],
    ['a script that is not there any more', 'GET', '/assets/index-old.js', HTML, 404],
    ['who sends something', 'POST', '/devices', HTML, 404],
    ['health', 'GET', '/health/live', HTML, 200],
    ['a session', 'GET', '/session', HTML, 404],
  ])('is not for %s', async (_what, method, path, headers, status) => {
    const answer = await openBrowser(router.url).ask(method, path, { headers });
    expect([answer.status, answer.body.includes('<!doctype')]).toEqual([status, false]);
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
    expect(answer.headers['cache-control']).not.toBe(FOREVER);
  });

  it('runs its own scripts, and talks to the router alone', async () => {
    const { host } = new URL(router.url);
    const { headers } = await get('/');
    expect(String(headers['content-security-policy']).split('; ')).toEqual([
      "default-src 'self'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      `connect-src 'self' ws://${host} wss://${host}`,
      "font-src 'self'",
      "object-src 'none'",
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
    ]);
    const tls = await get('/', { 'x-forwarded-proto': 'https' });
    expect(tls.headers['content-security-policy']).toContain(`connect-src 'self' wss://${host};`);
  });

  it('comes again only when it has changed', async () => {
    const { etag = '' } = (await get('/')).headers;
    const kept = await get('/', { 'if-none-match': etag });
    expect([kept.status, kept.body, kept.headers['content-security-policy']]).toEqual([
      304,
      '',
      expect.stringContaining("script-src 'self'"),
    ]);
    const path = join(folder, 'index.html');
    await writeFile(path, `${PAGE}<p>newer`);
    expect((await get('/', { 'if-none-match': etag })).body).toBe(`${PAGE}<p>newer`);
    await writeFile(path, PAGE);
  });

  it('is asked after without being sent', async () => {
    const { status, body, headers } = await openBrowser(router.url).ask('HEAD', '/');
    expect([status, body, headers['content-length']]).toEqual([200, '', String(PAGE.length)]);
  });
});

describe('a file of the console', () => {
  const SCRIPT_PATH = '/assets/index-B8fd_x1.js';

  it.each([
    ['a script', SCRIPT_PATH, 'text/javascript; charset=utf-8', FOREVER],
    ['a style', '/assets/style.css', 'text/css; charset=utf-8', FOREVER],
    ['a font', '/assets/a%20font.woff2', 'font/woff2', FOREVER],
    ['a picture', '/favicon.svg', 'image/svg+xml', 'no-cache'],
  ])('is served as what it is: %s', async (_what, path, type, cache) => {
    const { status, headers } = await get(path);
    expect([status, headers['content-type'], headers['cache-control']]).toEqual([200, type, cache]);
    expect(headers['content-encoding']).toBeUndefined();
  });

  it.each([
    ['gzip, deflate, br', 'br'],
    ['gzip', 'gzip'],
    ['br;q=0, gzip;q=0.5', 'gzip'],
    ['identity', undefined],
  ])('comes as it was compressed, to who takes %s', async (accepted, encoding) => {
    const { headers } = await get(SCRIPT_PATH, { 'accept-encoding': accepted });
    expect(headers).toMatchObject({ 'content-type': 'text/javascript; charset=utf-8', vary: 'accept-encoding' });
    expect(headers['content-encoding']).toBe(encoding);
  });

  it('that was compressed is whole', async () => {
    const response = await fetch(new URL(SCRIPT_PATH, router.url), { headers: { 'accept-encoding': 'gzip' } });
    expect(await response.text()).toBe(SCRIPT);
  });

  it.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/assets/%2e%2e%2f%2e%2e%2fsecret.txt',
    '/..%5csecret.txt',
    '//secret.txt',
    '/.env',
    '/%2eenv',
    '/assets',
    '/index.html%00',
    '/%',
  ])('is none outside its folder, nor hidden: %s', async (path) => {
    // Written by hand, since clients tidy paths up.
    const { hostname, port, host } = new URL(router.url);
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.on('data', (data) => {
      answer += data;
    });
    socket.write(`GET ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);
    await until('the answer', () => socket.readableEnded || socket.closed);
    expect(answer).toMatch(/^HTTP\/1.1 404 /);
    expect(answer).not.toContain('a secret');
  });
});

it('may frame GraphiQL, which has a policy of its own: it lets styles stand in the page, and no script', async () => {
  const explorer = await get('/explorer', HTML);
  expect([explorer.status, explorer.body]).toEqual([200, PAGE]);
  const policy = (await get('/graphql', HTML)).headers['content-security-policy'];
  expect(policy).toContain("script-src 'self';");
  expect(policy).toContain("frame-ancestors 'self'");
  expect(policy).not.toContain('eval');
});

it('a folder that was named and has no page stops the start', async () => {
  await expect(openConsole(join(around, 'nothing'), 0)).rejects.toThrow(
    /ROUTER_CONSOLE_DIR: there is no index.html in .*nothing/,
  );
});
