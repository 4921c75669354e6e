import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { type EmbeddedPostgres, startPostgres } from '@wheelhouse/standalone/postgres.ts';

/** A temporary folder that another user may pass through: under root, PostgreSQL runs as one. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'wheelhouse-tests-'));
  await chmod(folder, 0o711);
  return folder;
}

/** A PostgreSQL in a folder of its own, for tests that stop or restart it. `close` leaves nothing behind. */
export async function startTemporaryPostgres(): Promise<{ server: EmbeddedPostgres; close: () => Promise<void> }> {
  const folder = await temporaryFolder();
  const logger = createLogger({ name: 'test-database', level: 'warn' });
  const server = await startPostgres({ dataFolder: join(folder, 'postgres'), logger, durable: false });
  const close = async (): Promise<void> => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { server, close };
}
