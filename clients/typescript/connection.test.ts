import { startPeer } from '@wheelhouse/router/testing/peer.ts';
import { until } from '@wheelhouse/router/testing/router.ts';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { range, useFixture, watch } from './testing/fixture.ts';

const fixture = useFixture();

describe.each(['websocket', 'sse'] as const)('over %s, a client', (transport) => {
  it('goes to the next address when one can not be reached, and back again', async () => {
    const [one, other] = [await fixture.server(), await fixture.server()];
    other.log.epoch = one.log.epoch;
    const [first, second] = [await fixture.proxy(one.url), await fixture.proxy(other.url)];
    const client = fixture.client({ urls: [first.url, second.url], transport });
    const { take } = watch(client, { after: 'a-0' });
    await until('a subscriber', () => one.log.listeners === 1);
    await first.close();
    await until('a subscriber of the other', () => other.log.listeners === 1);
    other.log.append(1);
    expect(await take(1)).toEqual([1]);
    const again = await fixture.server();
    await second.close();
    const third = fixture.client({ urls: [second.url, again.url], transport });
    const moved = watch(third, { after: 'a-0' });
    await until('a subscriber of the third', () => again.log.listeners === 1);
    again.log.append(1);
    expect(await moved.take(1)).toEqual([1]);
  });

  it('goes to the next address when a proxy says that there is nobody behind it', async () => {
    const [one, other] = [await fixture.server(), await fixture.server()];
    one.answer = { status: 503 };
    watch(fixture.client({ urls: [one.url, other.url], transport }));
    await until('a subscriber of the other', () => other.log.listeners === 1);
  });

  it('asks for its token on every connect', async () => {
    const server = await fixture.server();
    let token = 0;
    const headers = () => {
      token += 1;
      return Promise.resolve({ authorization: `Bearer ${token}` });
    };
    const { take } = watch(fixture.client({ url: server.url, transport, headers }), { after: 'a-0' });
    server.log.append(1);
    await take(1);
    server.closeSockets(1001);
    server.endResponses();
    server.log.append(1);
    await take(1);
    const sent = server.connects.map(({ headers, params }) => headers.authorization ?? params?.authorization);
    expect(sent).toEqual(['Bearer 1', 'Bearer 2']);
  });

  it('tries again when its token can not be had', async () => {
    const { url, log } = await fixture.server();
    let tries = 0;
    const headers = async () => {
      tries += 1;
      if (tries < 3) throw new Error('the token service is away');
      return {};
    };
    const { stream, states } = watch(fixture.client({ url, transport, headers }));
    await until('a subscriber', () => log.listeners === 1);
    expect(states.filter(({ reason }) => reason?.includes('the token service is away'))).toHaveLength(2);
    await stream.return?.();
  });
});

describe('a websocket', () => {
  it('that the server closes with 1000 is resumed from the last event, not from where it began', async () => {
    const { url, log, closeSockets } = await fixture.server();
    const { take } = watch(fixture.client({ url }), { after: 'a-0' });
    log.append(3);
    expect(await take(3)).toEqual([1, 2, 3]);
    closeSockets(1000);
    log.append(1);
    expect(await take(1)).toEqual([4]);
    expect(log.asked).toEqual(['a-0', 'a-3']);
  });

  it('that closes late, after it was given up, does no harm to the next one', async () => {
    const { url, log } = await fixture.server();
    class Late extends WebSocket {
      override close(code?: number, reason?: string): void {
        setTimeout(() => super.close(code, reason), 4);
      }
    }
    const all = range(1, 20).map(() => {
      let tries = 0;
      const connectionParams = async () => {
        tries += 1;
        if (tries === 1) throw new Error('the token service is away');
        return {};
      };
      return watch(fixture.client({ url, connectionParams, webSocketImpl: Late }), { after: 'a-0' });
    });
    log.append(1);
    expect(await Promise.all(all.map(({ take }) => take(1)))).toEqual(all.map(() => [1]));
    expect(all.map(({ states }) => states.map(({ attempt }) => attempt))).toEqual(all.map(() => [0, 1, 0]));
  });

  it('that is not admitted ends the stream', async () => {
    const server = await fixture.server();
    server.admits = false;
    const { stream } = watch(fixture.client({ url: server.url }));
    await expect(stream.next()).rejects.toMatchObject({ name: 'RefusedError', code: 'FORBIDDEN' });
  });

  it('is shared by all that a client follows, and closed after the last', async () => {
    const { url, log, connects } = await fixture.server();
    const client = fixture.client({ url });
    const all = [1, 2, 3].map(() => watch(client, { after: 'a-0' }));
    log.append(1);
    expect(await Promise.all(all.map(({ take }) => take(1)))).toEqual([[1], [1], [1]]);
    expect(connects).toHaveLength(1);
    await all[0]?.stream.return?.();
    await until('two subscribers', () => log.listeners === 2);
    log.append(1);
    expect(await all[1]?.take(1)).toEqual([2]);
  });

  it("may be Node's own", async () => {
    const { url, log } = await fixture.server();
    const { take } = watch(fixture.client({ url, webSocketImpl: globalThis.WebSocket }), { after: 'a-0' });
    log.append(2);
    expect(await take(2)).toEqual([1, 2]);
  });
});

