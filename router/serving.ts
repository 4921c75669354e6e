import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ApolloServer } from '@apollo/server';
import { graphqlHandler } from '@wheelhouse/kit/graphql-http.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import type { Access } from './access/access.ts';
import { createGuard } from './access/rules.ts';
import { type Admit, createAdmit } from './admission.ts';
import { startApollo } from './apollo.ts';
import type { RouterOptions } from './config.ts';
import { forwardedHeaders, type OperationContext, wantsCost } from './context.ts';
import { createCostEstimate } from './cost/estimate.ts';
import { readWeights } from './cost/weights.ts';
import type { IntroducedHandler } from './doors/limited.ts';
import { createEngine, type Engine } from './engine.ts';
import type { Fairness } from './fairness.ts';
import { endOfCaller } from './introduce.ts';
import { ACCOUNTS, loadSupergraph } from './load.ts';
import type { RouterMetrics } from './metrics.ts';
import type { PersistedOperations } from './persisted.ts';
import { createPipeline, type Pipeline } from './pipeline.ts';
import { documentPlanWeight, sharedEntities } from './plan-weight.ts';
import type { PlanRequest } from './planner.ts';
import type { Rates } from './rates.ts';
import { createSubgraphClient, type SubgraphObserver } from './subgraphs/data-source.ts';
import { InFlight } from './subgraphs/in-flight.ts';
import { schemaReloaded } from './subscriptions/endings.ts';
import { Hub } from './subscriptions/hub.ts';
import { createSubscribe, type Subscribe } from './subscriptions/subscribe.ts';
import { createUpstreams } from './subscriptions/upstream.ts';
import type { Tracing } from './tracing/stage.ts';

/** Everything that serves one supergraph. It never changes: another supergraph is another of these, put in its place at once. */
export type Serving = {
  engine: Engine;
  pipeline: Pipeline;
  /** Tells who asks; null where there are no accounts. */
  access: Access | null;
  apollo: ApolloServer<OperationContext>;
  /** Answers GraphQL over HTTP. */
  answer: IntroducedHandler;
  /** What an operation passes that comes by no door for GraphQL. */
  admit: Admit;
  subscribe: Subscribe;
  /** Where a subgraph answers GraphQL; undefined when there is none of that name. */
  addressOf: (subgraph: string) => URL | undefined;
  /** Plans operations of the one before, so that the first to ask for them need not wait. Resolves with how many it could plan. */
  warm: (requests: readonly PlanRequest[], deadlineMs: number) => Promise<number>;
  /** Ends its subscriptions with SUBSCRIPTION_SCHEMA_RELOAD, lets what runs come to its end, and closes. */
  retire: (limitMs: number) => Promise<void>;
  close: () => Promise<void>;
};

export type ServingOptions = {
  sdl: string;
  subgraphUrls: Record<string, string> | undefined;
  config: NonNullable<RouterOptions['config']>;
  /** Gives what tells who asks, by where the service for accounts is; null where there is none. */
  accessFor: (accounts: URL | undefined) => Access | null;
  metrics: RouterMetrics;
  /** null: nothing is traced. */
  tracing: Tracing | null;
  guards: Guards;
  logger: Logger;
};

/** What limits callers whatever supergraph is served. */
export type Guards = {
  rates: Rates;
  fairness: Fairness;
  persisted: PersistedOperations;
  /** Whether the graph tells about itself. */
  introspection: boolean;
};

/** Answers GraphQL over HTTP, with a trace from the arrival of the request where there are traces. */
function httpHandler(
  apollo: ApolloServer<OperationContext>,
  access: Access | null,
  tracing: Tracing | null,
): IntroducedHandler {
  return async (introduced, request, response) => {
    const stage = tracing?.operation('http', forwardedHeaders(request.headers)) ?? null;
    // One for each request: a WeakMap of requests would keep the collector busy.
    const handler = graphqlHandler(apollo, ({ headers }, signal) => {
      // The request may have come slowly.
      const end = endOfCaller(access, introduced.caller);
      if (end !== null) throw end;
      return { ...introduced, signal, stage, showsCost: wantsCost(headers) };
    });
    try {
      await handler(request, response);
    } finally {
      // One that has ended by now came to an operation; else the request was none.
      stage?.endOperation({ type: 'unknown', name: null, outcome: 'refused' });
    }
  };
}

