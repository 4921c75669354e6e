import type { TestProject } from 'vitest/node';
import { makeMigratedTemplate } from './migrated-template.ts';
import { startTemporaryPostgres } from './temporary-postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The maintenance database of the run's PostgreSQL. */
    postgresAdminUrl: string;
  }
}

let close: () => Promise<void> = () => Promise.resolve();

/** One PostgreSQL for the whole run, thrown away at its end; each test file makes a database of its own in it. */
export async function setup(project: TestProject): Promise<void> {
  const database = await startTemporaryPostgres();
  close = database.close;
  await makeMigratedTemplate(database.server.adminUrl);
  project.provide('postgresAdminUrl', database.server.adminUrl);
}

export const teardown = (): Promise<void> => close();