describe('over SSE', () => {
  it('a stream that ends in order without "complete" is resumed', async () => {
    const { url, log, endResponses } = await fixture.server();
    const { take } = watch(fixture.client({ url, transport: 'sse' }), { after: 'a-0' });
    log.append(1);
    expect(await take(1)).toEqual([1]);
    endResponses();
    log.append(1);
    expect(await take(1)).toEqual([2]);
  });

  it('a stream that ends in one piece with its events is resumed', async () => {
    const fetchImpl = async (_url: unknown, init?: RequestInit) => {
      const first = Number(JSON.parse(String(init?.body)).variables.after.slice(2)) + 1;
      const events = range(first, first + 9).map((value) => {
        const data = JSON.stringify({ data: { changed: { cursor: `a-${value}`, value } } });
        return `event: next\ndata: ${data}\n\n`;
      });
      return new Response(events.join(''), { headers: { 'content-type': 'text/event-stream' } });
    };
    const { take } = watch(fixture.client({ url: 'http://a/graphql', transport: 'sse', fetchImpl }), { after: 'a-0' });
    expect(await take(50)).toEqual(range(1, 50));
  });

  it('an event is handed out although the next one has come by half', async () => {
    const text = 'event: next\ndata: {"data":{"changed":{"cursor":"a-1","value":1}}}\n\nevent: next\nda';
    const { url, close } = await startPeer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(text);
    });
    const { take, stream } = watch(fixture.client({ url, transport: 'sse' }), { after: 'a-0' });
    expect(await take(1)).toEqual([1]);
    await stream.return?.();
    await close();
  });

  it.each([
    [{ status: 401 }, 'UNAUTHENTICATED'],
    [{ status: 404 }, 'HTTP_STATUS'],
    [{ status: 200, body: '{"data":{}}', type: 'application/json' }, 'HTTP_STATUS'],
    [
      { status: 400, body: '{"errors":[{"message":"no","extensions":{"code":"SUBSCRIPTION_OVER_HTTP"}}]}' },
      'SUBSCRIPTION_OVER_HTTP',
    ],
  ])('an answer that is no stream ends it: %j', async (answer, code) => {
    const server = await fixture.server();
    server.answer = answer;
    const { stream } = watch(fixture.client({ url: server.url, transport: 'sse' }));
    await expect(stream.next()).rejects.toMatchObject({ name: 'RefusedError', code });
  });

  it('a connection that only keeps itself alive by comments is not taken for dead', async () => {
    const { url, close } = await startPeer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const timer = setInterval(() => response.write(':\n\n'), 20);
      response.on('close', () => clearInterval(timer));
    });
    const liveness = { silenceTimeoutMs: 500, confirmAfterMs: 800 };
    const { stream, states } = watch(fixture.client({ url, transport: 'sse', liveness }));
    await until('live', () => stream.state.phase === 'live');
    expect(states.map(({ attempt }) => attempt)).toEqual([0, 0]);
    await stream.return?.();
    await close();
  });
});

describe('a query', () => {
  it('has data, and errors where fields are missing', async () => {
    const { url } = await fixture.server();
    const { query } = fixture.client({ url });
    expect(await query('{ logCursor }')).toEqual({ data: { logCursor: 'a-0' }, errors: [] });
    expect(await query('{ logCursor broken }')).toMatchObject({
      data: { logCursor: 'a-0', broken: null },
      errors: [{ message: 'broken', path: ['broken'] }],
    });
  });

  it('may be a typed document', async () => {
    /** As code generation makes it with documentMode "string". */
    class TypedDocumentString<Data, Variables> extends String {
      declare readonly __apiType?: (variables: Variables) => Data;
    }
    const document = new TypedDocumentString<{ logCursor: string }, Record<string, never>>('{ logCursor }');
    const { url } = await fixture.server();
    const { data } = await fixture.client({ url }).query(document, {});
    const cursor: string = data.logCursor;
    expect(cursor).toBe('a-0');
  });

  it('throws what the server says when there is no data', async () => {
    const { url } = await fixture.server();
    const answer = fixture.client({ url }).query('{ nothing }');
    await expect(answer).rejects.toMatchObject({ name: 'RefusedError', errors: [{ message: expect.any(String) }] });
  });

  it('throws TransportError where no answer is had, and the next one asks the next address', async () => {
    const [one, other] = [await fixture.server(), await fixture.server()];
    const { query } = fixture.client({ urls: [one.url, other.url] });
    one.answer = { status: 503, body: 'nobody here' };
    await expect(query('{ logCursor }')).rejects.toMatchObject({ name: 'TransportError', status: 503 });
    expect(await query('{ logCursor }')).toMatchObject({ data: { logCursor: 'a-0' } });
    other.answer = { status: 200, body: '{}' };
    await expect(query('{ logCursor }')).rejects.toMatchObject({ name: 'TransportError', status: 200 });
    other.answer = null;
    await other.close();
    await expect(query('{ logCursor }')).rejects.toMatchObject({ name: 'TransportError', status: null });
  });

  it('does not wait longer than it may', async () => {
    const server = await fixture.server();
    const proxy = await fixture.proxy(server.url);
    proxy.isSilent = true;
    const answer = fixture.client({ url: proxy.url, queryTimeoutMs: 50 }).query('{ logCursor }');
    await expect(answer).rejects.toMatchObject({ name: 'TransportError', cause: { name: 'TimeoutError' } });
  });
});
