import { samplesSealedQueue, sealedSamplesShape } from '@wheelhouse/contracts/samples.ts';
import { openDatabase, waitForDatabase } from '@wheelhouse/kit/database.ts';
import { createIdentityReader } from '@wheelhouse/kit/identity.ts';
import { openQueues } from '@wheelhouse/kit/queue.ts';
import { openSampler } from '@wheelhouse/kit/sampler.ts';
import { readSubgraphSdl } from '@wheelhouse/kit/sdl.ts';
import { runService, type Service, type ServiceHost } from '@wheelhouse/kit/service.ts';
import { startSubgraphServer } from '@wheelhouse/kit/subgraph-server.ts';
import { sql } from 'drizzle-orm';
import { createAppspace } from './appspace.ts';
import { readAppspaceConfig } from './config.ts';
import { createContext } from './context.ts';
import { createMetrics } from './metrics.ts';
import { openPoller } from './poller.ts';
import { resolvers } from './resolvers.ts';
import { sampleSources, sampleTables } from './samples.ts';

const name = 'appspace';
/** The part of the interval that listing all players may take; the rest is for what is done with the list. */
const LISTING_SHARE = 0.8;
const now = (): Date => new Date();

async function open({ env, logger, stops, metrics }: ServiceHost) {
  const config = readAppspaceConfig(env);
  await waitForDatabase(config.DATABASE_URL, logger);
  const { db } = stops.own(
    'database',
    openDatabase(config.DATABASE_URL, { metrics: { registry: metrics, service: name } }),
    ({ close }) => close(),
  );
  return { config, db };
}

export const service: Service = {
  name,
  async startServer(host) {
    const logger = host.logger.child({ service: name });
    const { config, db } = await open({ ...host, logger });
    return startSubgraphServer({
      sdl: await readSubgraphSdl(new URL('./', import.meta.url)),
      resolvers,
      contextOf: (identity) => createContext(db, identity),
      identityReader: createIdentityReader(config.WHEELHOUSE_SERVICE_TOKEN, name, now),
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
  },
  async startWorker(host) {
    const logger = host.logger.child({ service: name });
    const { stops } = host;
    const { config, db } = await open({ ...host, logger });
    const queues = openQueues({ databaseUrl: config.DATABASE_URL, redisUrl: config.REDIS_URL, logger, stops });
    await openSampler({
      ...{ db, queues, logger, now },
      service: name,
      tables: sampleTables,
      sources: sampleSources,
      sealed: queues.queue(samplesSealedQueue(name), sealedSamplesShape),
      metrics: host.metrics,
    });
    const metrics = createMetrics(host.metrics);
    const timeoutMs = config.APPSPACE_TIMEOUT_MS;
    const appspace =
      config.account &&
      createAppspace({
        account: config.account,
        timeoutMs,
        listingMs: Math.max(timeoutMs, config.WHEELHOUSE_SWEEP_SECONDS * 1_000 * LISTING_SHARE),
        onRequest: (path, outcome) => metrics.requests.inc({ path, outcome }),
        now: Date.now,
      });
    const aborter = new AbortController();
    const poller = await openPoller({
      db,
      queues,
      appspace,
      sweepSeconds: config.WHEELHOUSE_SWEEP_SECONDS,
      chunkConcurrency: config.APPSPACE_CHUNK_CONCURRENCY,
      devicesUrl: config.DEVICES_URL,
      serviceToken: config.WHEELHOUSE_SERVICE_TOKEN,
      metrics,
      logger,
      signal: aborter.signal,
    });
    // First of all to stop: requests under way end at once, and their chunks are taken again by the next worker.
    stops.own('appspace poller', poller, ({ stopped }) => {
      aborter.abort(new Error('the worker is stopping'));
      return stopped;
    });
  },
};

if (import.meta.main) await runService(service);
