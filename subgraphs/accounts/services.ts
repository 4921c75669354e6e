import type { Database } from '@wheelhouse/kit/database.ts';
import { isDatabaseAway } from '@wheelhouse/kit/errors.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import { judgeService, type ServiceHealth } from './rules/services.ts';
import { findServices, readDatabaseTimes, readProcesses } from './store/services.ts';

/**
 * How each service is, by name. One whose table can't be read is one of which nothing is known.
 *
 * @throws Error where the database is away
 */
export async function readServices(db: Database, logger: Logger): Promise<ServiceHealth[]> {
  const names = await findServices(db);
  return Promise.all(
    names.map(async (name) => {
      try {
        const rows = await readProcesses(db, name);
        // Asked after the rows: none of them was written later.
        return judgeService(name, { rows, ...(await readDatabaseTimes(db)) });
      } catch (err) {
        if (isDatabaseAway(err)) throw err;
        logger.error({ err, watched: name }, 'what a service tells of its processes could not be read');
        return judgeService(name, {
          problem: 'what it tells of its processes could not be read; see the log of accounts',
        });
      }
    }),
  );
}
