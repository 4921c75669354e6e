import { until } from '@wheelhouse/router/testing/router.ts';
import { describe, expect, it } from 'vitest';
import type { FollowState } from './follow-options.ts';
import { useFixture, watch } from './testing/fixture.ts';
import { fault } from './testing/log.ts';

const fixture = useFixture();
const phases = (states: readonly FollowState[]): string[] => states.map(({ phase }) => phase);

describe.each(['websocket', 'sse'] as const)('over %s, the state', (transport) => {
  it('is connecting, live without an event, reconnecting, live, ended', async () => {
    const server = await fixture.server();
    const proxy = await fixture.proxy(server.url);
    const { states, stream } = watch(fixture.client({ url: proxy.url, transport }), { after: 'a-0' });
    expect(stream.state.phase).toBe('connecting');
    await until('live', () => stream.state.phase === 'live');
    const liveSince = stream.state.since;
    proxy.cut();
    await until('reconnecting', () => stream.state.phase === 'reconnecting');
    expect(stream.state.since.getTime()).toBeGreaterThanOrEqual(liveSince.getTime());
    expect(stream.state.reason).toMatch(/closed \(1006\)|terminated/);
    await until('live again', () => stream.state.phase === 'live');
    expect(stream.state).toMatchObject({ attempt: 0, reason: null });
    await stream.return?.();
    expect(phases(states).filter((phase, index, all) => phase !== all[index - 1])).toEqual([
      'connecting',
      'live',
      'reconnecting',
      'live',
      'ended',
    ]);
  });

  it('stays connecting, with a reason, while nothing answers', async () => {
    const server = await fixture.server();
    await server.close();
    const { states, stream } = watch(fixture.client({ url: server.url, transport }));
    await until('three tries', () => stream.state.attempt >= 3);
    expect(new Set(phases(states))).toEqual(new Set(['connecting']));
    expect(stream.state.reason).not.toBe(null);
  });

  it('is not live before an event when the server is slow to confirm', async () => {
    const server = await fixture.server();
    const client = fixture.client({ url: server.url, transport, liveness: { confirmAfterMs: 20_000 } });
    const { stream, take } = watch(client, { after: 'a-0' });
    await until('a subscriber', () => server.log.listeners === 1);
    expect(stream.state.phase).toBe('connecting');
    server.log.append(1);
    await take(1);
    expect(stream.state.phase).toBe('live');
  });

  it('notices a connection that is dead without a word', async () => {
    const server = await fixture.server();
    const proxy = await fixture.proxy(server.url);
    const liveness = { confirmAfterMs: 10, pingIntervalMs: 40, pongTimeoutMs: 150, silenceTimeoutMs: 200 };
    const { stream, take } = watch(fixture.client({ url: proxy.url, transport, liveness }), { after: 'a-0' });
    await until('live', () => stream.state.phase === 'live');
    proxy.isSilent = true;
    server.log.append(1);
    await until('reconnecting', () => stream.state.phase === 'reconnecting');
    expect(stream.state.reason).toMatch(/4499: Terminated|nothing came for 200 ms/);
    proxy.isSilent = false;
    proxy.cut();
    expect(await take(1)).toEqual([1]);
  });

  it('notices a connection that is never made', async () => {
    const server = await fixture.server();
    const proxy = await fixture.proxy(server.url);
    proxy.isSilent = true;
    const liveness = { connectTimeoutMs: 50 };
    const { stream } = watch(fixture.client({ url: proxy.url, transport, liveness }));
    await until('a second try', () => stream.state.attempt >= 2);
    expect(stream.state.phase).toBe('connecting');
  });
});

describe('a gap', () => {
  it('is told when a stream without a cursor breaks after it was live', async () => {
    const { url, log, closeSockets } = await fixture.server();
    const { stream, gaps, states } = watch(fixture.client({ url }));
    await until('live', () => stream.state.phase === 'live');
    closeSockets(1001);
    await until('live again', () => phases(states).filter((phase) => phase === 'live').length === 2);
    expect(gaps).toMatchObject([{ reason: 'there is no cursor to go on from', after: null }]);
    expect(log.asked).toEqual([null, null]);
  });

  it('is not told where there is a cursor from the start', async () => {
    const { url, log, closeSockets } = await fixture.server();
    log.append(7);
    const { stream, gaps, take } = watch(fixture.client({ url }), { startCursor: async () => log.head });
    await until('live', () => stream.state.phase === 'live');
    expect(stream.cursor).toBe('a-7');
    closeSockets(1001);
    log.append(1);
    expect(await take(1)).toEqual([8]);
    expect(gaps).toEqual([]);
  });
});

