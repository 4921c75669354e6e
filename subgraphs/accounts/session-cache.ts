import { ROLES } from '@wheelhouse/contracts/access.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import { Redis } from 'ioredis';
import { z } from 'zod';

/** What is kept counts for so long if nobody takes it back, as when a process is killed between its commit and that. */
const KEPT_SECONDS = 30;
/** What takes longer is asked of the database. */
const DEADLINE_MS = 250;

const sessionUserShape = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  grants: z.array(z.object({ role: z.enum(ROLES), site: z.string().nullable() })),
});
/** Whose a session is, and what they may do: what is asked again and again, and nothing that is secret. */
export type SessionUser = z.infer<typeof sessionUserShape>;

export type SessionCache = {
  /** Whose a session is that lives; null when it does not. Of what changes something `requireMember` asks the database instead. */
  userOf: (sessionId: string) => Promise<SessionUser | null>;
  /** Takes back what is kept of sessions, after a commit that changed something about them. */
  forget: (sessionIds: readonly string[]) => Promise<void>;
  close: () => void;
};

/** Asks the database every time. */
export const uncached = (read: SessionCache['userOf']): SessionCache => ({
  userOf: read,
  forget: () => Promise.resolve(),
  close: () => {},
});

const keyOf = (sessionId: string): string => `wheelhouse:accounts:session:${sessionId}`;

/** Keeps in Redis, which all processes share, what was read. Redis is never the truth: while it is away, everything is read. */
export function openSessionCache(options: {
  redisUrl: string;
  read: SessionCache['userOf'];
  logger: Logger;
  /** How long Redis may take. */
  deadlineMs?: number;
}): SessionCache {
  const { read, logger, deadlineMs = DEADLINE_MS } = options;
  const redis = new Redis(options.redisUrl, {
    ...{ enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: deadlineMs },
    retryStrategy: (times) => Math.min(times * 100, 2_000),
  });
  let isFailing = false;
  redis.on('ready', () => {
    isFailing = false;
  });
  redis.on('error', (err) => {
    if (!isFailing) logger.warn({ err }, 'the session cache is away, sessions are read from the database');
    isFailing = true;
  });
  const askRedis = <T>(ask: () => Promise<T>): Promise<T | null> => ask().catch(() => null);
  return {
    async userOf(sessionId) {
      const kept = await askRedis(() => redis.get(keyOf(sessionId)));
      if (kept !== null) return sessionUserShape.parse(JSON.parse(kept));
      const user = await read(sessionId);
      if (user !== null) {
        const text = JSON.stringify(sessionUserShape.parse(user));
        await askRedis(() => redis.set(keyOf(sessionId), text, 'EX', KEPT_SECONDS));
      }
      return user;
    },
    async forget(sessionIds) {
      if (sessionIds.length > 0) await askRedis(() => redis.del(...sessionIds.map(keyOf)));
    },
    close: () => redis.disconnect(),
  };
}
