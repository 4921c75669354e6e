import { ApolloServer } from '@apollo/server';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BODY_LIMIT_BYTES, graphqlHandler } from './graphql-http.ts';
import { type HttpDoor, openHttpDoor } from './http.ts';

type Context = { signal: AbortSignal; agent: string | undefined };

describe('GraphQL over HTTP', () => {
  let apollo: ApolloServer<Context>;
  let door: HttpDoor;
  let url: URL;
  const signals: AbortSignal[] = [];
  const errors: unknown[] = [];

  beforeAll(async () => {
    apollo = new ApolloServer<Context>({
      typeDefs: 'type Query { hello(name: String): String, agent: String, forever: String }',
      resolvers: {
        Query: {
          hello: (_parent: unknown, { name }: { name?: string }) => `hello ${name ?? 'you'}`,
          agent: (_parent: unknown, _args: unknown, { agent }: Context) => agent,
          forever: (_parent: unknown, _args: unknown, { signal }: Context) =>
            new Promise((resolve) => {
              signals.push(signal);
              signal.addEventListener('abort', () => resolve(null));
            }),
        },
      },
      stopOnTerminationSignals: false,
    });
    await apollo.start();
    const handler = graphqlHandler(apollo, (request, signal) => ({ signal, agent: request.headers['user-agent'] }));
    const routes = { '/graphql': handler };
    const onError = (err: unknown): void => void errors.push(err);
    door = await openHttpDoor({
      host: '127.0.0.1',
      port: 0,
      routes,
      unready: () => null,
      metrics: new Registry(),
      onError,
    });
    url = new URL('/graphql', door.url);
  });
  afterAll(async () => {
    await door.close();
    await apollo.stop();
  });

  const post = async (body: string, type = 'application/json') => {
    const response = await fetch(url, { method: 'POST', body, headers: { 'content-type': type, 'user-agent': 'me' } });
    return { status: response.status, body: await response.json() };
  };

  it.each([10, 100_000])('sends a text of %i characters of several bytes whole', async (length) => {
    const name = 'ü€'.repeat(length / 2);
    const { body } = await post(JSON.stringify({ query: '{ hello(name: "NAME") }'.replace('NAME', name) }));
    expect(body).toEqual({ data: { hello: `hello ${name}` } });
  });

  it('answers POST with variables, and the context knows the request', async () => {
    const query = 'query ($name: String) { hello(name: $name) agent }';
    expect(await post(JSON.stringify({ query, variables: { name: 'ü?&=' } }))).toMatchObject({
      status: 200,
      body: { data: { hello: 'hello ü?&=', agent: 'me' } },
    });
  });

  it('answers GET', async () => {
    const at = new URL(`?query=${encodeURIComponent('{ hello(name: "a?b") }')}`, url);
    const response = await fetch(at, { headers: { 'apollo-require-preflight': 'yes' } });
    expect(await response.json()).toEqual({ data: { hello: 'hello a?b' } });
  });

  it('answers GET of a plain web page with an error: no page may use it unasked', async () => {
    expect((await fetch(new URL('?query=%7Bhello%7D', url))).status).toBe(400);
  });

  it.each(['', '{', '{"query": ', 'hello'])('refuses the body %j as not JSON', async (body) => {
    expect(await post(body)).toEqual({
      status: 400,
      body: { errors: [{ message: 'The request body is not valid JSON', extensions: { code: 'BAD_REQUEST' } }] },
    });
  });

  it.each([
    ['JSON that is no operation', '[1]', 'application/json'],
    ['JSON null', 'null', 'application/json'],
    ['text of another type', '{ hello }', 'text/plain'],
    ['an operation of another graph', '{"query":"{ nothing }"}', 'application/json'],
  ])('refuses %s with status 400 and errors', async (_name, body, type) => {
    const answer = await post(body, type);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ errors: [{ message: expect.any(String) }] });
  });

  it('refuses a body that is too large, and says what the limit is', async () => {
    const message = `The request body is larger than ${BODY_LIMIT_BYTES} bytes`;
    expect(await post('x'.repeat(BODY_LIMIT_BYTES + 1))).toEqual({
      status: 413,
      body: { errors: [{ message, extensions: { code: 'BODY_TOO_LARGE' } }] },
    });
    expect((await post('{"query":"{ hello }"}')).status).toBe(200);
  });

  it('tells the resolvers when the caller has gone', async () => {
    const aborter = new AbortController();
    const body = '{"query":"{ forever }"}';
    const headers = { 'content-type': 'application/json' };
    const asked = fetch(url, { method: 'POST', body, headers, signal: aborter.signal });
    asked.catch(() => {});
    await expect.poll(() => signals.length).toBe(1);
    expect(signals[0]?.aborted).toBe(false);
    aborter.abort();
    await expect.poll(() => signals[0]?.aborted).toBe(true);
    expect(errors).toEqual([]);
  });
});
