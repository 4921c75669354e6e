import { type Job, UnrecoverableError, withBackend } from 'bullmq';
import type { z } from 'zod';
import type { Queryable } from './database.ts';
import type { StopList } from './lifecycle.ts';
import type { Logger } from './logger.ts';
import type { QueueDepth } from './processes.ts';
import { OWN_CONNECTION as connection } from './queue-backend.ts';
import { openPostgresBackend } from './queue-postgres.ts';
import { openRedisBackend } from './queue-redis.ts';

/** A killed worker's job is taken over after the lock runs out and the next look for stalled jobs. */
const LOCK_MS = 15_000;
const STALLED_LOOK_MS = 5_000;
/** Until a worker that could not reach the queues tries again; BullMQ's own 15 s are a sweep that is missed. */
const RETRY_MS = 500;
/** A job is finished even if every worker that takes it is killed but the last. */
const MAX_STALLED = 1_000;
/** Done jobs stay so long that a job added twice is still known by its id. */
const KEEP_DONE = { age: 600, count: 5_000 };
const KEEP_FAILED = { age: 86_400, count: 1_000 };
const BACKGROUND = 1;
const ATTEMPTS = 5;
const UNFINISHED = ['delayed', 'waiting', 'prioritized', 'active'] as const;
/** A worker whose backend is away can't say that its jobs are done; below what kit/lifecycle.ts gives one part to close. */
const CLOSE_LIMIT_MS = 8_000;

export type JobQueue<Payload> = {
  /**
   * Adds jobs in one statement. A job whose id is known already is not added again. One with `isBackground` is taken when no other waits.
   *
   * @throws Error after a deadline while the queues are away
   */
  add: (jobs: { id: string; payload: Payload; delayMs?: number; isBackground?: boolean }[]) => Promise<void>;
  /** Takes jobs until the process stops. What `handle` throws fails the attempt; a payload of another shape fails the job for good. */
  work: (handle: (payload: Payload) => Promise<void>, options: { concurrency: number }) => Promise<void>;
};

export type Queues = {
  queue: <Payload>(name: string, payload: z.ZodType<Payload>) => JobQueue<Payload>;
  /**
   * Calls `handle` at every multiple of `everySeconds` since the epoch, once among all workers of that name.
   * `scheduledAt` is the multiple, also when the call comes late. Ticks that nobody was there for are skipped.
   */
  every: (name: string, everySeconds: number, handle: (scheduledAt: Date) => Promise<void>) => Promise<void>;
};

/** The queues of a process, and what waits in those that it takes jobs from. */
export type OpenedQueues = Queues & { count: (db: Queryable) => Promise<QueueDepth[]> };

const codeOf = (err: unknown): unknown => (err instanceof Error && 'code' in err ? err.code : undefined);
/** BullMQ's SchedulerJobIdCollision: another worker scheduled the same tick at this moment, and so it is there. */
const SCHEDULED_ALREADY = -10;
/** PostgreSQL's deadlock_detected: BullMQ locks a schedule's rows in no order, and one of those who schedule at the same moment has to yield. */
const DEADLOCK = '40P01';
const SCHEDULE_TRIES = 10;

/** The next multiple of the interval: BullMQ's own `every` starts its grid at the first call. */
const nextOnGrid = (millis: number, options: { pattern?: string }): number => {
  const everyMs = Number(options.pattern) * 1_000;
  return (Math.floor(millis / everyMs) + 1) * everyMs;
};

