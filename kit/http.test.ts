import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { BodyTooLargeError, type HttpDoor, type HttpDoorOptions, openHttpDoor, readBody, sendJson } from './http.ts';

const opened: HttpDoor[] = [];
const errors: unknown[] = [];

async function open(options: Partial<HttpDoorOptions> = {}): Promise<HttpDoor> {
  const onError = (err: unknown): void => void errors.push(err);
  const metrics = new Registry();
  const door = await openHttpDoor({
    host: '127.0.0.1',
    port: 0,
    routes: {},
    unready: () => null,
    metrics,
    onError,
    ...options,
  });
  opened.push(door);
  return door;
}

/** fetch does not let its caller choose Host. */
function get(
  door: HttpDoor,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
  const request = httpRequest(new URL(path, door.url), { headers, agent: false }, (response: IncomingMessage) => {
    let body = '';
    response.on('data', (chunk: Buffer) => {
      body += chunk;
    });
    response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
  });
  request.on('error', reject).end();
  return promise;
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((door) => door.close()));
  errors.length = 0;
});

describe('a door on loopback', () => {
  it.each([
    ['localhost', undefined],
    ['LOCALHOST:4000', undefined],
    ['127.0.0.1:4000', 'http://localhost:5173'],
    ['127.0.0.2', 'https://127.0.0.1'],
    ['[::1]:4000', 'http://[::1]:4000'],
  ])('answers to Host %s and Origin %s', async (host, origin) => {
    const { status } = await get(await open(), '/health/live', { host, ...(origin !== undefined && { origin }) });
    expect(status).toBe(200);
  });

  it.each([
    ['evil.example', undefined],
    ['evil.example:4000', 'http://evil.example:4000'],
    ['127.0.0.1.evil.example', undefined],
    ['localhost.evil.example', undefined],
    ['localhost', 'http://evil.example'],
    ['localhost', 'http://localhost.evil.example'],
    ['localhost', 'null'],
    ['localhost', 'file://'],
    ['localhost', ''],
  ])('refuses Host %s and Origin %s', async (host, origin) => {
    const { status, body } = await get(await open(), '/health/live', { host, ...(origin !== undefined && { origin }) });
    expect(status).toBe(403);
    expect(JSON.parse(body)).toEqual({ error: 'this door answers only to pages and names of this machine' });
  });

  it('refuses foreign names on ::1 too', async () => {
    const door = await open({ host: '::1' });
    expect((await get(door, '/health/live', { host: 'evil.example' })).status).toBe(403);
    expect((await get(door, '/health/live')).status).toBe(200);
  });
});

describe('a door', () => {
  it('is live, and ready unless there is a reason', async () => {
    let reason: string | null = null;
    const door = await open({ unready: () => reason });
    expect(await get(door, '/health/live')).toEqual({ status: 200, body: '{"status":"live"}' });
    expect(await get(door, '/health/ready')).toEqual({ status: 200, body: '{"status":"ready"}' });
    reason = 'the database is away';
    expect(await get(door, '/health/ready')).toEqual({
      status: 503,
      body: '{"status":"unready","reason":"the database is away"}',
    });
    expect((await get(door, '/health/live')).status).toBe(200);
  });

  it('is unready when it can not be told within three seconds', async () => {
    const door = await open({ unready: () => new Promise<null>(() => {}) });
    const { status, body } = await get(door, '/health/ready');
    expect([status, JSON.parse(body).reason]).toEqual([503, 'it could not be told within 3 s']);
  });

  it('shows its metrics', async () => {
    const metrics = new Registry();
    metrics.setDefaultLabels({ a: 'b' });
    expect(await get(await open({ metrics }), '/metrics')).toMatchObject({ status: 200 });
  });

  it.each(['/', '/nothing', '/health', '/toString', '/__proto__'])('has nothing at %s', async (path) => {
    expect(await get(await open(), path)).toEqual({ status: 404, body: `{"error":"nothing is served at ${path}"}` });
  });

  it('serves a path whatever its query', async () => {
    const door = await open({ routes: { '/here': (_request, response) => sendJson(response, 200, 'ü') } });
    expect(await get(door, '/here?a=b')).toEqual({ status: 200, body: '"ü"' });
  });

  it('answers 500 without details when a handler throws, and reports the error', async () => {
    const failing = (): never => {
      throw new Error('password is hush');
    };
    const door = await open({ routes: { '/sync': failing, '/async': async () => failing() } });
    for (const path of ['/sync', '/async']) {
      expect(await get(door, path)).toEqual({ status: 500, body: '{"error":"internal error"}' });
    }
    expect(errors).toHaveLength(2);
  });

  it('cuts an answer off that fails in the middle', async () => {
    const door = await open({
      routes: {
        '/half': (_request, response) => {
          response.writeHead(200, { 'content-length': '100' }).write('half');
          throw new Error('gone');
        },
      },
    });
    await expect(fetch(new URL('/half', door.url)).then((response) => response.text())).rejects.toThrow();
    expect((await get(door, '/health/live')).status).toBe(200);
  });

  it('says that a port is taken', async () => {
    const { port } = new URL((await open()).url);
    await expect(open({ port: Number(port) })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe('a request body', () => {
  const LIMIT = 1_000;
  const withBody = () =>
    open({
      routes: {
        '/body': async (request, response) => {
          try {
            sendJson(response, 200, { text: await readBody(request, LIMIT) });
          } catch (err) {
            if (!(err instanceof BodyTooLargeError)) throw err;
            sendJson(response, 413, { error: err.message });
          }
        },
      },
    });
  const post = async (door: HttpDoor, body: string) => {
    const response = await fetch(new URL('/body', door.url), { method: 'POST', body });
    return { status: response.status, body: await response.json() };
  };

  it('is read up to its limit, as UTF-8 also across chunks', async () => {
    const door = await withBody();
    const text = 'ü'.repeat(LIMIT / 2);
    expect(await post(door, text)).toEqual({ status: 200, body: { text } });
  });

  it.each([LIMIT + 1, 20_000_000])('of %s bytes is too large, and its sender is told the limit', async (length) => {
    const door = await withBody();
    const body = { error: 'The request body is larger than 1000 bytes' };
    expect(await post(door, 'x'.repeat(length))).toEqual({ status: 413, body });
    expect(await post(door, 'x')).toEqual({ status: 200, body: { text: 'x' } });
    expect(errors).toEqual([]);
  });
});

describe('a door that closes', () => {
  /** Longer than any test takes: what waits for it fails. */
  const FOR_EVER_MS = 600_000;

  it('does not wait for a connection over which nothing was ever asked', async () => {
    const door = await open();
    const silent = connect(Number(new URL(door.url).port), '127.0.0.1');
    await once(door.server, 'connection');
    const gone = once(silent, 'close');
    await door.close(FOR_EVER_MS);
    await gone;
  });

  it('lets a request come to its end, and then does not wait for its connection, which is kept alive', async () => {
    const asked = Promise.withResolvers<() => void>();
    const door = await open({
      routes: { '/slow': (_, response) => asked.resolve(() => sendJson(response, 200, { slow: true })) },
    });
    door.server.keepAliveTimeout = FOR_EVER_MS;
    const agent = new Agent({ keepAlive: true });
    const request = httpRequest(new URL('/slow', door.url), { agent }).end();
    const answered = once(request, 'response');
    const answer = await asked.promise;
    const closed = door.close(FOR_EVER_MS);
    answer();
    const [response] = (await answered) as [IncomingMessage];
    expect(response.statusCode).toBe(200);
    response.resume();
    await closed;
    agent.destroy();
  });
});