describe('the cursor to begin with', () => {
  it('is asked for until it can be had', async () => {
    const server = await fixture.server();
    const client = fixture.client({ url: server.url });
    server.answer = { status: 503 };
    let tries = 0;
    const { stream, states } = watch(client, {
      startCursor: async () => {
        tries += 1;
        if (tries === 1) return null;
        if (tries === 4) server.answer = null;
        return (await client.query<{ logCursor: string }>('{ logCursor }')).data.logCursor;
      },
    });
    await until('live', () => stream.state.phase === 'live');
    expect(states.map(({ attempt }) => attempt)).toEqual([0, 1, 2, 3, 0]);
    expect(server.log.asked).toEqual(['a-0']);
  });

  it('is of no use any more when the stream was left meanwhile', async () => {
    const { url, log, connects } = await fixture.server();
    const cursor = Promise.withResolvers<string>();
    const { stream, states } = watch(fixture.client({ url }), { startCursor: () => cursor.promise });
    await until('connecting', () => states.length === 1);
    await stream.return?.();
    cursor.resolve('a-0');
    const other = watch(fixture.client({ url }), { after: 'a-0' });
    log.append(1);
    await other.take(1);
    expect(connects).toHaveLength(1);
    expect(states.map(({ phase }) => phase)).toEqual(['connecting', 'ended']);
  });

  it('ends the stream with what it throws that will not pass', async () => {
    const { url } = await fixture.server();
    const client = fixture.client({ url });
    const wrong = watch(client, {
      startCursor: async () => (await client.query('{ nothing }')).data.nothing as string,
    });
    await expect(wrong.stream.next()).rejects.toMatchObject({ name: 'RefusedError' });
    const broken = watch(client, { startCursor: () => Promise.reject(new Error('no idea')) });
    await expect(broken.stream.next()).rejects.toThrow('no idea');
  });
});

describe('what the application passes', () => {
  it.each(['onState', 'onGap'] as const)('ends the stream when its %s throws', async (listener) => {
    const { url, closeSockets } = await fixture.server();
    const failing = () => {
      throw new Error('a listener is broken');
    };
    const { stream } = watch(fixture.client({ url }), {
      onState: ({ phase }) => {
        if (phase === 'live') closeSockets(1001);
      },
      [listener]: failing,
    });
    await expect(stream.next()).rejects.toThrow('a listener is broken');
  });

  it('ends the stream, and leaves nothing behind, when onGap throws between two subscriptions', async () => {
    const { url, log } = await fixture.server();
    const { stream } = watch(fixture.client({ url }), {
      after: 'b-1',
      onCursorLost: async () => log.head,
      onGap: () => {
        throw new Error('a listener is broken');
      },
    });
    await expect(stream.next()).rejects.toThrow('a listener is broken');
    expect(log.asked).toEqual(['b-1']);
  });

  it('ends the stream when events have no cursor and nobody says where it is', async () => {
    const { url, log } = await fixture.server();
    const query = 'subscription ($after: String) { changed(after: $after) { value } }';
    const { stream } = watch(fixture.client({ url }), { query });
    await until('a subscriber', () => log.listeners === 1);
    log.append(1);
    await expect(stream.next()).rejects.toThrow('the subscription must select "cursor" in "changed"');
  });

  it('may have its cursor under other names', async () => {
    const { url, log } = await fixture.server();
    const query = 'subscription ($from: String) { changed(after: $from) { value at: cursor } }';
    const stream = fixture.client({ url }).follow<{ changed: { at: string } }>({
      query,
      after: 'a-0',
      cursorVariable: 'from',
      cursorOf: ({ changed }) => changed.at,
    });
    log.append(1);
    expect((await stream.next()).value).toEqual({
      data: { changed: { value: 1, at: 'a-1' } },
      errors: [],
      cursor: 'a-1',
    });
    log.end();
    log.append(1);
    expect((await stream.next()).value).toMatchObject({ cursor: 'a-2' });
    expect(log.asked).toEqual(['a-0', 'a-1']);
  });

  it('is refused where it makes no sense', async () => {
    expect(() => fixture.client({})).toThrow('url or urls must name at least one address');
    expect(() => fixture.client({ url: 'ws://localhost/graphql' })).toThrow('url must be an http or https address');
    const client = fixture.client({ url: 'http://127.0.0.1:1/graphql' });
    expect(() => watch(client, { bufferSize: 0 })).toThrow('bufferSize must be a whole number of at least 1, and is 0');
  });
});

describe('an event', () => {
  it('that lacks a field comes with its errors', async () => {
    const { url, log } = await fixture.server();
    const query = 'subscription ($after: String) { changed(after: $after) { cursor broken } }';
    const { stream } = watch(fixture.client({ url }), { query, after: 'a-0' });
    log.append(1);
    const { value } = await stream.next();
    expect(value).toMatchObject({ cursor: 'a-1', errors: [{ message: 'broken', path: ['changed', 'broken'] }] });
  });

  it('that could not be told at all is not passed over', async () => {
    const { url, log } = await fixture.server();
    const { stream, take } = watch(fixture.client({ url }), { after: 'a-0' });
    log.append(1);
    await take(1);
    log.faults.set(2, [fault('SUBGRAPH_TIMEOUT')]);
    log.append(2);
    expect(await take(2)).toEqual([2, 3]);
    expect(log.asked).toEqual(['a-0', 'a-1']);
    log.faults.set(4, [fault('ODD'), fault('ODD')]);
    log.append(1);
    await expect(stream.next()).rejects.toMatchObject({ name: 'RefusedError', code: 'ODD' });
  });
});
