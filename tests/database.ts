import { randomBytes } from 'node:crypto';
import { migrate } from '@wheelhouse/kit/database.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import postgres from 'postgres';
import { inject } from 'vitest';

export type TestDatabase = {
  url: string;
  /** Removes the database; connections that are still open are cut. */
  drop: () => Promise<void>;
};

async function administer(statement: string): Promise<void> {
  const sql = postgres(inject('postgresAdminUrl'), { max: 1, onnotice: () => {} });
  try {
    await sql.unsafe(statement);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** A new database without a table in it, for one test file. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  // template0, since a session on the default template1 would make another file's "create" fail.
  await administer(`create database ${name} template template0`);
  const url = new URL(inject('postgresAdminUrl'));
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => administer(`drop database if exists ${name} with (force)`) };
}

/** A new database with all migrations applied. */
export async function createMigratedDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase();
  await migrate(database.url, createLogger({ name: 'test-migrations', level: 'warn' }));
  return database;
}
