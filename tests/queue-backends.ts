import type { StopList } from '@wheelhouse/kit/lifecycle.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import { type OpenedQueues, openQueues } from '@wheelhouse/kit/queue.ts';
import { createMigratedDatabase } from './database.ts';
import { has } from './programs.ts';
import { startRedis } from './redis.ts';

export type TestBackend = {
  /** DATABASE_URL, and REDIS_URL if there is one, for processes of their own. */
  urls: string[];
  open: (process: { logger: Logger; stops: StopList }) => OpenedQueues;
  close: () => Promise<void>;
};

async function startPostgresBackend(): Promise<TestBackend> {
  const database = await createMigratedDatabase();
  return {
    urls: [database.url],
    open: (process) => openQueues({ databaseUrl: database.url, ...process }),
    close: database.drop,
  };
}

async function startRedisBackend(): Promise<TestBackend> {
  const redis = await startRedis();
  // Nothing listens there: with a Redis, the queues leave the database alone.
  const databaseUrl = 'postgres://127.0.0.1:1/none';
  return {
    urls: [databaseUrl, redis.url],
    open: (process) => openQueues({ databaseUrl, redisUrl: redis.url, ...process }),
    close: redis.close,
  };
}

/** Every place where queues are kept, for `describe.skipIf(isMissing).each` of what must hold in all of them. */
export const queueBackends = [
  { backend: 'PostgreSQL', isMissing: false, start: startPostgresBackend },
  { backend: 'Redis', isMissing: !has('redis-server'), start: startRedisBackend },
];
