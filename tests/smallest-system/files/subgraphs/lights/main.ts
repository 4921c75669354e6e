import { samplesSealedQueue, sealedSamplesShape } from '@wheelhouse/contracts/samples.ts';
import { openService } from '@wheelhouse/kit/open-service.ts';
import { openSampler } from '@wheelhouse/kit/sampler.ts';
import { readSubgraphSdl } from '@wheelhouse/kit/sdl.ts';
import { runService, type Service, type ServiceHost } from '@wheelhouse/kit/service.ts';
import { startSubgraphServer } from '@wheelhouse/kit/subgraph-server.ts';
import { sweepMetrics } from '@wheelhouse/kit/sweep-metrics.ts';
import { readLightsConfig } from './config.ts';
import { createContext } from './context.ts';
import { openPoller } from './poller.ts';
import { resolvers } from './resolvers.ts';
import { sampleSources, sampleTables } from './samples.ts';

const name = 'lights';

async function open(host: ServiceHost, role: 'SERVER' | 'WORKER') {
  const config = readLightsConfig(host.env);
  return { config, ...(await openService(name, role, config, host)) };
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
      ...{ db, queues, logger, now: () => new Date() },
      service: name,
      tables: sampleTables,
      sources: sampleSources,
      sealed: queues.queue(samplesSealedQueue(name), sealedSamplesShape),
      metrics: host.metrics,
    });
    const aborter = new AbortController();
    const poller = await openPoller({
      sweepLog: openSweepLog(config.WHEELHOUSE_SWEEP_SECONDS),
      ...{ db, queues, logger, signal: aborter.signal },
      sweepSeconds: config.WHEELHOUSE_SWEEP_SECONDS,
      devicesUrl: config.DEVICES_URL,
      serviceToken: config.WHEELHOUSE_SERVICE_TOKEN,
      metrics: sweepMetrics(host.metrics, name),
    });
    host.stops.ownWork('lights poller', aborter, poller.stopped);
  },
};

if (import.meta.main) await runService(service);
