// Starts PostgreSQL on the folder given and says so: a launcher that a test can kill.
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { startPostgres } from '../postgres.ts';

const logger = createLogger({ name: 'launcher', level: 'silent' });
const { url, pid } = await startPostgres({ dataFolder: process.argv[2] ?? '', logger, durable: false });
process.stdout.write(`${JSON.stringify({ url, pid })}\n`);
setInterval(() => {}, 60_000);
