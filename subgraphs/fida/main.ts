import { AUDIT_CURSORS } from '@wheelhouse/contracts/audit.ts';
import { samplesSealedQueue, sealedSamplesShape } from '@wheelhouse/contracts/samples.ts';
import { openService } from '@wheelhouse/kit/open-service.ts';
import { openSampler } from '@wheelhouse/kit/sampler.ts';
import { readSubgraphSdl } from '@wheelhouse/kit/sdl.ts';
import { createSealer } from '@wheelhouse/kit/sealed.ts';
import { runService, type Service, type ServiceHost } from '@wheelhouse/kit/service.ts';
import { openOutcomes } from '@wheelhouse/kit/settings-outcomes.ts';
import { settingsQueue } from '@wheelhouse/kit/settings-worker.ts';
import { startSubgraphServer } from '@wheelhouse/kit/subgraph-server.ts';
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
import { auditOutbox, settingsTables } from './tables.ts';

const name = 'fida';
const now = (): Date => new Date();

/** Settings that we keep ourselves. */
const KEPT: readonly KeptSettings[] = [keptHours];

async function open(host: ServiceHost, role: 'SERVER' | 'WORKER') {
  const config = readFidaConfig(host.env);
  const sealer = createSealer(config.WHEELHOUSE_SECRET_KEY, config.WHEELHOUSE_SECRET_KEY_PREVIOUS);
  return {
    config,
    sealer,
    ...(await openService(name, role, config, host, { audit: { outbox: auditOutbox, cursors: AUDIT_CURSORS } })),
  };
}

export const service: Service = {
  name,
  async startServer(host) {
    const { db, logs, sealer, logger, openQueues, serving } = await open(host, 'SERVER');
    const outcomes = await openOutcomes({ db, logs, tables: settingsTables, logger });
    const settings: Omit<SettingsDeps, 'identity'> = {
      ...{ db, outcomes, sealer, logger, kept: KEPT, now: () => new Date() },
      queue: settingsQueue(openQueues(), SETTINGS_QUEUE),
      metrics: settingsMetrics(host.metrics),
    };
    const server = await startSubgraphServer({
      ...serving,
      sdl: await readSubgraphSdl(new URL('./', import.meta.url)),
      resolvers,
      contextOf: (identity) => createContext(settings, identity),
    });
    // Closed before the doors, so that who waits for an outcome is answered with what is known.
    host.stops.own('settings outcomes', outcomes, ({ close }) => close());
    return server;
  },
  async startWorker(host) {
    const { stops } = host;
    const { config, db, sealer, logger, openQueues, openSweepLog } = await open(host, 'WORKER');
    const patience = { timeoutMs: config.FIDA_SNMP_TIMEOUT_MS, retries: config.FIDA_SNMP_RETRIES };
    const prober = createSnmpProber(patience);
    stops.own('snmp prober', prober, ({ close }) => close());
    const controller = createSnmpController(patience);
    stops.own('snmp controller', controller, ({ close }) => close());
    const queues = openQueues();
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
      sweepLog: openSweepLog(config.WHEELHOUSE_SWEEP_SECONDS),
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
    host.stops.ownWork('fida poller', aborter, poller.stopped);
  },
};

if (import.meta.main) await runService(service);
