import { AUDIT_CURSORS } from '@wheelhouse/contracts/audit.ts';
import { samplesSealedQueue, sealedSamplesShape } from '@wheelhouse/contracts/samples.ts';
import { openLiveLog } from '@wheelhouse/kit/live-log.ts';
import { logChannel, readLogHead } from '@wheelhouse/kit/log-table.ts';
import { openService } from '@wheelhouse/kit/open-service.ts';
import { openSampler } from '@wheelhouse/kit/sampler.ts';
import { readSubgraphSdl } from '@wheelhouse/kit/sdl.ts';
import { createSealer } from '@wheelhouse/kit/sealed.ts';
import { runService, type Service, type ServiceHost } from '@wheelhouse/kit/service.ts';
import { startSubgraphServer } from '@wheelhouse/kit/subgraph-server.ts';
import { readDevicesConfig } from './config.ts';
import { createContext, type Shared } from './context.ts';
import { serviceDoors } from './doors.ts';
import { openFreshnessTick, openStatusEngine } from './poller.ts';
import { setDefaultTimeZone } from './registry.ts';
import { resolvers } from './resolvers.ts';
import { openStatusLogRetention } from './retention.ts';
import { thresholdsOf } from './rules.ts';
import { sampleSources, sampleTables } from './samples.ts';
import { readRegistryPositions } from './store/registry.ts';
import { readStatusChanges } from './store/statuses.ts';
import { auditOutbox, registryLog, statusChanges } from './tables.ts';

const name = 'devices';
const now = (): Date => new Date();
/** Who changes the registry when a setting does. */
const CONFIGURATION = 'configuration';

async function open(host: ServiceHost, role: 'SERVER' | 'WORKER') {
  const config = readDevicesConfig(host.env);
  const thresholds = thresholdsOf({
    sweepSeconds: config.WHEELHOUSE_SWEEP_SECONDS,
    missesToOffline: config.WHEELHOUSE_MISSES_TO_OFFLINE,
    answersToOnline: config.WHEELHOUSE_ANSWERS_TO_ONLINE,
  });
  return {
    config,
    thresholds,
    ...(await openService(name, role, config, host, { audit: { outbox: auditOutbox, cursors: AUDIT_CURSORS } })),
  };
}

export const service: Service = {
  name,
  async startServer(host) {
    const { stops } = host;
    const { config, thresholds, db, logs, logger, serving } = await open(host, 'SERVER');
    await setDefaultTimeZone(db, config.WHEELHOUSE_TIME_ZONE, { at: now(), actor: CONFIGURATION });
    const liveLog = <Row extends { position: number }>(
      table: typeof statusChanges | typeof registryLog,
      read: (position: number, limit: number) => Promise<Row[]>,
    ) =>
      openLiveLog<Row>({
        name: logChannel(table),
        watch: logs.of(table),
        read,
        head: () => readLogHead(db, table),
        logger,
      });
    const statusLog = await liveLog(statusChanges, (position, limit) =>
      readStatusChanges(db, { filter: null, area: 'everywhere', position, limit }),
    );
    const registry = await liveLog(registryLog, (position, limit) => readRegistryPositions(db, position, limit));
    stops.own('freshness tick', openFreshnessTick({ db, thresholds, logger, now }), ({ close }) => close());
    const sealer = createSealer(config.WHEELHOUSE_SECRET_KEY, config.WHEELHOUSE_SECRET_KEY_PREVIOUS);
    const shared: Shared = { db, statusLog, sealer, thresholds, timeZone: config.WHEELHOUSE_TIME_ZONE, now };
    const server = await startSubgraphServer({
      ...serving,
      sdl: await readSubgraphSdl(new URL('./', import.meta.url)),
      resolvers,
      contextOf: (identity) => createContext(shared, identity),
      routes: serviceDoors({
        ...{ db, registry, sealer, now },
        serviceToken: config.WHEELHOUSE_SERVICE_TOKEN,
        timeZone: config.WHEELHOUSE_TIME_ZONE,
      }),
    });
    // Closed before the doors, so that who waits for a row lets go of its connection.
    stops.own('status log', statusLog, ({ close }) => close());
    stops.own('registry log', registry, ({ close }) => close());
    return server;
  },
  async startWorker(host) {
    const { config, thresholds, db, logger, openQueues } = await open(host, 'WORKER');
    const queues = openQueues();
    await openStatusEngine({ db, queues, thresholds, logger });
    await openStatusLogRetention({ db, queues, days: config.WHEELHOUSE_STATUS_LOG_DAYS, logger });
    await openSampler({
      ...{ db, queues, logger, now },
      service: name,
      tables: sampleTables,
      sources: sampleSources,
      sealed: queues.queue(samplesSealedQueue(name), sealedSamplesShape),
      metrics: host.metrics,
    });
  },
};

if (import.meta.main) await runService(service);
