import { get, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { readRouterConfig } from '../config.ts';
import { SERVICE_TOKEN, startAccounts } from '../testing/accounts.ts';
import { toldTo } from '../testing/guarded.ts';
import { startPeer } from '../testing/peer.ts';
import { startTestRouter, type TestRouter, until } from '../testing/router.ts';
import type { SubgraphSource } from '../testing/subgraph.ts';

const history: SubgraphSource = { name: 'history', typeDefs: 'type Query { one: Int }', resolvers: {} };
const PATH = '/export/history';

describe('the door for exports', () => {
  let peer: { url: string; close: () => Promise<void> };
  let router: TestRouter;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  let asked: IncomingMessage[] = [];

  beforeAll(async () => {
    peer = await startPeer((request, response) => {
      asked.push(request);
      answer(request, response);
    });
    router = await startTestRouter([history], { urls: { history: peer.url } });
  });
  beforeEach(() => {
    asked = [];
  });
  afterAll(async () => {
    await router.close();
    await peer.close();
  });

  const urlOf = (query = ''): URL => new URL(`${PATH}${query}`, router.url);
  const begin = (headers: Record<string, string> = {}): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => void get(urlOf(), { headers }, resolve).once('error', reject));

  it('hands the question to the subgraph, and its answer back as it is', async () => {
    answer = (_request, response) =>
      void response
        .writeHead(200, {
          ...{ 'content-type': 'text/csv', 'content-disposition': 'attachment; filename="x.csv"' },
          ...{ 'content-encoding': 'gzip', connection: 'keep-alive, x-hop', 'x-hop': 'mine' },
        })
        .end(gzipSync('a,b\r\n1,2\r\n'));
    const response = await fetch(urlOf('?from=2026-11-01T00%3A00%3A00Z&site=a%20b&site=c'), {
      headers: { accept: 'text/csv', authorization: 'Bearer x', 'x-request-id': 'r1', 'accept-encoding': 'gzip' },
    });
    expect(await response.text()).toBe('a,b\r\n1,2\r\n');
    expect(Object.fromEntries(response.headers)).toMatchObject({
      ...{ 'content-type': 'text/csv', 'content-disposition': 'attachment; filename="x.csv"' },
      'content-encoding': 'gzip',
    });
    expect(response.headers.has('x-hop')).toBe(false);
    expect(asked[0]?.url).toBe(`${PATH}?from=2026-11-01T00%3A00%3A00Z&site=a%20b&site=c`);
    expect(asked[0]?.headers).toMatchObject({
      ...{ accept: 'text/csv', authorization: 'Bearer x', 'x-request-id': 'r1', 'accept-encoding': 'gzip' },
      host: new URL(peer.url).host,
    });
  });

  it('keeps what belongs to one connection to itself', async () => {
    answer = (_request, response) => void response.end('done');
    const headers = { connection: 'close, x-mine', 'x-mine': '1', te: 'trailers', 'proxy-authorization': 'Basic x' };
    const response = await begin({ ...headers, origin: 'http://localhost:1', cookie: 'wheelhouse_access=a.b.c' });
    response.resume();
    for (const name of ['x-mine', 'te', 'proxy-authorization', 'origin', 'cookie'])
      expect(asked[0]?.headers).not.toHaveProperty(name);
  });

  it('hands a refusal back', async () => {
    answer = (_request, response) =>
      void response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"from must be given"}');
    const response = await fetch(urlOf());
    expect([response.status, await response.json()]).toEqual([400, { error: 'from must be given' }]);
  });

  it('takes GET only, from pages and names of this machine, and asks nobody otherwise', async () => {
    const posted = await fetch(urlOf(), { method: 'POST' });
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET']);
    expect((await begin({ origin: 'http://evil.example' })).statusCode).toBe(403);
    expect((await begin({ host: 'evil.example' })).statusCode).toBe(403);
    expect((await fetch(new URL('/export/other', router.url))).status).toBe(404);
    expect(asked).toEqual([]);
  });

  it('reads from the subgraph no faster than the client does, and ends it when the client leaves', async () => {
    let written = 0;
    let isClosed = false;
    answer = (_request, response) => {
      response.once('close', () => {
        isClosed = true;
      });
      const write = (): void => {
        while (!isClosed) {
          written += 65_536;
          if (!response.write(Buffer.alloc(65_536))) return void response.once('drain', write);
        }
      };
      write();
    };
    const response = await begin();
    let last = -1;
    await until('nothing more is written', () => {
      const stands = last === written;
      last = written;
      return stands && written > 0;
    });
    // What the sockets on the way hold, on loopback a few MB each; there is no end to what comes.
    expect(written).toBeLessThan(64 * 1024 * 1024);
    expect(isClosed).toBe(false);
    response.destroy();
    await until('the subgraph hears of it', () => isClosed);
  });

  it('breaks off where the subgraph does', async () => {
    answer = (_request, response) => {
      response.write('a,b\r\n');
      setImmediate(() => response.destroy());
    };
    const response = await begin();
    const read = async (): Promise<void> => {
      for await (const _ of response);
    };
    await expect(read()).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(response.complete).toBe(false);
  });

  it('answers 503 while the subgraph is away', async () => {
    answer = (_request, response) => void response.destroy();
    const response = await fetch(urlOf());
    expect([response.status, response.headers.get('retry-after'), await response.json()]).toEqual([
      503,
      '1',
      { error: 'history is away, try again' },
    ]);
  });

  it('ends the question of a client that leaves before the answer', async () => {
    let isClosed = false;
    answer = (_request, response) =>
      void response.once('close', () => {
        isClosed = true;
      });
    const leaving = request(urlOf());
    leaving.on('error', () => {});
    leaving.end();
    await until('it is asked', () => asked.length === 1);
    leaving.destroy();
    await until('the subgraph hears of it', () => isClosed);
  });
});

it('a supergraph without the subgraph has no door for its exports', async () => {
  const other = await startTestRouter([{ ...history, name: 'other' }]);
  const response = await fetch(new URL(PATH, other.url));
  expect([response.status, await response.json()]).toEqual([404, { error: `nothing is served at ${PATH}` }]);
  await other.close();
});

it('an export is cut when what it was asked with is taken away', async () => {
  const accounts = await startAccounts();
  const told: unknown[] = [];
  const peer = await startPeer(async (request, response) => {
    told.push((await toldTo('history', request.headers))?.sid);
    response.writeHead(200).write('a,b\r\n');
  });
  const router = await startTestRouter([accounts.source, history], {
    urls: { history: peer.url },
    config: readRouterConfig({ WHEELHOUSE_SERVICE_TOKEN: SERVICE_TOKEN }),
  });
  onTestFinished(async () => {
    await router.close();
    await peer.close();
  });
  const token = await accounts.issue({ sid: 'session:export' });
  const byHeader = await fetch(new URL(PATH, router.url), { headers: { authorization: `Bearer ${token}` } });
  // As a browser follows a link.
  const byCookie = await fetch(new URL(PATH, router.url), { headers: { cookie: `wheelhouse_access=${token}` } });
  expect([byHeader.status, byCookie.status, told]).toEqual([200, 200, ['session:export', 'session:export']]);
  accounts.take({ sid: 'session:export' });
  await expect(byHeader.text()).rejects.toThrow();
  await expect(byCookie.text()).rejects.toThrow();
});
