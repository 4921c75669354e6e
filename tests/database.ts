import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { inject } from 'vitest';
import { MIGRATED_TEMPLATE } from './migrated-template.ts';

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

async function createFrom(template: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await administer(`create database ${name} template ${template}`);
  const url = new URL(inject('postgresAdminUrl'));
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => administer(`drop database if exists ${name} with (force)`) };
}

/** A new database without a table in it, for one test file. */
// template0, since a session on the default template1 would make another file's "create" fail.
export const createTestDatabase = (): Promise<TestDatabase> => createFrom('template0');

/** A new database with all migrations applied. */
export const createMigratedDatabase = (): Promise<TestDatabase> => createFrom(MIGRATED_TEMPLATE);
