// `npm run migrate`: brings the PostgreSQL of DATABASE_URL up to date. `npm start` does the same by itself.
import { ConfigError, readConfig, serviceSettings } from '@wheelhouse/kit/config.ts';
import { migrate, waitForDatabase } from '@wheelhouse/kit/database.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';

try {
  const { DATABASE_URL, LOG_LEVEL } = readConfig({
    DATABASE_URL: serviceSettings.DATABASE_URL,
    DATABASE_URL_FILE: serviceSettings.DATABASE_URL_FILE,
    LOG_LEVEL: serviceSettings.LOG_LEVEL,
  });
  const logger = createLogger({ name: 'migrate', level: LOG_LEVEL });
  await waitForDatabase(DATABASE_URL, logger);
  await migrate(DATABASE_URL, logger);
  process.stdout.write(`The database at ${new URL(DATABASE_URL).host} is up to date.\n`);
} catch (err) {
  if (!(err instanceof ConfigError)) throw err;
  process.stderr.write(`${err.message}\nnpm start migrates the database that it brings along by itself.\n`);
  process.exitCode = 1;
}
