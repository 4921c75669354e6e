import { AUDIT_CURSORS } from '@wheelhouse/contracts/audit.ts';
import { samplesSealedQueue, sealedSamplesShape } from '@wheelhouse/contracts/samples.ts';
import { openService } from '@wheelhouse/kit/open-service.ts';
import { openSampler } from '@wheelhouse/kit/sampler.ts';
import { readSubgraphSdl } from '@wheelhouse/kit/sdl.ts';
import { runService, type Service, type ServiceHost } from '@wheelhouse/kit/service.ts';
import { startSubgraphServer } from '@wheelhouse/kit/subgraph-server.ts';
import { readEntertainmentConfig } from './config.ts';
import { createContext } from './context.ts';
import { createMetrics } from './metrics.ts';
import { createPinger } from './ping.ts';
import { openPoller } from './poller.ts';
import { resolvers } from './resolvers.ts';
import { sampleSources, sampleTables } from './samples.ts';
import { auditOutbox } from './tables.ts';

const name = 'entertainment';
const now = (): Date => new Date();

async function open(host: ServiceHost, role: 'SERVER' | 'WORKER') {
  const config = readEntertainmentConfig(host.env);
  return {
    config,
    ...(await openService(name, role, config, host, { audit: { outbox: auditOutbox, cursors: AUDIT_CURSORS } })),
  };
}

export const service: Service = {
  name,
  async startServer(host) {
    const { db, serving } = await open(host, 'SERVER');
    return startSubgraphServer({
      ...serving,
      sdl: await readSubgraphSdl(new URL('./', import.meta.url)),
      resolvers,
      contextOf: (identity) => createContext(db, identity),
    });
  },
  async startWorker(host) {
    const { config, db, logger, openQueues, openSweepLog } = await open(host, 'WORKER');
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
      pinger: createPinger({
        timeoutMs: config.ENTERTAINMENT_PING_TIMEOUT_MS,
        retries: config.ENTERTAINMENT_PING_RETRIES,
        logger,
      }),
      sweepSeconds: config.WHEELHOUSE_SWEEP_SECONDS,
      chunkConcurrency: config.ENTERTAINMENT_CHUNK_CONCURRENCY,
      devicesUrl: config.DEVICES_URL,
      serviceToken: config.WHEELHOUSE_SERVICE_TOKEN,
      metrics: createMetrics(host.metrics),
      logger,
      signal: aborter.signal,
    });
    host.stops.ownWork('entertainment poller', aborter, poller.stopped);
  },
};

if (import.meta.main) await runService(service);
