import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
