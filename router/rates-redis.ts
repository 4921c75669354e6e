import type { Logger } from '@wheelhouse/kit/logger.ts';
import { Redis } from 'ioredis';

/** How long a Redis may take to count: its answer is waited for with every operation. */
export const REDIS_LIMIT_MS = 250;

/** A connection that fails at once when Redis is away: then this router counts for itself. */
export function connectToRedis(redisUrl: string, logger: Logger): Redis {
  const client = new Redis(redisUrl, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: REDIS_LIMIT_MS,
    connectTimeout: 2_000,
    retryStrategy: (attempt) => Math.min(attempt * 100, 2_000),
  });
  let isAway = false;
  const { host } = new URL(redisUrl);
  client.on('error', (err) => {
    if (!isAway) logger.warn({ host, err }, 'callers are counted by this router alone: Redis is away');
    isAway = true;
  });
  client.on('ready', () => {
    if (isAway) logger.info({ host }, 'callers are counted in Redis again');
    isAway = false;
  });
  return client;
}
