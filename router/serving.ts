import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ApolloServer } from '@apollo/server';
import { graphqlHandler } from '@wheelhouse/kit/graphql-http.ts';
import type { Handler } from '@wheelhouse/kit/http.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import { startApollo } from './apollo.ts';
import type { RouterOptions } from './config.ts';
import { forwardedHeaders, type RouterContext } from './context.ts';
import { createSubgraphClient, type SubgraphObserver } from './data-source.ts';
import { createEngine, type Engine } from './engine.ts';
import { InFlight } from './in-flight.ts';
import { loadSupergraph } from './load.ts';
import type { RouterMetrics } from './metrics.ts';
import { createPipeline, type Pipeline } from './pipeline.ts';
import type { PlanRequest } from './planner.ts';
import { Hub, schemaReloaded } from './subscriptions/hub.ts';
import { createSubscribe, type Subscribe } from './subscriptions/subscribe.ts';
import { createUpstreams } from './subscriptions/upstream.ts';

/** Everything that serves one supergraph. It never changes: another supergraph is another of these, put in its place at once. */
export type Serving = {
  engine: Engine;
  pipeline: Pipeline;
  apollo: ApolloServer<RouterContext>;
  /** Answers GraphQL over HTTP. */
  answer: Handler;
  subscribe: Subscribe;
  /** Plans operations of the one before, so that the first to ask for them need not wait. Resolves with how many it could plan. */
  warm: (requests: readonly PlanRequest[], deadlineMs: number) => Promise<number>;
  /** Ends its subscriptions with SUBSCRIPTION_SCHEMA_RELOAD, lets what runs come to its end, and closes. */
  retire: (limitMs: number) => Promise<void>;
  /** Ends its subscriptions; what waits for one is still delivered. */
  endSubscriptions: () => void;
  close: () => Promise<void>;
};

export type ServingOptions = {
  sdl: string;
  subgraphUrls: Record<string, string> | undefined;
  config: NonNullable<RouterOptions['config']>;
  metrics: RouterMetrics;
  logger: Logger;
};

/** @throws SupergraphRefusedError when the supergraph can't be served as meant */
export async function createServing(options: ServingOptions): Promise<Serving> {
  const { sdl, subgraphUrls, config, metrics, logger } = options;
  const loaded = loadSupergraph(sdl, subgraphUrls);
  const onFailure = (service: string, err: unknown): void => logger.warn({ service, err }, 'a subgraph failed');
  const { timeoutMs } = config.subgraph;
  const counted = metrics.subgraphs();
  const onBreaker: SubgraphObserver['onBreaker'] = (service, phase) => {
    counted.onBreaker(service, phase);
    if (phase === 'open') logger.warn({ service }, 'a subgraph is not asked for a while');
  };
  const asking = { ...config.subgraph, ...counted, onBreaker, onFailure };
  const inFlight = config.subgraph.deduplicate ? new InFlight() : null;
  const clients = loaded.subgraphs.map((subgraph) => createSubgraphClient(subgraph, { ...asking, inFlight }));
  const engine = createEngine({ loaded, clients, logger, onPlan: metrics.plan });
  const pipeline = createPipeline(engine.schema, config.limits);
  const apollo = await startApollo({ engine, pipeline, metrics, logger });
  const upstreams = createUpstreams(loaded.subgraphs, { timeoutMs, keepAliveMs: config.keepAliveMs, onFailure });
  const hub = new Hub({
    ...config.subscriptions,
    onOpened: metrics.subscriptionOpened,
    onEnded: metrics.subscriptionEnded,
  });

  const close = async (): Promise<void> => {
    hub.close();
    upstreams.close();
    await apollo.stop();
    await Promise.all(clients.map((client) => client.close()));
  };
  return {
    engine,
    pipeline,
    apollo,
    answer: graphqlHandler(apollo, ({ headers }, signal) => ({ headers: forwardedHeaders(headers), signal })),
    subscribe: createSubscribe({ engine, upstreams, hub, metrics }),
    warm: async (requests, deadlineMs) => {
      const endsAt = performance.now() + deadlineMs;
      let planned = 0;
      for (const { document, operationName } of requests) {
        const prepared = pipeline.prepare(document.loc?.source.body ?? '', operationName);
        if (!Array.isArray(prepared)) {
          try {
            engine.plan({ ...prepared, operationName });
            planned += 1;
          } catch (err) {
            logger.debug({ err }, 'an operation can not be planned on the new supergraph');
          }
        }
        // Planning takes milliseconds: others get their turn in between.
        await nextTurn();
        if (performance.now() > endsAt) break;
      }
      return planned;
    },
    retire: async (limitMs) => {
      hub.endAll('reload', schemaReloaded());
      await engine.idle(limitMs);
      await close();
    },
    endSubscriptions: () => hub.endAll('stopping'),
    close,
  };
}
