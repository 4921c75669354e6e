import { sql } from 'drizzle-orm';
import { intoOutbox } from './audit.ts';
import { type AuditCursors, type AuditOutbox, openAuditRetention } from './audit-retention.ts';
import { type DatabaseHandle, type DatabaseOptions, openDatabase, waitForDatabase } from './database.ts';
import { openHeartbeat } from './heartbeat.ts';
import { createIdentityReader } from './identity.ts';
import { type LogWatch, logWatchOf } from './log-watch.ts';
import type { Logger } from './logger.ts';
import { type OpenedQueues, openQueues, type Queues } from './queue.ts';
import { openRefusals, type Refusals, UNTOLD } from './refusals.ts';
import type { ServiceHost } from './service.ts';
import type { SubgraphServerOptions } from './subgraph-server.ts';
import { createSweepLog, type SweepLog } from './sweep-log.ts';

/** The settings of kit/config.ts that this takes. */
type Settings = {
  HOST: string;
  PORT: number;
  DATABASE_URL: string;
  REDIS_URL?: string | undefined;
  WHEELHOUSE_SERVICE_TOKEN: string;
  WHEELHOUSE_REVISION?: string | undefined;
};

/** Where the service tells what it did, and what says how far the audit log has that. */
type Audit = { outbox: AuditOutbox; cursors: AuditCursors };

export type ServiceParts = Pick<DatabaseHandle, 'db' | 'sql'> & {
  /** Tells when to read the logs that this service follows. */
  logs: LogWatch;
  /** Names the service in each line. */
  logger: Logger;
  /** The queues of this process: a worker's, and a server's that adds jobs. */
  openQueues: () => Queues;
  /** Opens the notes that this process takes of its sweep, for who wants to know how it comes along. */
  openSweepLog: (intervalSeconds: number) => SweepLog;
  /** Of startSubgraphServer's options, those that are the same for every service. */
  serving: Pick<
    SubgraphServerOptions<never>,
    'identityReader' | 'host' | 'port' | 'unready' | 'metrics' | 'logger' | 'stops' | 'refusals'
  >;
  /** What the audit log is told of refusals by; of a service without an outbox it is told of none. */
  refusals: Refusals;
};

/**
 * Waits for the database, and opens what every service begins with, in one role. From here on the process says that it is there
 * (kit/heartbeat.ts). The host's list closes it.
 *
 * @param more `audit`: the audit outbox of the service (kit/audit.ts), which is told of refusals and pruned; left out by a service that has none
 */
export async function openService(
  name: string,
  role: 'SERVER' | 'WORKER',
  settings: Settings,
  host: Pick<ServiceHost, 'logger' | 'stops' | 'metrics'>,
  { audit, ...limits }: Pick<DatabaseOptions, 'statementTimeoutMs'> & { audit?: Audit } = {},
): Promise<ServiceParts> {
  const { stops, metrics } = host;
  const logger = host.logger.child({ service: name });
  await waitForDatabase(settings.DATABASE_URL, logger);
  const database = stops.own(
    'database',
    openDatabase(settings.DATABASE_URL, { ...limits, metrics: { registry: metrics, service: name } }),
    ({ close }) => close(),
  );
  const sweepLog = createSweepLog(Date.now);
  const opened: OpenedQueues[] = [];
  await openHeartbeat({
    ...{
      db: database.db,
      databaseUrl: settings.DATABASE_URL,
      service: name,
      role,
      logger,
      stops,
      sweep: sweepLog.note,
    },
    revision: settings.WHEELHOUSE_REVISION ?? null,
    countQueues: async () => (await Promise.all(opened.map(({ count }) => count(database.db)))).flat(),
  });
  const unready = (): Promise<string | null> =>
    database.db.execute(sql`select 1`).then(
      () => null,
      () => 'the database is away',
    );
  const now = (): Date => new Date();
  const identityReader = createIdentityReader(settings.WHEELHOUSE_SERVICE_TOKEN, name, now);
  const refusals =
    audit === undefined
      ? UNTOLD
      : openRefusals({ service: name, write: intoOutbox(database.db, audit.outbox), logger, now });
  // Closed after the doors and before the database.
  stops.own('refusals', refusals, ({ close }) => close());
  if (audit !== undefined)
    stops.own('audit retention', openAuditRetention({ db: database.db, audit, logger, now }), ({ close }) => close());
  return {
    ...{ db: database.db, sql: database.sql, logs: logWatchOf(settings.DATABASE_URL, stops), logger, refusals },
    openQueues: () => {
      const queues = openQueues({ databaseUrl: settings.DATABASE_URL, redisUrl: settings.REDIS_URL, logger, stops });
      opened.push(queues);
      return queues;
    },
    openSweepLog: sweepLog.open,
    serving: { identityReader, host: settings.HOST, port: settings.PORT, unready, metrics, logger, stops, refusals },
  };
}
