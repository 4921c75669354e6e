import { samplesSealedQueue, sealedSamplesShape } from '@wheelhouse/contracts/samples.ts';
import { openDatabase, waitForDatabase } from '@wheelhouse/kit/database.ts';
import { openQueues, type Queues } from '@wheelhouse/kit/queue.ts';
import { openSampler } from '@wheelhouse/kit/sampler.ts';
import { readSubgraphSdl } from '@wheelhouse/kit/sdl.ts';
import { createSealer } from '@wheelhouse/kit/sealed.ts';
import { runService, type Service, type ServiceHost } from '@wheelhouse/kit/service.ts';
import { openOutcomes } from '@wheelhouse/kit/settings-outcomes.ts';
import { settingsQueue } from '@wheelhouse/kit/settings-worker.ts';
import { startSubgraphServer } from '@wheelhouse/kit/subgraph-server.ts';
import { sql } from 'drizzle-orm';
import { readFidaConfig } from './config.ts';
import { createContext } from './context.ts';
import { keptHours } from './hours/kept.ts';
import { openHoursScheduler } from './hours/scheduler.ts';
import type { KeptSettings } from './kept-settings.ts';
import { createMetrics } from './metrics.ts';
import { openPoller } from './poller.ts';
import { resolvers } from './resolvers.ts';
import { sampleSources, sampleTables } from './samples.ts';
import type { SettingsDeps } from './settings.ts';
import { settingsMetrics } from './settings-metrics.ts';
import { openDisplaySettings, SETTINGS_QUEUE } from './settings-worker.ts';
import { createSnmpController } from './snmp/control.ts';
import { createSnmpProber } from './snmp.ts';
import { settingsTables } from './tables.ts';

const name = 'fida';
const now = (): Date => new Date();

/** Settings that we keep ourselves. */
const KEPT: readonly KeptSettings[] = [keptHours];

async function open({ env, logger, stops, metrics }: ServiceHost) {
  const config = readFidaConfig(env);
  await waitForDatabase(config.DATABASE_URL, logger);
  const { db, sql: connection } = stops.own(
    'database',
    openDatabase(config.DATABASE_URL, { metrics: { registry: metrics, service: name } }),
    ({ close }) => close(),
  );
  const sealer = createSealer(config.WHEELHOUSE_SECRET_KEY, config.WHEELHOUSE_SECRET_KEY_PREVIOUS);
  const openServiceQueues = (): Queues =>
    openQueues({ databaseUrl: config.DATABASE_URL, redisUrl: config.REDIS_URL, logger, stops });
  return { config, db, connection, sealer, openServiceQueues };
}

export const service: Service = {
  name,
  async startServer(host) {
    const logger = host.logger.child({ service: name });
    const { config, db, connection, sealer, openServiceQueues } = await open({ ...host, logger });
    const outcomes = await openOutcomes({ db, sql: connection, tables: settingsTables, logger });
    const settings: SettingsDeps = {
      ...{ db, outcomes, sealer, logger, kept: KEPT, now: () => new Date() },
      queue: settingsQueue(openServiceQueues(), SETTINGS_QUEUE),
      metrics: settingsMetrics(host.metrics),
    };
    const server = await startSubgraphServer({
      sdl: await readSubgraphSdl(new URL('./', import.meta.url)),
      resolvers,
      contextOf: () => createContext(settings),
      host: config.HOST,
      port: config.PORT,
      unready: () =>
        db.execute(sql`select 1`).then(
          () => null,
          () => 'the database is away',
        ),
      metrics: host.metrics,
      logger,
      stops: host.stops,
    });
    // Closed before the doors, so that who waits for an outcome is answered with what is known.
    host.stops.own('settings outcomes', outcomes, ({ close }) => close());
    return server;
  },
  async startWorker(host) {
    const logger = host.logger.child({ service: name });
    const { stops } = host;
    const { config, db, sealer, openServiceQueues } = await open({ ...host, logger });
    const patience = { timeoutMs: config.FIDA_SNMP_TIMEOUT_MS, retries: config.FIDA_SNMP_RETRIES };
    const prober = createSnmpProber(patience);
    stops.own('snmp prober', prober, ({ close }) => close());
    const controller = createSnmpController(patience);
    stops.own('snmp controller', controller, ({ close }) => close());
    const queues = openServiceQueues();
    await openSampler({
      ...{ db, queues, logger, now },
      service: name,
      tables: sampleTables,
      sources: sampleSources,
      sealed: queues.queue(samplesSealedQueue(name), sealedSamplesShape),
      metrics: host.metrics,
    });
    const aborter = new AbortController();
    const poller = await openPoller({
      db,
      queues,
      prober,
      sealer,
      sweepSeconds: config.WHEELHOUSE_SWEEP_SECONDS,
      chunkConcurrency: config.FIDA_CHUNK_CONCURRENCY,
      devicesUrl: config.DEVICES_URL,
      serviceToken: config.WHEELHOUSE_SERVICE_TOKEN,
      metrics: createMetrics(host.metrics),
      logger,
      signal: aborter.signal,
    });
    const settings = await openDisplaySettings({
      ...{ db, queues, controller, sealer, logger, signal: aborter.signal },
      concurrency: config.FIDA_SETTINGS_CONCURRENCY,
      settleMs: config.FIDA_SETTLE_MS,
      metrics: settingsMetrics(host.metrics),
    });
    await openHoursScheduler({
      ...{ db, queues, logger, queue: settings },
      metrics: settingsMetrics(host.metrics),
    });
    // First of all to stop: looks under way end at once, and their chunks are taken again by the next worker.
    stops.own('fida poller', poller, ({ stopped }) => {
      aborter.abort(new Error('the worker is stopping'));
      return stopped;
    });
  },
};

if (import.meta.main) await runService(service);
