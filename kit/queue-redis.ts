import { createRedisBackend } from 'bullmq';
import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from './logger.ts';
import type { QueueDepth } from './processes.ts';
import type { QueueBackend } from './queue-backend.ts';

/** Longer than a Redis takes to start again; short enough that a job that can't add others fails and is tried again. */
const PRODUCER_DEADLINE_MS = 5_000;
/** As long as a process waits for the database. */
const READY_DEADLINE_MS = 60_000;
const RETRY_MS = 20;
/** How often a look is taken whether schedules are still there: a Redis can be emptied without a reconnect. */
const WATCH_MS = 5_000;

const COMMON = {
  retryStrategy: (attempt: number) => Math.min(attempt * 100, 1_000),
  keepAlive: 10_000,
} satisfies RedisOptions;
/** Fails at once when Redis is away, instead of keeping commands for later: the caller decides how long to wait. */
const PRODUCER = { ...COMMON, enableOfflineQueue: false, maxRetriesPerRequest: 0 } satisfies RedisOptions;
/** Waits for a Redis that is away; a connection that has gone silent is given up (BullMQ blocks for 10 s at most). */
const WORKER = { ...COMMON, maxRetriesPerRequest: null, socketTimeout: 30_000 } satisfies RedisOptions;

/** What ioredis and the sockets below it report when Redis goes; the producers' connection reports the same. */
const isConnectionError = (err: Error): boolean =>
  /ECONN|EPIPE|ETIMEDOUT|E(HOST|NET)UNREACH|ENOTFOUND|EAI_AGAIN|Connection is closed|Socket timeout|Stream isn't writeable/.test(
    `${'code' in err ? err.code : ''} ${err.message}`,
  );

/** No password or a wrong one, or too few rights: waiting mends none of them. */
const isRefusal = (err: Error): boolean => /^(WRONGPASS|NOAUTH|NOPERM|ERR AUTH|ERR invalid password)/.test(err.message);

export class QueuesAwayError extends Error {
  readonly code = 'QUEUES_UNAVAILABLE';
}

