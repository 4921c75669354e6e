import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { startPostgres } from '@wheelhouse/standalone/postgres.ts';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The maintenance database of the run's PostgreSQL. */
    postgresAdminUrl: string;
  }
}

let stop: () => Promise<void> = () => Promise.resolve();

/** One PostgreSQL for the whole run, thrown away at its end; each test file makes a database of its own in it. */
export async function setup(project: TestProject): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'wheelhouse-tests-'));
  // As root, PostgreSQL runs as another user, who must be able to pass.
  await chmod(folder, 0o711);
  const logger = createLogger({ name: 'test-database', level: 'warn' });
  const database = await startPostgres({ dataFolder: join(folder, 'postgres'), logger, durable: false });
  project.provide('postgresAdminUrl', database.adminUrl);
  stop = async () => {
    await database.stop();
    await rm(folder, { recursive: true, force: true });
  };
}

export const teardown = (): Promise<void> => stop();