/** @throws SupergraphRefusedError when the supergraph can't be served as meant */
export async function createServing(options: ServingOptions): Promise<Serving> {
  const { sdl, subgraphUrls, config, metrics, tracing, guards, logger } = options;
  const loaded = loadSupergraph(sdl, subgraphUrls);
  const onFailure = (service: string, err: unknown): void => logger.warn({ service, err }, 'a subgraph failed');
  const { timeoutMs } = config.subgraph;
  const counted = metrics.subgraphs();
  const onBreaker: SubgraphObserver['onBreaker'] = (service, phase) => {
    counted.onBreaker(service, phase);
    if (phase === 'open') logger.warn({ service }, 'a subgraph is not asked for a while');
  };
  const access = options.accessFor(loaded.subgraphs.find(({ name }) => name === ACCOUNTS)?.url);
  const asking = { ...config.subgraph, ...counted, onBreaker, onFailure, vouch: access?.vouch ?? null };
  const inFlight = config.subgraph.deduplicate ? new InFlight() : null;
  const clients = loaded.subgraphs.map((subgraph) => createSubgraphClient(subgraph, { ...asking, inFlight }));
  const { fairness, introspection, persisted, rates } = guards;
  const engine = createEngine({ loaded, clients, logger, onPlan: metrics.plan, suggests: introspection });
  const entities = sharedEntities(loaded.document);
  const pipeline = createPipeline({
    schema: engine.schema,
    limits: config.limits,
    planWeightOf: (document) => documentPlanWeight(engine.schema, entities, document),
    maxPlanWeight: config.maxPlanWeight,
    onNew: (countedAs, work) => {
      fairness.prepared(countedAs, work);
      void rates.take(countedAs, 'work', work);
    },
    introspection,
    faultOfText: persisted.faultOf,
    onPrepared: metrics.prepared,
  });
  const { maxCost } = config;
  const admit = createAdmit({
    estimate: createCostEstimate(engine.schema, readWeights(loaded.document)),
    maxCost,
    rates,
    hasFieldRates: config.rates.fields.length > 0,
    onCost: metrics.cost,
  });
  const guard = createGuard(engine.schema, loaded.rules, access?.noteRefusal);
  const apollo = await startApollo({
    engine,
    pipeline,
    guard,
    metrics,
    access,
    admit,
    fairness,
    maxCost,
    persisted,
    logger,
  });
  const upstreams = createUpstreams(loaded.subgraphs, { timeoutMs, keepAliveMs: config.keepAliveMs, onFailure });
  const hub = new Hub({
    ...config.subscriptions,
    ...(access && { endOf: access.endOf }),
    onOpened: metrics.subscriptionOpened,
    onEnded: metrics.subscriptionEnded,
  });
  const unheard = access?.onTaken(() => hub.endTaken());
  const shown = metrics.watch({
    keptDocuments: pipeline.keptDocuments,
    planCache: engine.planCache,
    running: engine.running,
    streams: () => hub.census(),
  });

  const close = async (): Promise<void> => {
    unheard?.();
    hub.close();
    upstreams.close();
    await apollo.stop();
    await Promise.all(clients.map((client) => client.close()));
    shown.closed();
  };
  return {
    engine,
    pipeline,
    access,
    apollo,
    answer: httpHandler(apollo, access, tracing),
    admit,
    subscribe: createSubscribe({ engine, access, guard, admit, upstreams, hub, metrics, tracing }),
    addressOf: (subgraph) => loaded.subgraphs.find(({ name }) => name === subgraph)?.url,
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
      shown.replaced();
      hub.endAll('reload', schemaReloaded());
      await engine.idle(limitMs);
      await close();
    },
    close,
  };
}
