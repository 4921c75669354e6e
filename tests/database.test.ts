import postgres from 'postgres';
import { expect, it } from 'vitest';
import { createTestDatabase } from './database.ts';

it('gives each test file an empty database of its own and takes it away again', async () => {
  const first = await createTestDatabase();
  const second = await createTestDatabase();
  const sql = postgres(first.url, { max: 1 });
  await sql`create table kept (name text)`;
  const other = postgres(second.url, { max: 1 });
  expect(await other`select 1 from pg_tables where schemaname = 'public'`).toHaveLength(0);
  await other.end();
  await first.drop();
  await expect(sql`select 1`).rejects.toThrow();
  await sql.end();
  await second.drop();
});
