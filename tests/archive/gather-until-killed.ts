// Runs a round of the archive and kills itself with its Nth statement on the way: `node gather-until-killed.ts URL NOW N`.
import { gatherRound } from '@wheelhouse/history/gather.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';

const [url = '', now = '', limit = ''] = process.argv.slice(2);
let statements = 0;
const sql = postgres(url, {
  max: 1,
  onnotice: () => {},
  debug: () => {
    statements += 1;
    // On the way means that PostgreSQL may get it or not.
    if (statements === Number(limit)) setImmediate(() => process.kill(process.pid, 'SIGKILL'));
  },
});
const logger = createLogger({ name: 'test', level: 'silent' });
await gatherRound({ db: drizzle(sql), now: new Date(now), logger, batchRows: 20 });
await sql.end();
