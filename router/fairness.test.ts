import { type ClientRequest, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectClient } from './testing/client.ts';
import { openEventStream } from './testing/event-stream.ts';
import { startTestRouter, type TestRouter, until } from './testing/router.ts';

let router: TestRouter;
/** Lets the answers go that the service holds back. */
let release: (() => void)[] = [];

beforeAll(async () => {
  const held = (_: unknown, { name }: { name: string }): Promise<{ name: string }> => {
    const { promise, resolve } = Promise.withResolvers<{ name: string }>();
    release.push(() => resolve({ name }));
    return promise;
  };
  router = await startTestRouter(
    [
      {
        name: 'devices',
        typeDefs: 'type Query { held(name: String!): Thing! many: [Thing!]! one: Thing! } type Thing { name: String! }',
        resolvers: {
          Query: {
            held,
            one: () => ({ name: 'one' }),
            many: () => Array.from({ length: 100 }, (_, index) => ({ name: `${index} `.repeat(500) })),
          },
        },
      },
    ],
    { config: { maxCostUnderWay: 1 } },
  );
});
afterAll(() => router.close());

/** A POST from an address of its own, whose body may come in pieces. */
function post(localAddress: string, length: number): { sent: ClientRequest; answer: Promise<string> } {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const headers = { 'content-type': 'application/json', 'content-length': length };
  const sent = request(router.url, { method: 'POST', localAddress, headers }, (response) => resolve(text(response)));
  sent.once('error', reject);
  sent.flushHeaders();
  return { sent, answer: promise };
}
const ask = (localAddress: string, query: string): Promise<string> => {
  const body = JSON.stringify({ query });
  const { sent, answer } = post(localAddress, body.length);
  sent.end(body);
  return answer;
};

describe('operations of one caller', () => {
  it('wait for each other at all doors, and nobody else waits for them', async () => {
    const http = router.query('{ held(name: "a") { name } }');
    await until('the first one', () => release.length === 1);
    const client = connectClient(router.url);
    const websocket = client.start('{ held(name: "b") { name } }');
    await expect.poll(router.metrics).toMatch(/^router_operations_waiting 1$/m);
    const stream = await openEventStream(router.url, { operation: { query: '{ held(name: "c") { name } }' } });
    await expect.poll(router.metrics).toMatch(/^router_operations_waiting 2$/m);
    expect(await ask('127.0.0.2', '{ one { name } }')).toBe('{"data":{"one":{"name":"one"}}}\n');
    for (let ended = 0; ended < 3; ended += 1) {
      await until('the next one', () => release.length === ended + 1);
      release[ended]?.();
    }
    expect(await http).toMatchObject({ data: { held: { name: 'a' } } });
    expect(await websocket.take(1)).toMatchObject([{ data: { held: { name: 'b' } } }]);
    expect(await stream.take(1)).toMatchObject([{ data: { held: { name: 'c' } } }]);
    expect(await router.metrics()).toMatch(/^router_operations_waiting 0$/m);
    stream.leave();
    await client.close();
    release = [];
  });

  it('that wait and are given up cost the service nothing', async () => {
    const first = router.query('{ held(name: "a") { name } }');
    await until('the first one', () => release.length === 1);
    const given = new AbortController();
    const second = router.query('{ held(name: "b") { name } }', { signal: given.signal });
    await expect.poll(router.metrics).toMatch(/^router_operations_waiting 1$/m);
    given.abort();
    await expect(second).rejects.toThrow();
    await expect.poll(router.metrics).toMatch(/^router_operations_waiting 0$/m);
    release[0]?.();
    await first;
    expect(await router.query('{ one { name } }')).toMatchObject({ data: { one: { name: 'one' } } });
    expect(release).toHaveLength(1);
    release = [];
  });

  it('answer whole where their answers are long', async () => {
    const { data } = await router.query('{ many { name } }');
    expect((data as { many: unknown[] }).many).toHaveLength(100);
  });
});

it('large bodies of one caller are read one at a time, and nobody else waits for them', async () => {
  const body = JSON.stringify({ query: '{ one { name } }', variables: { x: 'x'.repeat(20_000) } });
  const slow = post('127.0.0.3', body.length);
  slow.sent.write(body.slice(0, 100));
  // It is in once a small one behind it was answered.
  await ask('127.0.0.3', '{ one { name } }');
  let isAnswered = false;
  const second = post('127.0.0.3', body.length);
  second.sent.end(body);
  void second.answer.then(() => {
    isAnswered = true;
  });
  const other = post('127.0.0.4', body.length);
  other.sent.end(body);
  expect(JSON.parse(await other.answer)).toEqual({ data: { one: { name: 'one' } } });
  await ask('127.0.0.3', '{ one { name } }');
  expect(isAnswered).toBe(false);
  slow.sent.end(body.slice(100));
  for (const { answer } of [slow, second]) {
    expect(JSON.parse(await answer)).toEqual({ data: { one: { name: 'one' } } });
  }
});

it('a large body that breaks off makes room for the next', async () => {
  const body = JSON.stringify({ query: '{ one { name } }', variables: { x: 'x'.repeat(20_000) } });
  const broken = post('127.0.0.5', body.length);
  broken.answer.catch(() => {});
  broken.sent.write(body.slice(0, 100));
  await ask('127.0.0.5', '{ one { name } }');
  broken.sent.destroy();
  const next = post('127.0.0.5', body.length);
  next.sent.end(body);
  expect(JSON.parse(await next.answer)).toEqual({ data: { one: { name: 'one' } } });
});
