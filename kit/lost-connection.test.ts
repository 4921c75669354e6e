import { createConnection, type Socket } from 'node:net';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../tests/database.ts';
import { type DatabaseHandle, openDatabase } from './database.ts';

describe('a connection that is lost in the middle of the rows of a query', () => {
  let database: TestDatabase;
  /** One connection, so that the next query is the next one on it. */
  let handle: DatabaseHandle;
  let other: DatabaseHandle;

  beforeAll(async () => {
    database = await createTestDatabase();
    handle = openDatabase(database.url, { maxConnections: 1 });
    other = openDatabase(database.url, { maxConnections: 1 });
  });
  afterAll(async () => {
    await handle.close();
    await other.close();
    await database.drop();
  });

  it('fails that query, and the next one has its own rows from the first on', async () => {
    const { sql } = handle;
    const [own] = await sql`select pg_backend_pid() as pid`;
    // The first rows fill PostgreSQL's buffer and are sent, the others wait.
    const broken = sql`select n, repeat('x', 100), pg_sleep(case when n = 2000 then 60 else 0 end) from generate_series(1, 3000) as n`;
    const failed = expect(broken).rejects.toThrow();
    const waits = () => other.sql`select 1 from pg_stat_activity where pid = ${own?.pid} and wait_event = 'PgSleep'`;
    await expect.poll(async () => (await waits()).length, { timeout: 10_000 }).toBe(1);
    await other.sql`select pg_terminate_backend(${own?.pid})`;
    await failed;
    // The very first that is answered, since each answer begins the count anew.
    const answers: unknown[][] = [];
    const ask = async (): Promise<number> => answers.push([...(await sql`select n from generate_series(1, 3) as n`)]);
    await expect.poll(() => ask().catch(() => 0)).toBe(1);
    expect(answers).toEqual([[{ n: 1 }, { n: 2 }, { n: 3 }]]);
  });
});

/**
 * postgres.js by itself, since what it does here is what patches/ mends (docs/decisions/0010). Each connection is cut off in the two ways
 * that a socket ends: with an error of the system (a reset), and in good order.
 */
describe.each([
  ['is reset', new Error('read ECONNRESET')],
  ['ends', undefined],
])('a pool of one connection that %s', (_, err) => {
  let database: TestDatabase;
  let sql: postgres.Sql;
  let sockets: Socket[];
  /** Called with each statement before it is sent. */
  let onStatement: (text: string) => void;
  const cut = () => sockets.at(-1)?.destroy(err);

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  beforeEach(() => {
    sockets = [];
    onStatement = () => {};
    const { hostname, port } = new URL(database.url);
    const connect = async (): Promise<Socket> => {
      const socket = createConnection(Number(port), hostname);
      await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
      sockets.push(socket);
      return socket;
    };
    const options = { max: 1, socket: connect, debug: (_id: number, text: string) => onStatement(text) };
    sql = postgres(database.url, options as postgres.Options<Record<string, never>>);
  });
  afterEach(() => sql.end({ timeout: 5 }));

  const outcome = (query: Promise<unknown>): Promise<string> =>
    query.then(
      () => 'answered',
      (reason: { code?: string }) => reason.code ?? 'failed',
    );
  /** What becomes of a statement that is cut off while PostgreSQL works on it. */
  const cutOff = (on: postgres.ISql): Promise<string> => {
    const query = outcome(on`select pg_sleep(60)`);
    setTimeout(cut, 50);
    return query;
  };

  it('settles what is asked of it as soon as the query before has failed, and answers what follows', async () => {
    await sql`select 1`;
    const atOnce = cutOff(sql).then(() => outcome(sql`select 2`));
    expect(await atOnce).toMatch(/^(answered|CONNECTION_CLOSED)$/);
    for (let n = 0; n < 3; n += 1) expect(await sql`select ${n}::int as n`).toEqual([{ n }]);
  });

  it('writes nothing of a transaction whose connection was lost, whatever the transaction goes on to ask', async () => {
    await sql`create table written (n int)`;
    const outcomes = Promise.withResolvers<{ inside: string[]; others: string }>();
    const transaction = sql.begin(async (tx) => {
      const behind = () => outcome(tx`insert into written values (1)`);
      const inside = await Promise.all([cutOff(tx), behind(), behind()]);
      // The pool has a new connection then, which is none of the transaction's business.
      await expect.poll(() => outcome(sql`select 1`)).toBe('answered');
      const others = await outcome(sql`select 1`);
      outcomes.resolve({ inside: [...inside, await behind()], others });
    });
    expect(await outcome(transaction)).not.toBe('answered');
    const { inside, others } = await outcomes.promise;
    expect(inside).toHaveLength(4);
    expect(inside).not.toContain('answered');
    expect(others).toBe('answered');
    expect(await sql`select n from written`).toEqual([]);
    await sql`drop table written`;
  });

  it('fails the query that a connection was opened for, when it is lost before it was ready', async () => {
    onStatement = (text) => {
      if (!text.includes('pg_catalog.pg_type')) return;
      onStatement = () => {};
      process.nextTick(cut);
    };
    expect(await outcome(sql`select 1`)).not.toBe('answered');
    await expect.poll(() => outcome(sql`select 1 as one`)).toBe('answered');
  });

  it('can be closed as soon as its connection was lost', async () => {
    await sql`select 1`;
    await cutOff(sql).then(() => sql.end());
    expect(await outcome(sql`select 1`)).toBe('CONNECTION_ENDED');
  });
});
