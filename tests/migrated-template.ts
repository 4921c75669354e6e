import { migrate } from '@wheelhouse/kit/database.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import postgres from 'postgres';

/** The database that those with all migrations applied are copies of. Nobody connects to it: a copy can't be made meanwhile. */
export const MIGRATED_TEMPLATE = 'migrated_template';

/** Makes the template: to copy one takes a fifth of the time that the migrations take. */
export async function makeMigratedTemplate(adminUrl: string): Promise<void> {
  const sql = postgres(adminUrl, { max: 1, onnotice: () => {} });
  try {
    await sql.unsafe(`create database ${MIGRATED_TEMPLATE} template template0`);
  } finally {
    await sql.end({ timeout: 5 });
  }
  const url = new URL(adminUrl);
  url.pathname = `/${MIGRATED_TEMPLATE}`;
  await migrate(url.href, createLogger({ name: 'test-migrations', level: 'warn' }));
}
