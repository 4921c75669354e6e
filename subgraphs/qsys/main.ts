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
import { readQsysConfig } from './config.ts';
import { createContext } from './context.ts';
import { createLinkOpener } from './core-link.ts';
import { createCoreLinks } from './core-links.ts';
import { createDesignWatch } from './design-watch.ts';
import { createLiveControls } from './live/live-controls.ts';
import { createMetrics } from './metrics.ts';
import { openPoller } from './poller.ts';
import { resolvers } from './resolvers.ts';
import { sampleSources, sampleTables } from './samples.ts';
import type { SettingsDeps } from './settings.ts';
import { settingsMetrics } from './settings-metrics.ts';
import { openControlsWorker, SETTINGS_QUEUE } from './settings-worker.ts';
import { auditOutbox, settingsTables } from './tables.ts';
import { createValueWriter } from './value-writer.ts';

const name = 'qsys';
const now = (): Date => new Date();
/** A connection that was not used for so many sweeps is in nobody's hands: its Core is removed, or looked at by another worker. */
const IDLE_SLOTS = 10;
/** How often what Cores push is stored, as long as something changes. */
const WRITE_INTERVAL_MS = 1_000;
/** A subscriber that comes back soon, as a page that is loaded anew does, finds the Core connected. */
const LIVE_LINGER_MS = 10_000;
/** How soon a Core that was moved or removed, and another design, is noticed by who watches it. */
const LIVE_CHECK_MS = 2_000;

async function open(host: ServiceHost, role: 'SERVER' | 'WORKER') {
  const config = readQsysConfig(host.env);
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
    const { config, db, logs, sealer, logger, openQueues, serving } = await open(host, 'SERVER');
    const outcomes = await openOutcomes({ db, logs, tables: settingsTables, logger });
    const settings: Omit<SettingsDeps, 'identity'> = {
      ...{ db, outcomes, sealer, logger, now },
      queue: settingsQueue(openQueues(), SETTINGS_QUEUE),
      metrics: settingsMetrics(host.metrics),
    };
    const live = createLiveControls({
      ...{ db, sealer, logger, now, metrics: host.metrics, timeoutMs: config.QSYS_TIMEOUT_MS },
      ...{ lingerMs: LIVE_LINGER_MS, checkMs: LIVE_CHECK_MS },
    });
    const server = await startSubgraphServer({
      ...serving,
      sdl: await readSubgraphSdl(new URL('./', import.meta.url)),
      resolvers,
      contextOf: (identity) => createContext(settings, live, identity),
    });
    host.stops.own('live controls', live, ({ close }) => close());
    // Closed before the doors, so that who waits for an outcome is answered with what is known.
    host.stops.own('settings outcomes', outcomes, ({ close }) => close());
    return server;
  },
  async startWorker(host) {
    const { stops } = host;
    const { config, db, sealer, logger, openQueues, openSweepLog } = await open(host, 'WORKER');
    const workerMetrics = createMetrics(host.metrics);
    const writer = stops.own(
      'values of controls',
      createValueWriter({ db, logger, metrics: workerMetrics, intervalMs: WRITE_INTERVAL_MS }),
      ({ close }) => close(),
    );
    const links = createCoreLinks(createLinkOpener({ timeoutMs: config.QSYS_TIMEOUT_MS }), {
      idleMs: IDLE_SLOTS * config.WHEELHOUSE_SWEEP_SECONDS * 1_000,
    });
    stops.own('connections to Cores', links, ({ close }) => close());
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
      ...{ db, queues, links, sealer, logger, signal: aborter.signal, metrics: workerMetrics },
      watch: createDesignWatch({
        ...{ db, writer, logger, signal: aborter.signal, metrics: workerMetrics },
        timeoutMs: config.QSYS_DESIGN_TIMEOUT_MS,
      }),
      sweepSeconds: config.WHEELHOUSE_SWEEP_SECONDS,
      chunkConcurrency: config.QSYS_CHUNK_CONCURRENCY,
      devicesUrl: config.DEVICES_URL,
      serviceToken: config.WHEELHOUSE_SERVICE_TOKEN,
    });
    await openControlsWorker({
      ...{ db, queues, links, sealer, logger, signal: aborter.signal },
      concurrency: config.QSYS_SETTINGS_CONCURRENCY,
      settleMs: config.QSYS_SETTLE_MS,
      metrics: settingsMetrics(host.metrics),
    });
    host.stops.ownWork('qsys poller', aborter, poller.stopped);
  },
};

if (import.meta.main) await runService(service);
