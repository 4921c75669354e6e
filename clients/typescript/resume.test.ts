import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '@wheelhouse/router/testing/router.ts';
import { describe, expect, it } from 'vitest';
import type { ClientOptions } from './client.ts';
import { CursorLostError } from './errors.ts';
import { QUICK, randomOf, range, useFixture, watch } from './testing/fixture.ts';
import { fault } from './testing/log.ts';

const fixture = useFixture();

describe.each(['websocket', 'sse'] as const)('over %s, a followed subscription', (transport) => {
  async function start(options: Parameters<typeof watch>[1] = {}, liveness: ClientOptions['liveness'] = {}) {
    const server = await fixture.server();
    const proxy = await fixture.proxy(server.url);
    const client = fixture.client({ url: proxy.url, transport, liveness });
    const listening = () => until('a subscriber', () => server.log.listeners === 1);
    return { server, log: server.log, proxy, client, listening, ...watch(client, { after: 'a-0', ...options }) };
  }

  it.each(range(1, 10))(
    'hands out every event once and in order while connections are cut anywhere (seed %i)',
    async (seed) => {
      const random = randomOf(seed);
      const { log, proxy, take, stream } = await start();
      let cuts = 0;
      proxy.bytesUntilCut = () => {
        cuts += 1;
        return 400 + Math.floor(random() * 6_000);
      };
      const writer = (async () => {
        while (Number(log.head.slice(2)) < 400) {
          log.append(1 + Math.floor(random() * 5));
          if (random() < 0.03) proxy.cut();
          await sleep(random() * 3);
        }
      })();
      const values: number[] = [];
      while (values.length < 400) {
        values.push(...(await take(1)));
        if (random() < 0.02) await sleep(random() * 20);
      }
      await writer;
      expect(values).toEqual(range(1, 400));
      expect(stream.cursor).toBe('a-400');
      expect(cuts).toBeGreaterThan(3);
      expect(new Set(log.asked).size).toBeGreaterThan(3);
    },
  );

  it('resumes after the last event when the server ends it in order', async () => {
    const { log, take, listening } = await start();
    await listening();
    log.append(3);
    expect(await take(3)).toEqual([1, 2, 3]);
    log.end();
    log.append(2);
    expect(await take(2)).toEqual([4, 5]);
    expect(log.asked).toEqual(['a-0', 'a-3']);
  });

  it.each(['SLOW_CONSUMER', 'SUBSCRIPTION_LIFETIME_EXCEEDED', 'NEVER_HEARD_OF'])('resumes after %s', async (code) => {
    const { log, take, listening } = await start();
    await listening();
    log.append(1);
    expect(await take(1)).toEqual([1]);
    log.end(fault(code));
    log.append(1);
    expect(await take(1)).toEqual([2]);
    expect(log.asked).toEqual(['a-0', 'a-1']);
  });

  it('tries again, further and further apart, while it is refused for a reason that passes', async () => {
    // On a busy machine a ping may be answered before the refusal.
    const { log, take, states, listening } = await start({}, { confirmAfterMs: 20_000 });
    await listening();
    log.append(1);
    await take(1);
    log.refusals.push(...Array.from({ length: 4 }, () => fault('SUBGRAPH_UNAVAILABLE')));
    log.end();
    log.append(1);
    expect(await take(1)).toEqual([2]);
    const attempts = states.filter(({ phase }) => phase === 'reconnecting').map(({ attempt }) => attempt);
    expect(attempts).toEqual([0, 1, 2, 3, 4]);
    expect(new Set(states.filter(({ phase }) => phase === 'reconnecting').map(({ since }) => since)).size).toBe(1);
  });

  it('hands out what came before a refusal, then throws it', async () => {
    const { log, stream, states, listening } = await start();
    await listening();
    log.append(2);
    log.end(fault('FORBIDDEN', 'your right was taken away'));
    await until('the end', () => stream.state.phase === 'ended');
    const values: number[] = [];
    const reading = (async () => {
      for await (const { data } of stream) values.push(data.changed.value);
    })();
    await expect(reading).rejects.toMatchObject({
      name: 'RefusedError',
      code: 'FORBIDDEN',
      errors: [{ message: 'your right was taken away' }],
    });
    expect(values).toEqual([1, 2]);
    expect(states.at(-1)).toMatchObject({ phase: 'ended', reason: 'FORBIDDEN: your right was taken away' });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  it('ends with what the server says of a document that is wrong', async () => {
    const { stream, log } = await start({ query: 'subscription { nothing }' });
    await expect(stream.next()).rejects.toMatchObject({ errors: [{ message: expect.stringContaining('nothing') }] });
    expect(log.asked).toEqual([]);
  });

  it('ends with CursorLostError when the log does not know its cursor any more', async () => {
    const { log, stream, take, listening } = await start();
    await listening();
    log.append(2);
    expect(await take(2)).toEqual([1, 2]);
    log.epoch = 'b';
    log.end();
    const failure = await stream.next().catch((err: unknown) => err);
    expect(failure).toBeInstanceOf(CursorLostError);
    expect(failure).toMatchObject({ code: 'CURSOR_INVALID', cursor: 'a-2' });
  });

  it('goes on from a fresh cursor that the application gives, and tells the gap', async () => {
    const seen: number[] = [];
    const { log, take, gaps, listening } = await start({
      onCursorLost: async (lost) => {
        seen.push(log.asked.length);
        return lost.cursor === 'a-1' ? log.head : null;
      },
    });
    await listening();
    log.append(1);
    await take(1);
    log.end();
    log.append(9);
    log.oldest = 5;
    const next = take(1);
    await until('a new subscription', () => log.listeners === 1 && log.asked.length === 3);
    log.append(1);
    expect(await next).toEqual([11]);
    expect(log.asked).toEqual(['a-0', 'a-1', 'a-10']);
    expect(gaps).toMatchObject([{ after: 'a-1', reason: 'CURSOR_EXPIRED: after is older than the log' }]);
    expect(seen).toEqual([2]);
  });

  it('asks for a fresh cursor only when its reader is done with all that came before', async () => {
    const asked: (string | null)[] = [];
    const { log, take, stream, states, listening } = await start({
      onCursorLost: async () => {
        asked.push(stream.cursor);
        return log.head;
      },
    });
    await listening();
    log.append(2);
    log.end();
    log.oldest = 3;
    await until('the loss', () => states.at(-1)?.reason?.startsWith('CURSOR_EXPIRED') ?? false);
    log.append(1);
    // Longer than any pause before another try.
    await sleep(2 * QUICK.retry.maxMs);
    expect(asked).toEqual([]);
    expect(await take(2)).toEqual([1, 2]);
    const next = take(1);
    await until('a subscriber', () => log.listeners === 1);
    log.append(1);
    expect(await next).toEqual([4]);
    expect(asked).toEqual(['a-2']);
  });

  it('does not hand out the same event twice in a row', async () => {
    const { log, take, listening } = await start();
    await listening();
    log.append(2);
    expect(await take(2)).toEqual([1, 2]);
    // A server whose `after` includes the event itself.
    log.epoch = 'a';
    const { subscribe } = log;
    log.subscribe = (after) => subscribe.call(log, after === 'a-2' ? 'a-1' : after);
    log.end();
    log.append(1);
    expect(await take(1)).toEqual([3]);
    expect(log.asked).toEqual(['a-0', 'a-1']);
  });

  it('pauses when its reader is slow, keeps no more than it may, and then has all', async () => {
    const { log, states, stream, take } = await start({ bufferSize: 10 });
    log.append(100);
    await until('a pause', () => stream.state.reason?.startsWith('paused') ?? false);
    await until('no subscriber', () => log.listeners === 0);
    expect(log.asked).toEqual(['a-0']);
    expect(stream.state).toMatchObject({ phase: 'reconnecting', reason: 'paused: 10 events wait for their reader' });
    expect(await take(4)).toEqual([1, 2, 3, 4]);
    expect(log.asked).toEqual(['a-0']);
    expect(stream.cursor).toBe('a-4');
    expect(await take(96)).toEqual(range(5, 100));
    expect(log.asked.slice(0, 2)).toEqual(['a-0', 'a-10']);
    expect(states.filter(({ reason }) => reason?.startsWith('paused'))).toHaveLength(log.asked.length - 1);
    expect(states.filter(({ attempt }) => attempt > 0)).toEqual([]);
  });

  it('frees its subscription at once when it is left, with no further event', async () => {
    const { log, stream, states, listening } = await start();
    await listening();
    const waiting = stream.next();
    await stream.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    await until('no subscriber', () => log.listeners === 0);
    expect(states.at(-1)).toMatchObject({ phase: 'ended', reason: 'left by its reader' });
    expect(log.asked).toHaveLength(1);
  });

  it('ends when the client is closed', async () => {
    const { log, client, stream, listening } = await start();
    await listening();
    const waiting = stream.next();
    client.close();
    expect(await waiting).toEqual({ done: true, value: undefined });
    await until('no subscriber', () => log.listeners === 0);
    expect(() => watch(client)).toThrow('this client is closed');
  });
});
