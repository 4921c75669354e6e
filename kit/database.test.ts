import { createServer, type Server } from 'node:net';
import { pgTable, text } from 'drizzle-orm/pg-core';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../tests/database.ts';
import { type DatabaseHandle, isAmong, migrate, openDatabase, waitForDatabase } from './database.ts';
import { createLogger } from './logger.ts';

const silent = createLogger({ name: 'test', level: 'silent' });
const names = pgTable('names', { name: text().notNull() });

describe('a database', () => {
  let database: TestDatabase;
  let handle: DatabaseHandle;
  const registry = new Registry();

  beforeAll(async () => {
    database = await createTestDatabase();
    handle = openDatabase(database.url, { metrics: { registry, service: 'testing' } });
    await handle.sql`create table names (name text not null)`;
    await handle.sql`insert into names values ('a'), ('b "quoted" \\ and, comma'), ('ü'), ('')`;
  });
  afterAll(async () => {
    await handle.close();
    await database.drop();
  });

  it.each([
    [[], []],
    [['a', 'none'], ['a']],
    [
      ['b "quoted" \\ and, comma', 'ü', ''],
      ['', 'b "quoted" \\ and, comma', 'ü'],
    ],
    [['a', 'a'], ['a']],
    [['a\0', '\ud800', 'a'], ['a']],
  ])('finds those of %j that are there', async (wanted, found) => {
    const rows = await handle.db.select().from(names).where(isAmong(names.name, wanted));
    expect(rows.map(({ name }) => name).sort()).toEqual(found);
  });

  it('finds one among more than a statement takes as parameters', async () => {
    const wanted = Array.from({ length: 100_000 }, (_, index) => `n${index}`).concat('a');
    expect(await handle.db.select().from(names).where(isAmong(names.name, wanted))).toEqual([{ name: 'a' }]);
  });

  it('counts the statements of each service', async () => {
    const count = async (): Promise<number> =>
      Number(/wheelhouse_sql_statements_total\{service="testing"\} (\d+)/.exec(await registry.metrics())?.[1]);
    const before = await count();
    await handle.db.select().from(names);
    await handle.db.select().from(names);
    expect((await count()) - before).toBe(2);
  });

  it('ends a statement that takes longer than is allowed, and goes on', async () => {
    const { sql, close } = openDatabase(database.url, { maxConnections: 1, statementTimeoutMs: 50 });
    await expect(sql`select pg_sleep(20)`).rejects.toMatchObject({ code: '57014' });
    expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
    await close();
  });

  it('is migrated once by several processes at a time', async () => {
    const other = await createTestDatabase();
    await Promise.all([1, 2, 3].map(() => migrate(other.url, silent)));
    await migrate(other.url, silent);
    await other.drop();
  });
});

describe('a database that is away', () => {
  let server: Server;
  let url: URL;

  beforeAll(async () => {
    server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    url = new URL('postgres://user:hush@127.0.0.1/none');
    url.port = String(typeof address === 'object' ? address?.port : 0);
    await new Promise((resolve) => server.close(resolve));
  });

  it('is waited for until a deadline, then named by host and port, never by password', async () => {
    const lines: string[] = [];
    const logger = createLogger({
      name: 'test',
      level: 'info',
      destination: { write: (line: string) => void lines.push(line) },
    });
    const startedAt = performance.now();
    await expect(waitForDatabase(url.href, logger, { deadlineMs: 1_000 })).rejects.toThrow(
      `The database at ${url.host} did not answer within 1 s`,
    );
    expect(performance.now() - startedAt).toBeLessThan(15_000);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.join()).not.toContain('hush');
    expect(lines[0]).toContain('ECONNREFUSED');
  });
});
