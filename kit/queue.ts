import { createPostgresBackend, type Job, runMigrations, UnrecoverableError, withBackend } from 'bullmq';
import type { z } from 'zod';
import type { StopList } from './lifecycle.ts';
import type { Logger } from './logger.ts';

const { Queue, Worker } = withBackend(createPostgresBackend);

/** A killed worker's job is taken over after the lock runs out and the next look for stalled jobs. */
const LOCK_MS = 15_000;
const STALLED_LOOK_MS = 5_000;
/** A job is finished even if every worker that takes it is killed but the last. */
const MAX_STALLED = 1_000;
/** Done jobs stay so long that a job added twice is still known by its id. */
const KEEP_DONE = { age: 600, count: 5_000 };
const KEEP_FAILED = { age: 86_400, count: 1_000 };
const ATTEMPTS = 5;

export type JobQueue<Payload> = {
  /** Adds jobs in one statement. A job whose id is known already is not added again. */
  add: (jobs: { id: string; payload: Payload; delayMs?: number }[]) => Promise<void>;
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

/** The next multiple of the interval: BullMQ's own `every` starts its grid at the first call. */
const nextOnGrid = (millis: number, options: { pattern?: string }): number => {
  const everyMs = Number(options.pattern) * 1_000;
  return (Math.floor(millis / everyMs) + 1) * everyMs;
};

/** Opens the queues of a process. The database must answer and be migrated: BullMQ remembers its first failure for ever. */
export function openQueues(options: { databaseUrl: string; logger: Logger; stops: StopList }): Queues {
  const { databaseUrl, logger, stops } = options;
  const connection = { connectionString: databaseUrl, max: 4, skipMigrations: true };
  const settings = { repeatStrategy: nextOnGrid };
  const producers: { close: () => Promise<void> }[] = [];
  const workers: { close: () => Promise<void> }[] = [];
  // Producers are opened when they are first used, and a worker's last job may be what uses them: workers close first.
  stops.own('queues', null, async () => {
    await Promise.all(workers.map((worker) => worker.close()));
    await Promise.all(producers.map((producer) => producer.close()));
  });
  const listen = (name: string) => (err: Error) =>
    logger.warn({ err, queue: name }, 'queue connection failed, trying again');

  const openQueue = (name: string) => {
    const defaultJobOptions = {
      attempts: ATTEMPTS,
      backoff: { type: 'exponential', delay: 500 },
      removeOnComplete: KEEP_DONE,
      removeOnFail: KEEP_FAILED,
    };
    const queue = new Queue(name, { connection, defaultJobOptions, settings });
    queue.on('error', listen(name));
    producers.push(queue);
    return queue;
  };
  const openWorker = async (name: string, concurrency: number, handle: (job: Job) => Promise<void>): Promise<void> => {
    const worker = new Worker(name, handle, {
      connection,
      concurrency,
      settings,
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_LOOK_MS,
      maxStalledCount: MAX_STALLED,
    });
    worker.on('error', listen(name));
    worker.on('failed', (job, err) => {
      const isLast = job === undefined || job.attemptsMade >= (job.opts.attempts ?? 1);
      logger[isLast ? 'error' : 'warn']({ err, queue: name, jobId: job?.id, attempt: job?.attemptsMade }, 'job failed');
    });
    workers.push(worker);
    await worker.waitUntilReady();
  };

  return {
    queue: (name, payloadShape) => {
      let producer: ReturnType<typeof openQueue> | undefined;
      return {
        async add(jobs) {
          if (jobs.length === 0) return;
          producer ??= openQueue(name);
          await producer.addBulk(
            jobs.map(({ id, payload, delayMs }) => ({
              name,
              data: payload,
              opts: { jobId: id, delay: Math.max(0, Math.round(delayMs ?? 0)) },
            })),
          );
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
      // A failed tick is not tried again: the next one does its work.
      await queue.upsertJobScheduler(
        name,
        { pattern: String(everySeconds) },
        { name, opts: { attempts: 1, removeOnFail: KEEP_FAILED } },
      );
      await openWorker(name, 1, (job) => {
        const everyMs = everySeconds * 1_000;
        return handle(new Date(Math.round((job.timestamp + (job.opts.delay ?? 0)) / everyMs) * everyMs));
      });
    },
  };
}

/** Makes or updates BullMQ's own tables. `query` must run every statement on one connection. */
export async function migrateQueues(
  query: (text: string, parameters: readonly unknown[]) => Promise<unknown[]>,
): Promise<void> {
  await runMigrations({
    query: async <R>(text: string, parameters: readonly unknown[] = []) => ({
      rows: (await query(text, parameters)) as R[],
    }),
  });
}
