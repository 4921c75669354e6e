import { sql } from 'drizzle-orm';
import { type DatabaseHandle, type DatabaseOptions, openDatabase, waitForDatabase } from './database.ts';
import type { Logger } from './logger.ts';
import { openQueues, type Queues } from './queue.ts';
import type { ServiceHost } from './service.ts';
import type { SubgraphServerOptions } from './subgraph-server.ts';

/** The settings of kit/config.ts that this takes. */
type Settings = { HOST: string; PORT: number; DATABASE_URL: string; REDIS_URL?: string | undefined };

export type ServiceParts = Pick<DatabaseHandle, 'db' | 'sql'> & {
  /** Names the service in each line. */
  logger: Logger;
  /** The queues of this process: a worker's, and a server's that adds jobs. */
  openQueues: () => Queues;
  /** Of startSubgraphServer's options, those that are the same for every service. */
  serving: Pick<SubgraphServerOptions<never>, 'host' | 'port' | 'unready' | 'metrics' | 'logger' | 'stops'>;
};

/** Waits for the database, and opens what every service begins with. The host's list closes it. */
export async function openService(
  name: string,
  settings: Settings,
  host: Pick<ServiceHost, 'logger' | 'stops' | 'metrics'>,
  limits: Pick<DatabaseOptions, 'statementTimeoutMs'> = {},
): Promise<ServiceParts> {
  const { stops, metrics } = host;
  const logger = host.logger.child({ service: name });
  await waitForDatabase(settings.DATABASE_URL, logger);
  const database = stops.own(
    'database',
    openDatabase(settings.DATABASE_URL, { ...limits, metrics: { registry: metrics, service: name } }),
    ({ close }) => close(),
  );
  const unready = (): Promise<string | null> =>
    database.db.execute(sql`select 1`).then(
      () => null,
      () => 'the database is away',
    );
  return {
    ...{ db: database.db, sql: database.sql, logger },
    openQueues: () => openQueues({ databaseUrl: settings.DATABASE_URL, redisUrl: settings.REDIS_URL, logger, stops }),
    serving: { host: settings.HOST, port: settings.PORT, unready, metrics, logger, stops },
  };
}
