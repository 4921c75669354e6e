import type { Logger } from '@wheelhouse/kit/logger.ts';
import { GraphQLError } from 'graphql';
import { LRUCache } from 'lru-cache';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { RateSettings } from './config.ts';
import { connectToRedis, REDIS_LIMIT_MS } from './rates-redis.ts';

/** Over how long callers are counted: a console that opens asks for much at once, and then for little. */
const WINDOW_SECONDS = 5;
/** How long a Redis that has not answered in time is left alone. */
const SILENT_REDIS_MS = 2_000;
/** Callers of which is remembered that they have to wait. */
const REMEMBERED = 10_000;

/** Why a caller has to wait. */
export type RateRefusal = { what: string; limit: number; seconds: number; retryAfterMs: number };

export type Rates = {
  /** Counts, and says why the caller has to wait; null when it need not. Never rejects. */
  take: (caller: string, what: 'operations' | 'cost' | 'work', points: number) => Promise<RateRefusal | null>;
  /** The same for root fields that have a rate of their own. */
  takeFields: (caller: string, fields: readonly string[]) => Promise<RateRefusal | null>;
  /** Why a caller has to wait by what is known here already. */
  refusal: (caller: string) => RateRefusal | null;
  close: () => void;
};

export function rateLimited({ what, limit, seconds, retryAfterMs }: RateRefusal): GraphQLError {
  return new GraphQLError(
    `You have asked for too much: ${limit} ${what} in ${seconds} s are allowed. Try again in ${Math.ceil(retryAfterMs / 1_000)} s`,
    { extensions: { code: 'RATE_LIMITED', limit, retryAfterMs, http: { status: 429 } } },
  );
}

/**
 * Counts what each caller asks for, in this process, or in Redis with other routers. A Redis that is away costs nobody an answer:
 * the router then counts for itself.
 */
export function createRates(settings: RateSettings, logger: Logger, onRefused?: (what: string) => void): Rates {
  const redis = settings.redisUrl === null ? null : connectToRedis(settings.redisUrl, logger);
  const waiting = new LRUCache<string, { refusal: RateRefusal; untilMs: number }>({ max: REMEMBERED });

  type Limiter = {
    name: string;
    what: string;
    points: number;
    seconds: number;
    memory: RateLimiterMemory;
    shared: RateLimiterRedis | null;
  };
  const limiterOf = (name: string, what: string, points: number, seconds: number): Limiter => {
    const options = { keyPrefix: `wheelhouse:rate:${name}`, points, duration: seconds };
    const memory = new RateLimiterMemory(options);
    const atRedis = { storeClient: redis, insuranceLimiter: memory, rejectIfRedisNotReady: true };
    const shared = redis === null ? null : new RateLimiterRedis({ ...options, ...atRedis });
    return { name, what, points, seconds, memory, shared };
  };
  let isAskedAgainAtMs = 0;
  const consumeShared = async (shared: RateLimiterRedis, caller: string, points: number): Promise<unknown> => {
    const startedAtMs = performance.now();
    try {
      return await shared.consume(caller, points);
    } finally {
      // One that has gone silent is not waited for by everybody.
      const endedAtMs = performance.now();
      if (endedAtMs - startedAtMs >= REDIS_LIMIT_MS) isAskedAgainAtMs = endedAtMs + SILENT_REDIS_MS;
    }
  };
  const consume = ({ memory, shared }: Limiter, caller: string, points: number): Promise<unknown> =>
    shared === null || performance.now() < isAskedAgainAtMs
      ? memory.consume(caller, points)
      : consumeShared(shared, caller, points);

  const perWindow = (name: 'operations' | 'cost' | 'work', what: string): Limiter | null =>
    settings[name] === 0 ? null : limiterOf(name, what, settings[name] * WINDOW_SECONDS, WINDOW_SECONDS);
  const limiters = {
    operations: perWindow('operations', 'operations'),
    cost: perWindow('cost', 'units of cost'),
    work: perWindow('work', 'units of new texts and large bodies'),
  };
  const fieldLimiters = new Map(
    settings.fields.map(({ field, points, seconds }) => [
      field,
      limiterOf(`field:${field}`, `operations with ${field}`, points, seconds),
    ]),
  );

  const refusal: Rates['refusal'] = (caller) => {
    if (waiting.size === 0) return null;
    const known = waiting.get(caller);
    if (known === undefined) return null;
    const retryAfterMs = Math.ceil(known.untilMs - performance.now());
    if (retryAfterMs > 0) return { ...known.refusal, retryAfterMs };
    waiting.delete(caller);
    return null;
  };

  const count = async (limiter: Limiter, caller: string, points: number): Promise<RateRefusal | null> => {
    try {
      await consume(limiter, caller, points);
      return null;
    } catch (thrown) {
      if (!(thrown instanceof RateLimiterRes)) {
        logger.error({ err: thrown }, 'a caller could not be counted');
        return null;
      }
      onRefused?.(limiter.name);
      const retryAfterMs = Math.max(1, thrown.msBeforeNext);
      return { what: limiter.what, limit: limiter.points, seconds: limiter.seconds, retryAfterMs };
    }
  };

  return {
    refusal,
    take: async (caller, name, points) => {
      const limiter = limiters[name];
      if (limiter === null) return null;
      const known = refusal(caller);
      if (known !== null) {
        onRefused?.(name);
        return known;
      }
      const refused = await count(limiter, caller, Math.ceil(points));
      if (refused !== null) {
        waiting.set(caller, { refusal: refused, untilMs: performance.now() + refused.retryAfterMs });
      }
      return refused;
    },
    takeFields: async (caller, fields) => {
      for (const field of fields) {
        const limiter = fieldLimiters.get(field);
        const refused = limiter === undefined ? null : await count(limiter, caller, 1);
        if (refused !== null) return refused;
      }
      return null;
    },
    close: () => redis?.disconnect(),
  };
}
