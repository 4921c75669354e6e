// Takes one job and holds it until it is killed. Arguments: the queue's name, DATABASE_URL, and REDIS_URL if there is one.

import { z } from 'zod';
import { StopList } from '../lifecycle.ts';
import { createLogger } from '../logger.ts';
import { openQueues } from '../queue.ts';

const [name = '', databaseUrl = '', redisUrl] = process.argv.slice(2);
const logger = createLogger({ name: 'hold-job', level: 'warn' });
const queues = openQueues({ databaseUrl, redisUrl, logger, stops: new StopList(logger) });
await queues.queue(name, z.unknown()).work(
  () => {
    process.stdout.write('held\n');
    return new Promise(() => {});
  },
  { concurrency: 1 },
);
