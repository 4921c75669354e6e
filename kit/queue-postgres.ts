import { type MinimalJob, PostgresConnection, PostgresQueueBackend } from 'bullmq';
import { type SQL, sql } from 'drizzle-orm';
import { openDatabase, type Queryable } from './database.ts';
import type { StopList } from './lifecycle.ts';
import type { Logger } from './logger.ts';
import type { QueueDepth } from './processes.ts';
import type { QueueBackend } from './queue-backend.ts';
import { openQueueWatch, type QueueEar, type QueueLook, type QueueWatch } from './queue-watch.ts';
import { sharedParts } from './shared-parts.ts';
import { UNCOUNTED } from './uncounted.ts';

/** The most connections by which a process adds to all its queues and takes from them. */
export const QUEUE_CONNECTIONS = 10;
/** Those of a process that takes jobs besides: to listen for them, and to look for them. */
export const QUEUE_WATCH_CONNECTIONS = 2;
/** BullMQ's functions are compiled anew on each connection, at ten times the cost of a call: one that was opened is kept for long. */
const IDLE_MS = 600_000;
/** A worker that is told of its jobs need not ask by itself. */
const LONGEST_SLEEP_SECONDS = 3_600;
/** On which BullMQ tells of new jobs, by the names of their queues. */
const CHANNEL = 'bullmq_jobs';

const isDue = (nowMs: number): SQL =>
  sql`(state = 'waiting' or (state = 'delayed' and process_at_ms <= ${nowMs}::bigint))`;

/** Over all queues at once, by the table and the columns that BullMQ's own `getCounts` has. */
async function countJobs(db: Queryable, names: readonly string[]): Promise<QueueDepth[]> {
  const nowMs = Date.now();
  const rows = await db.execute<{ name: string; waiting: number; active: number }>(sql`
    ${sql.raw(UNCOUNTED)} select name,
      (select count(*)::int from bullmq.job where queue = name and ${isDue(nowMs)}) as waiting,
      (select count(*)::int from bullmq.job where queue = name and state = 'active') as active
    from unnest(${sql.param(names)}::text[]) as queues (name)`);
  return rows.map(({ name, waiting, active }) => ({ name, waiting, active, atMs: nowMs }));
}

/** By BullMQ's three partial indexes, whatever else is in the table. */
async function lookAtQueues(db: Queryable, names: readonly string[]): Promise<QueueLook[]> {
  return db.execute<QueueLook>(sql`
    ${sql.raw(UNCOUNTED)} select name,
      exists (select from bullmq.job where queue = name and state = 'waiting')
        or exists (select from bullmq.job where queue = name and state = 'delayed' and process_at_ms <= ${Date.now()}::bigint) as "isDue",
      exists (select from bullmq.job where queue = name and state = 'active') as "hasActive"
    from unnest(${sql.param(names)}::text[]) as queues (name)`);
}

/** BullMQ's own backend of one worker, but that it asks for jobs when the watch of its process says so. */
class WatchedBackend extends PostgresQueueBackend {
  readonly #ear: QueueEar;
  #isInterrupted = false;

  constructor(ear: QueueEar, ...[connection, name, options]: ConstructorParameters<typeof PostgresQueueBackend>) {
    super(connection, name, options, false);
    this.#ear = ear;
  }
  override get maximumBlockTimeout(): number {
    return LONGEST_SLEEP_SECONDS;
  }
  override moveToActive(token: string, name?: string) {
    return this.#ear.ask(() => super.moveToActive(token, name));
  }
  override moveToCompleted<T, R, N extends string>(
    job: MinimalJob<T, R, N>,
    returnValue: R,
    keep: Parameters<PostgresQueueBackend['moveToCompleted']>[2],
    token: string,
    fetchNext: boolean,
  ) {
    const complete = () => super.moveToCompleted(job, returnValue, keep, token, fetchNext);
    // Only with the next job it asks for one.
    return fetchNext ? this.#ear.ask(complete) : complete();
  }
  override async waitForJob(blockTimeoutSeconds: number) {
    if (this.#isInterrupted) return null;
    return (await this.#ear.sleep(blockTimeoutSeconds * 1_000)) ? { member: this.queueName, score: 0 } : null;
  }
  override disconnectBlocking(): Promise<void> {
    this.#isInterrupted = true;
    this.#ear.wake();
    return Promise.resolve();
  }
  override reconnectBlocking(): Promise<void> {
    this.#isInterrupted = false;
    return Promise.resolve();
  }
  /** BullMQ marks what is in hand, and takes back what was marked before and whose lock has run out: nothing to do where nothing is in hand. */
  override moveStalledJobsToWait(): Promise<string[]> {
    return this.#ear.mayHaveActive() ? super.moveStalledJobsToWait() : Promise.resolve([]);
  }
  override close(): Promise<void> {
    this.#ear.close();
    return Promise.resolve();
  }
}

type Connections = { queues: () => PostgresConnection; watch: QueueWatch };

/** What all queues of a process share: one pool, and one watch for what it takes jobs from. */
function openConnections(databaseUrl: string, logger: Logger, stops: StopList): Connections {
  const onError = (err: Error): void => logger.warn({ err }, 'queue connection failed, trying again');
  let current: PostgresConnection | undefined;
  const queues = (): PostgresConnection => {
    if (current !== undefined) return current;
    const made = new PostgresConnection({
      ...{ connectionString: databaseUrl, max: QUEUE_CONNECTIONS, idleTimeoutMillis: IDLE_MS, skipMigrations: true },
    });
    made.on('error', onError);
    // It remembers for ever that it could not be opened: who comes later gets another one.
    const forget = async (): Promise<void> => {
      if (current === made) current = undefined;
      await made.close();
    };
    made.waitUntilReady().catch(forget).catch(onError);
    current = made;
    return made;
  };
  stops.own('queue connections', null, () => current?.close());
  // Neither connects before there is a queue to watch.
  const database = openDatabase(databaseUrl, { maxConnections: 1 });
  stops.own('queue watch connection', database, ({ close }) => close());
  const watch = openQueueWatch({
    listen: (onQueue, onListening) => database.sql.listen(CHANNEL, onQueue, onListening),
    look: (names) => lookAtQueues(database.db, names),
    onError,
  });
  return { queues, watch: stops.own('queue watch', watch, ({ close }) => close()) };
}

const connectionsOf = sharedParts<Connections>();

/** The database must answer and be migrated. */
export function openPostgresBackend(
  databaseUrl: string,
  { logger, stops }: { logger: Logger; stops: StopList },
): QueueBackend {
  const shared = connectionsOf(stops, databaseUrl, () => openConnections(databaseUrl, logger, stops));
  return {
    factory: (name, options, role) => {
      const connection = shared.queues();
      const own = { ...options, connection: databaseUrl };
      return role?.withBlockingConnection
        ? new WatchedBackend(shared.watch.open(name), connection, name, own)
        : new PostgresQueueBackend(connection, name, own, false);
    },
    workerOptions: { drainDelay: LONGEST_SLEEP_SECONDS },
    ready: () => Promise.resolve(),
    attempt: (_what, run) => run(),
    count: countJobs,
    watch: () => {},
    onError: (queue, err) => logger.warn({ err, queue }, 'queue connection failed, trying again'),
    giveUp: () => {},
    close: () => {},
  };
}
