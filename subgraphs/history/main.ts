import { openDatabase, waitForDatabase } from '@wheelhouse/kit/database.ts';
import { createIdentityReader } from '@wheelhouse/kit/identity.ts';
import { openQueues } from '@wheelhouse/kit/queue.ts';
import { readSubgraphSdl } from '@wheelhouse/kit/sdl.ts';
import { runService, type Service, type ServiceHost } from '@wheelhouse/kit/service.ts';
import { startSubgraphServer } from '@wheelhouse/kit/subgraph-server.ts';
import { sql } from 'drizzle-orm';
import { readHistoryConfig } from './config.ts';
import { createContext, type Shared } from './context.ts';
import { createExportDoor } from './export/door.ts';
import { EXPORT_PATH } from './export/params.ts';
import { openArchive } from './poller.ts';
import { resolvers } from './resolvers.ts';
import { openSettingsLogs } from './settings-logs.ts';
import { refreshReporting } from './store/reporting.ts';
import { findSampledServices } from './store/services.ts';
import { findSettingsSources } from './store/settings-sources.ts';

const name = 'history';
const now = (): Date => new Date();

/**
 * The router has given up long before, an export is given up at its first row: a question about years of an estate must not go on for
 * nobody, and hold a connection of ten that all questions share.
 */
const STATEMENT_TIMEOUT_MS = 60_000;

async function open(
  { env, logger, stops, metrics }: ServiceHost,
  limits: Pick<NonNullable<Parameters<typeof openDatabase>[1]>, 'statementTimeoutMs'> = {},
) {
  const config = readHistoryConfig(env);
  await waitForDatabase(config.DATABASE_URL, logger);
  const { db, sql: client } = stops.own(
    'database',
    openDatabase(config.DATABASE_URL, { ...limits, metrics: { registry: metrics, service: name } }),
    ({ close }) => close(),
  );
  return { config, db, client };
}

export const service: Service = {
  name,
  async startServer(host) {
    const logger = host.logger.child({ service: name });
    const limits = { statementTimeoutMs: STATEMENT_TIMEOUT_MS };
    const { config, db, client } = await open({ ...host, logger }, limits);
    const settingsSources = await findSettingsSources(db);
    const sampledServices = await findSampledServices(db);
    // Opened before the doors and so closed after them: a stream must not look as if its change had come to its end.
    const settingsLogs = host.stops.own(
      'logs of settings changes',
      await openSettingsLogs({ db, sql: client, sources: settingsSources, logger }),
      ({ close }) => close(),
    );
    const shared: Shared = { db, settingsSources, settingsLogs: settingsLogs.bySource, sampledServices, now };
    const identityReader = createIdentityReader(config.WHEELHOUSE_SERVICE_TOKEN, name, now);
    return startSubgraphServer({
      sdl: await readSubgraphSdl(new URL('./', import.meta.url)),
      resolvers,
      contextOf: (identity) => createContext(shared, identity),
      identityReader,
      host: config.HOST,
      port: config.PORT,
      routes: { [EXPORT_PATH]: createExportDoor({ db, client, logger, now, identityReader }) },
      unready: () =>
        db.execute(sql`select 1`).then(
          () => null,
          () => 'the database is away',
        ),
      metrics: host.metrics,
      logger,
      stops: host.stops,
    });
  },
  async startWorker(host) {
    const logger = host.logger.child({ service: name });
    const { stops } = host;
    const { config, db } = await open({ ...host, logger });
    await refreshReporting(db);
    const queues = openQueues({ databaseUrl: config.DATABASE_URL, redisUrl: config.REDIS_URL, logger, stops });
    const aborter = new AbortController();
    await openArchive({ db, queues, logger, now, signal: aborter.signal });
    stops.own('archive', aborter, () => aborter.abort(new Error('the worker is stopping')));
  },
};

if (import.meta.main) await runService(service);
