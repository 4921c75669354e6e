import { waitForRedis } from '@wheelhouse/kit/queue-redis.ts';
import { type Terminal, waitingLogger } from './terminal.ts';

/** Waits for the Redis that REDIS_URL names, so that a wrong address is known before anything is started. */
export const awaitRedis = (url: string, { step, say }: Terminal): Promise<void> =>
  step(`Connecting to Redis at ${new URL(url).host}`, () => waitForRedis(url, waitingLogger(say, 'Redis')));

/** Where the queues are, in a few words and without the password. */
export const describeQueues = (redisUrl: string | undefined): string =>
  redisUrl === undefined ? 'in PostgreSQL' : `in Redis at ${new URL(redisUrl).host}`;