/** Opens the queues of a process, on Redis where there is one. Otherwise the database must answer, and be migrated. */
export function openQueues(options: {
  databaseUrl: string;
  redisUrl?: string | undefined;
  logger: Logger;
  stops: StopList;
}): OpenedQueues {
  const { databaseUrl, redisUrl, logger, stops } = options;
  const backend =
    redisUrl === undefined ? openPostgresBackend(databaseUrl, { logger, stops }) : openRedisBackend(redisUrl, logger);
  const { Queue, Worker } = withBackend(backend.factory);
  const settings = { repeatStrategy: nextOnGrid };
  const producers: { close: () => Promise<void> }[] = [];
  const workers: { name: string; close: () => Promise<void> }[] = [];
  // Producers are opened when they are first used, and a worker's last job may be what uses them: workers close first.
  stops.own('queues', null, async () => {
    const late = Promise.withResolvers<void>();
    const limit = setTimeout(() => {
      backend.giveUp();
      late.resolve();
    }, CLOSE_LIMIT_MS);
    await Promise.race([Promise.all(workers.map((worker) => worker.close())), late.promise]);
    clearTimeout(limit);
    await Promise.all(producers.map((producer) => producer.close()));
    backend.close();
  });

  const openQueue = (name: string) => {
    const defaultJobOptions = {
      attempts: ATTEMPTS,
      backoff: { type: 'exponential', delay: 500 },
      removeOnComplete: KEEP_DONE,
      removeOnFail: KEEP_FAILED,
    };
    const queue = new Queue(name, { connection, defaultJobOptions, settings, skipVersionCheck: true });
    queue.on('error', (err) => backend.onError(name, err));
    producers.push(queue);
    return queue;
  };
  /** A queue that is ready: one whose first connection fails is of no use ever after. */
  const openProducer = async (name: string) => {
    const queue = openQueue(name);
    try {
      await queue.waitUntilReady();
      return queue;
    } catch (err) {
      producers.splice(producers.indexOf(queue), 1);
      queue.close().catch((failure: Error) => backend.onError(name, failure));
      throw err;
    }
  };
  const openWorker = async (name: string, concurrency: number, handle: (job: Job) => Promise<void>): Promise<void> => {
    await backend.ready();
    const worker = new Worker(name, handle, {
      ...backend.workerOptions,
      connection,
      concurrency,
      settings,
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_LOOK_MS,
      maxStalledCount: MAX_STALLED,
      runRetryDelay: RETRY_MS,
    });
    worker.on('error', (err) => backend.onError(name, err));
    worker.on('failed', (job, err) => {
      const isLast = job === undefined || job.attemptsMade >= (job.opts.attempts ?? 1);
      logger[isLast ? 'error' : 'warn']({ err, queue: name, jobId: job?.id, attempt: job?.attemptsMade }, 'job failed');
    });
    workers.push(worker);
    await worker.waitUntilReady();
  };

  return {
    count: (db) => {
      const names = workers.map(({ name }) => name);
      return names.length === 0 ? Promise.resolve([]) : backend.count(db, names);
    },
    queue: (name, payloadShape) => {
      let producer: ReturnType<typeof openProducer> | undefined;
      const opened = (): ReturnType<typeof openProducer> => {
        producer ??= openProducer(name).catch((err: unknown) => {
          producer = undefined;
          throw err;
        });
        return producer;
      };
      return {
        async add(jobs) {
          if (jobs.length === 0) return;
          const list = jobs.map(({ id, payload, delayMs, isBackground }) => ({
            name,
            data: payload,
            // BullMQ takes jobs without a priority before all that have one.
            opts: {
              ...{ jobId: id, delay: Math.max(0, Math.round(delayMs ?? 0)) },
              ...(isBackground && { priority: BACKGROUND }),
            },
          }));
          await backend.attempt(`add ${list.length} jobs to ${name}`, async () => {
            const producer = await opened();
            const [only] = list;
            // In PostgreSQL BullMQ makes two temporary tables for a list, which cost more than ten single jobs.
            if (list.length === 1 && only !== undefined) await producer.add(only.name, only.data, only.opts);
            else await producer.addBulk(list);
          });
        },
        work: (handle, { concurrency }) =>
          openWorker(name, concurrency, async (job) => {
            const payload = payloadShape.safeParse(job.data);
            if (!payload.success)
              throw new UnrecoverableError(
                `The payload of job ${job.id} is not what ${name} takes: ${payload.error.message}`,
              );
            await handle(payload.data);
          }),
      };
    },
    async every(name, everySeconds, handle) {
      const queue = openQueue(name);
      await backend.ready();
      const schedule = async (): Promise<void> => {
        // A failed tick is not tried again: the next one does its work.
        const tick = { name, opts: { attempts: 1, removeOnFail: KEEP_FAILED } };
        for (let tries = 1; ; tries += 1) {
          try {
            await queue.upsertJobScheduler(name, { pattern: String(everySeconds) }, tick);
            return;
          } catch (err) {
            if (codeOf(err) === SCHEDULED_ALREADY) return;
            if (codeOf(err) !== DEADLOCK || tries >= SCHEDULE_TRIES) throw err;
          }
        }
      };
      await backend.attempt(`schedule ${name}`, schedule);
      backend.watch(async () => {
        // Each tick brings the next one: where there is none, the schedule is lost. Where there is one, it stays, since
        // scheduling anew would skip a tick that is due.
        const counts = await backend.attempt(`look at ${name}`, () => queue.getJobCounts(...UNFINISHED));
        if (Object.values(counts).some((count) => count > 0)) return;
        logger.warn({ queue: name }, 'the schedule was lost, scheduling anew');
        await backend.attempt(`schedule ${name}`, schedule);
      });
      await openWorker(name, 1, (job) => {
        const everyMs = everySeconds * 1_000;
        return handle(new Date(Math.round((job.timestamp + (job.opts.delay ?? 0)) / everyMs) * everyMs));
      });
    },
  };
}