/** What `pending` comes to, or 'late' after `limitMs`: left alone, ioredis would wait for ever. */
async function within<T>(limitMs: number, pending: Promise<T>): Promise<T | 'late'> {
  const { promise, resolve } = Promise.withResolvers<'late'>();
  const timer = setTimeout(() => resolve('late'), limitMs);
  try {
    return await Promise.race([pending, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** The connection of all producers of a process; its state is what the process knows of Redis. */
function connect(redisUrl: string, logger: Logger) {
  const { host } = new URL(redisUrl);
  const client = new Redis(redisUrl, PRODUCER);
  const state: { isAway: boolean; isClosed: boolean; lastError: Error | undefined } = {
    isAway: false,
    isClosed: false,
    lastError: undefined,
  };
  client.on('error', (err: Error) => {
    state.lastError = err;
  });
  client.on('close', () => {
    if (!state.isAway && !state.isClosed) logger.warn({ host, err: state.lastError }, 'Redis is away, trying again');
    state.isAway = true;
  });
  client.on('ready', () => {
    if (state.isAway) logger.info({ host }, 'Redis is back');
    state.isAway = false;
    state.lastError = undefined;
  });
  const isReadyWithin = async (limitMs: number): Promise<boolean> => {
    if (client.status === 'ready') return true;
    const { promise, resolve } = Promise.withResolvers<void>();
    client.once('ready', resolve);
    try {
      return (await within(limitMs, promise)) !== 'late';
    } finally {
      client.off('ready', resolve);
    }
  };
  const away = (what: string, limitMs: number): QueuesAwayError =>
    new QueuesAwayError(`Redis at ${host} did not answer within ${limitMs / 1_000} s: could not ${what}`, {
      cause: state.lastError,
    });
  const ready = async (): Promise<void> => {
    const end = performance.now() + READY_DEADLINE_MS;
    while (!(await isReadyWithin(1_000))) {
      if (state.isClosed) throw away('open the queues before the process stopped', 0);
      if (state.lastError !== undefined && isRefusal(state.lastError))
        throw new Error(`Redis at ${host} refuses us: ${state.lastError.message}`, { cause: state.lastError });
      logger.info({ host, reason: state.lastError?.message ?? 'no answer yet' }, 'waiting for Redis');
      if (performance.now() > end) throw away('open the queues', READY_DEADLINE_MS);
    }
  };
  const attempt = async <T>(what: string, run: () => Promise<T>): Promise<T> => {
    const end = performance.now() + PRODUCER_DEADLINE_MS;
    for (;;) {
      if (!(await isReadyWithin(end - performance.now()))) throw away(what, PRODUCER_DEADLINE_MS);
      try {
        const outcome = await within(end - performance.now(), run());
        if (outcome !== 'late') return outcome;
      } catch (err) {
        const isLost = client.status !== 'ready' || (err instanceof Error && isConnectionError(err));
        if (!isLost) throw err;
        // What was under way when Redis went may have been done; all of it bears being done twice. The pause is for the
        // moment in which the socket has closed and the client does not know yet.
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        continue;
      }
      // Connected and silent: a new connection is the way to learn whether somebody is there.
      client.disconnect(true);
      throw away(what, PRODUCER_DEADLINE_MS);
    }
  };
  const close = (): void => {
    state.isClosed = true;
    client.disconnect();
  };
  return { client, state, ready, attempt, close };
}

/** BullMQ's keys begin so, unless it is told otherwise; a delayed job's score is its time in milliseconds, times 4,096, and its place among those of that time. */
const KEYS = 'bull:';
const SCORE_OF_MS = 0x1000;

async function countJobs(client: Redis, names: readonly string[]): Promise<QueueDepth[]> {
  const nowMs = Date.now();
  const pipeline = client.pipeline();
  for (const name of names) {
    pipeline.llen(`${KEYS}${name}:wait`).zcard(`${KEYS}${name}:prioritized`);
    pipeline.zcount(`${KEYS}${name}:delayed`, 0, (nowMs + 1) * SCORE_OF_MS - 1).llen(`${KEYS}${name}:active`);
  }
  const counts = ((await pipeline.exec()) ?? []).map(([err, count]) => {
    if (err) throw err;
    return Number(count);
  });
  return names.map((name, index) => {
    const [wait = 0, prioritized = 0, due = 0, active = 0] = counts.slice(index * 4, index * 4 + 4);
    return { name, waiting: wait + prioritized + due, active, atMs: nowMs };
  });
}

export function openRedisBackend(redisUrl: string, logger: Logger): QueueBackend {
  const { client, state, ready, attempt, close } = connect(redisUrl, logger);
  const watches: NodeJS.Timeout[] = [];
  let isGivenUp = false;
  const worker = {
    ...WORKER,
    url: redisUrl,
    // The only way out for commands that wait for a reconnect: ioredis fails them when it is told not to try again.
    retryStrategy: (attempt: number) => (isGivenUp ? null : COMMON.retryStrategy(attempt)),
  };
  return {
    factory: (name, options, role) => {
      const connection = role?.withBlockingConnection ? worker : client;
      return createRedisBackend(name, { ...options, connection }, role);
    },
    workerOptions: {},
    ready,
    attempt,
    count: (_db, names) => countJobs(client, names),
    watch: (look) => {
      let isLooking = false;
      const lookOnce = (): void => {
        if (isLooking || client.status !== 'ready') return;
        isLooking = true;
        look()
          .catch((err: unknown) => logger.warn({ err }, 'a look at the schedules failed, trying again'))
          .finally(() => {
            isLooking = false;
          });
      };
      client.on('ready', lookOnce);
      watches.push(setInterval(lookOnce, WATCH_MS));
    },
    onError: (queue, err) => {
      // Each queue has connections of its own to the same Redis: one line for all of them is enough.
      const level = state.isAway || isConnectionError(err) ? 'debug' : 'warn';
      logger[level]({ err, queue }, 'queue connection failed, trying again');
    },
    giveUp: () => {
      isGivenUp = true;
    },
    close: () => {
      for (const watch of watches) clearInterval(watch);
      close();
    },
  };
}

/** Waits until the Redis answers, as a process does that is about to open its queues. */
export async function waitForRedis(redisUrl: string, logger: Logger): Promise<void> {
  const { ready, close } = connect(redisUrl, logger);
  try {
    await ready();
  } finally {
    close();
  }
}
