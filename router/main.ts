import { graphqlHandler } from '@wheelhouse/kit/graphql-http.ts';
import { openHttpDoor } from '@wheelhouse/kit/http.ts';
import { startApollo } from './apollo.ts';
import { runCommand } from './command.ts';
import { disableTelemetry, type RouterOptions, readRouterConfig } from './config.ts';
import { forwardedHeaders } from './context.ts';
import { createSubgraphClient, type SubgraphObserver } from './data-source.ts';
import { createEngine } from './engine.ts';
import { createGraphiqlPage, isPageRequest } from './graphiql.ts';
import { InFlight } from './in-flight.ts';
import { loadSupergraph } from './load.ts';
import { createRouterMetrics } from './metrics.ts';
import { createPipeline } from './pipeline.ts';
import { createUpstreams } from './upstream.ts';
import { openWebSocketDoor } from './websocket.ts';

/** Where GraphQL is served: over HTTP, over websockets, and GraphiQL for browsers. */
const GRAPHQL_PATH = '/graphql';

/**
 * Serves a composed supergraph. Resolves when it listens.
 *
 * @returns the address of GraphQL
 * @throws SupergraphRefusedError when the supergraph can't be served as meant
 * @throws Error with code EADDRINUSE when the port is taken
 */
export async function startRouter(options: RouterOptions): Promise<{ url: string }> {
  const { supergraphSdl, subgraphUrls, host, port, logger, stops } = options;
  disableTelemetry();
  const config = options.config ?? readRouterConfig();
  const publicHost = config.publicHost ?? host;
  const loaded = loadSupergraph(supergraphSdl, subgraphUrls);
  const metrics = createRouterMetrics();
  const onFailure = (service: string, err: unknown): void => logger.warn({ service, err }, 'a subgraph failed');
  const { timeoutMs } = config.subgraph;
  const onBreaker: SubgraphObserver['onBreaker'] = (service, phase) => {
    metrics.subgraphs.onBreaker(service, phase);
    if (phase === 'open') logger.warn({ service }, 'a subgraph is not asked for a while');
  };
  const observer = { ...metrics.subgraphs, onBreaker, onFailure };
  const inFlight = config.subgraph.deduplicate ? new InFlight() : null;
  const clients = loaded.subgraphs.map((subgraph) => {
    const client = createSubgraphClient(subgraph, { ...config.subgraph, ...observer, inFlight });
    return stops.own(`connections to ${subgraph.name}`, client, ({ close }) => close());
  });
  const engine = createEngine({ loaded, clients, logger, onPlan: metrics.plan });
  const pipeline = createPipeline(engine.schema, config.limits);
  const apollo = await startApollo({ engine, pipeline, metrics, logger });
  stops.own('router: apollo server', apollo, () => apollo.stop());
  const upstreams = createUpstreams(loaded.subgraphs, { timeoutMs, keepAliveMs: config.keepAliveMs, onFailure });
  stops.own('router: upstream websockets', upstreams, ({ close }) => close());

  let isDraining = false;
  const answer = graphqlHandler(apollo, ({ headers }, signal) => ({ headers: forwardedHeaders(headers), signal }));
  const page = createGraphiqlPage(GRAPHQL_PATH, options.exampleQuery);
  const door = await openHttpDoor({
    host,
    publicHost,
    port,
    routes: { [GRAPHQL_PATH]: (request, response) => (isPageRequest(request) ? page : answer)(request, response) },
    unready: () => (isDraining ? 'stopping' : null),
    metrics: metrics.registry,
    onError: (err) => logger.error({ err }, 'a request failed inside the router'),
  });
  stops.own('router: http', door, ({ close }) => close());
  const websockets = openWebSocketDoor({
    server: door.server,
    path: GRAPHQL_PATH,
    publicHost,
    engine,
    pipeline,
    apollo,
    upstreams,
    metrics,
    logger,
    subscriptionQueue: config.subscriptionQueue,
    keepAliveMs: config.keepAliveMs,
  });
  stops.own('router: websockets', websockets, ({ close }) => close());
  stops.own('router: readiness', null, () => {
    isDraining = true;
  });
  return { url: `${door.url}${GRAPHQL_PATH}` };
}

if (import.meta.main) await runCommand(process.argv.slice(2), startRouter);
