import { createServer } from 'node:net';
import { sql } from 'drizzle-orm';
import { createClient } from 'graphql-ws';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createTestDatabase, type TestDatabase } from '../tests/database.ts';
import { type DatabaseHandle, openDatabase } from './database.ts';
import { callerError } from './errors.ts';
import { createIdentityReader, createIdentitySigner, IDENTITY_HEADER } from './identity.ts';
import { StopList } from './lifecycle.ts';
import { createLogger } from './logger.ts';
import { type AskedBy, startSubgraphServer } from './subgraph-server.ts';
import { identityHeaders, somebody } from './testing/identity.ts';

const SDL = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@requiresScopes"])
  type Query { fine: String, who: String, broken: String, mistaken: String, away: String, text(value: String!): String, items: [Item!] }
  type Item { number: Int, guarded: Int @requiresScopes(scopes: [["read"]]) }
  type Subscription { events: Event, refused: Event, failing: Event, unending: Event }
  type Event { number: Int, broken: String, away: String }
`;

const SERVICE_TOKEN = 'a token of all services';
const ann = somebody('ann', []);
const asAnn = () => identityHeaders({ serviceToken: SERVICE_TOKEN, service: 'one' }, ann);

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

type Answer = {
  data?: Record<string, unknown> | null;
  errors?: { message: string; extensions?: Record<string, unknown> }[];
};

const INTERNAL = { message: 'Internal error', extensions: { code: 'INTERNAL_SERVER_ERROR' } };
const AWAY = { message: 'The database is away, try again', extensions: { code: 'DATABASE_UNAVAILABLE' } };

describe('a subgraph server', () => {
  const lines: string[] = [];
  const logger = createLogger({
    name: 'test',
    level: 'info',
    destination: { write: (line: string) => void lines.push(line) },
  });
  const stops = new StopList(logger);
  let database: TestDatabase;
  let there: DatabaseHandle;
  let away: DatabaseHandle;
  let url: string;
  let returned = 0;
  /** How often a resolver was asked that strangers try to reach. */
  let asked = 0;

  const broken = (): never => {
    throw new Error('the password is hush');
  };
  const askAway = async (): Promise<string> => {
    await away.db.execute(sql`select 'hush'`);
    return 'there';
  };
  const events = (count: number) => {
    let sent = 0;
    return {
      next: (): Promise<IteratorResult<{ events: { number: number }; unending: { number: number } }>> => {
        if (sent === count)
          return count === 1 ? new Promise(() => {}) : Promise.resolve({ value: undefined, done: true });
        sent += 1;
        return Promise.resolve({ value: { events: { number: sent }, unending: { number: sent } }, done: false });
      },
      return: () => {
        returned += 1;
        return Promise.resolve({ value: undefined, done: true as const });
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  };

  beforeAll(async () => {
    database = await createTestDatabase();
    there = openDatabase(database.url);
    away = openDatabase(`postgres://user:hush@127.0.0.1:${await closedPort()}/none`);
    const mistaken = () => {
      throw callerError('BAD_USER_INPUT', 'first must be 1 to 1000, and is 0', 'first');
    };
    const server = await startSubgraphServer({
      sdl: SDL,
      resolvers: {
        Query: {
          fine: () => 'fine',
          items: () => [1, 2].map((number) => ({ number, guarded: number })),
          who: (_parent: unknown, _args: unknown, { identity }: AskedBy) => {
            asked += 1;
            return identity.name;
          },
          broken,
          mistaken,
          away: askAway,
          text: async (_parent: unknown, { value }: { value: string }) => {
            const [row] = await there.db.execute<{ text: string }>(sql`select ${value}::text as text`);
            return row?.text ?? null;
          },
        },
        Subscription: {
          events: { subscribe: () => events(2) },
          unending: {
            subscribe: () => {
              asked += 1;
              return events(1);
            },
          },
          refused: { subscribe: mistaken },
          failing: { subscribe: askAway },
        },
        Event: { broken, away: askAway },
      },
      contextOf: (identity) => ({ identity }),
      identityReader: createIdentityReader(SERVICE_TOKEN, 'one', () => new Date()),
      host: '127.0.0.1',
      port: 0,
      unready: () => Promise.resolve(null),
      metrics: new Registry(),
      logger,
      stops,
    });
    url = server.url;
  });
  afterAll(async () => {
    await stops.stop();
    await there.close();
    await away.close();
    await database.drop();
  });

  async function query(text: string, variables: Record<string, unknown> = {}): Promise<Answer> {
    const headers = { 'content-type': 'application/json', ...(await asAnn()) };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query: text, variables }) });
    return (await response.json()) as Answer;
  }

  const clientOf = (connectionParams: () => Promise<Record<string, string>>) =>
    createClient({
      ...{ url: url.replace('http', 'ws'), webSocketImpl: WebSocket, retryAttempts: 0 },
      connectionParams,
    });

  /** All that a subscription sends until it ends. */
  async function collect(text: string): Promise<Answer[]> {
    const client = clientOf(asAnn);
    const answers: Answer[] = [];
    try {
      for await (const answer of client.iterate({ query: text })) answers.push(answer as Answer);
    } catch (err) {
      answers.push({ errors: err as NonNullable<Answer['errors']> });
    } finally {
      await client.dispose();
    }
    return answers;
  }

  it('hides what is wrong with itself, keeps the rest of the answer, and logs the error once', async () => {
    lines.length = 0;
    const { data, errors } = await query('{ fine broken }');
    expect(data).toEqual({ fine: 'fine', broken: null });
    expect(errors).toEqual([expect.objectContaining({ ...INTERNAL, path: ['broken'] })]);
    expect(JSON.stringify(errors)).not.toMatch(/hush|\.ts/);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('a resolver failed');
  });

  it('tells callers their own mistakes', async () => {
    const extensions = { code: 'BAD_USER_INPUT', field: 'first' };
    expect((await query('{ mistaken }')).errors).toMatchObject([
      { message: 'first must be 1 to 1000, and is 0', extensions },
    ]);
    expect((await query('{ nothing }')).errors).toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }]);
  });

  it('says of a database that is away just that', async () => {
    const { data, errors } = await query('{ fine away }');
    expect(data).toEqual({ fine: 'fine', away: null });
    expect(errors).toEqual([expect.objectContaining(AWAY)]);
    expect(JSON.stringify(errors)).not.toMatch(/hush|127\.0\.0\.1|ECONNREFUSED/);
  });

  it('takes text that PostgreSQL can not hold for a mistake of the caller', async () => {
    const text = 'query ($value: String!) { text(value: $value) }';
    expect((await query(text, { value: 'a' })).data).toEqual({ text: 'a' });
    const message = 'value may hold no character U+0000 and no half of a surrogate pair';
    expect((await query(text, { value: 'a\0b' })).errors).toMatchObject([
      { message, extensions: { code: 'BAD_USER_INPUT', field: 'value' } },
    ]);
  });

  it('hides and tells the same over a websocket', async () => {
    lines.length = 0;
    const answers = await collect('subscription { events { number broken away } }');
    expect(answers.map(({ data }) => data)).toEqual(
      [1, 2].map((number) => ({ events: { number, broken: null, away: null } })),
    );
    for (const { errors } of answers)
      expect(errors).toEqual([expect.objectContaining(INTERNAL), expect.objectContaining(AWAY)]);
    expect(JSON.stringify(answers)).not.toMatch(/hush|\.ts|ECONNREFUSED/);
    expect(lines).toHaveLength(2);
  });

  it('refuses a subscription with the reason, hiding its own', async () => {
    expect(await collect('subscription { refused { number } }')).toMatchObject([
      { errors: [{ message: 'first must be 1 to 1000, and is 0', extensions: { code: 'BAD_USER_INPUT' } }] },
    ]);
    expect(await collect('subscription { failing { number } }')).toMatchObject([{ errors: [AWAY] }]);
    expect(await collect('subscription { nothing }')).toMatchObject([
      { errors: [{ message: expect.stringContaining('nothing') }] },
    ]);
  });

  it('tells its resolvers who asks, over HTTP and over a websocket', async () => {
    expect((await query('{ who }')).data).toEqual({ who: 'ann' });
    const client = clientOf(asAnn);
    for await (const { data } of client.iterate({ query: '{ who }' })) expect(data).toEqual({ who: 'ann' });
    await client.dispose();
  });

  describe('asked by somebody whom no router asks for', () => {
    const signedAt = (time: number, token = SERVICE_TOKEN, service = 'one') =>
      createIdentitySigner(token, () => new Date(time))(ann, service);
    const now = Date.now();
    const STRANGERS: [string, () => Promise<Record<string, string>>][] = [
      ['says nothing', async () => ({})],
      ['says who they are themselves', async () => ({ [IDENTITY_HEADER]: JSON.stringify(ann) })],
      ['signs with another token', async () => ({ [IDENTITY_HEADER]: await signedAt(now, 'another token of all') })],
      [
        'brings what was signed for another service',
        async () => ({ [IDENTITY_HEADER]: await signedAt(now, SERVICE_TOKEN, 'two') }),
      ],
      ['brings what was signed long ago', async () => ({ [IDENTITY_HEADER]: await signedAt(now - 3_600_000) })],
      [
        'has the token itself',
        async () => ({ [IDENTITY_HEADER]: SERVICE_TOKEN, authorization: `Bearer ${SERVICE_TOKEN}` }),
      ],
    ];

    it.each(STRANGERS)('and who %s, executes nothing', async (_what, headersOf) => {
      asked = 0;
      for (const text of ['{ who }', '{ _service { sdl } }', '{ __typename }', 'no GraphQL']) {
        const response = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...(await headersOf()) },
          body: JSON.stringify({ query: text }),
        });
        expect(response.status).toBe(401);
        const refusal = { message: expect.any(String), extensions: { code: 'UNAUTHENTICATED' } };
        expect(await response.json()).toEqual({ errors: [refusal] });
      }
      const client = clientOf(headersOf);
      const closed = Promise.withResolvers<unknown>();
      client.on('closed', closed.resolve);
      for (const text of ['{ who }', 'subscription { unending { number } }'])
        await expect(client.iterate({ query: text }).next()).rejects.toMatchObject({
          code: 4401,
          reason: 'UNAUTHENTICATED',
        });
      expect(await closed.promise).toMatchObject({ code: 4401 });
      await client.dispose();
      expect(asked).toBe(0);
    });
  });

  it('lets operators look at its health without saying who they are', async () => {
    for (const path of ['/health/live', '/health/ready', '/metrics'])
      expect((await fetch(new URL(path, url))).status).toBe(200);
  });

  it('has a field with a rule refused in a list of plain values too', async () => {
    expect((await query('{ items { number } }')).data).toEqual({ items: [{ number: 1 }, { number: 2 }] });
    const { data, errors } = await query('{ items { number guarded } }');
    expect(data).toEqual({ items: [1, 2].map((number) => ({ number, guarded: null })) });
    expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['FORBIDDEN', 'FORBIDDEN']);
  });

  it('ends the source when the subscriber leaves', async () => {
    const client = clientOf(asAnn);
    const before = returned;
    for await (const { data } of client.iterate({ query: 'subscription { unending { number } }' })) {
      expect(data).toEqual({ unending: { number: 1 } });
      break;
    }
    await expect.poll(() => returned).toBe(before + 1);
    await client.dispose();
  });

  it('lets no foreign web page open a websocket', async () => {
    const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws', { origin: 'http://evil.example' });
    const { promise, resolve } = Promise.withResolvers<string>();
    socket.on('error', (err) => resolve(err.message));
    socket.on('open', () => resolve('open'));
    expect(await promise).toContain('401');
  });

  it('tells a gateway its schema', async () => {
    const { data } = await query('{ _service { sdl } }');
    expect(data).toMatchObject({ _service: { sdl: expect.stringContaining('type Event') } });
  });
});
