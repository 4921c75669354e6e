import { openHttpDoor } from '@wheelhouse/kit/http.ts';
import { type Access, createAccess } from './access/access.ts';
import { runCommand } from './command.ts';
import { disableTelemetry, type RouterOptions, readRouterConfig } from './config.ts';
import { openEventStreamDoor } from './doors/event-stream.ts';
import { isEventStreamRequest } from './doors/event-stream-request.ts';
import { openExportDoor } from './doors/export.ts';
import { createGraphiqlPage, isPageRequest } from './doors/graphiql.ts';
import { createOperationRoad } from './doors/operation.ts';
import { openWebSocketDoor } from './doors/websocket.ts';
import { SupergraphRefusedError } from './load.ts';
import { createRouterMetrics } from './metrics.ts';
import { type Reloading, startReloading } from './reload.ts';

/** Where GraphQL is served: over HTTP, over websockets, as server-sent events, and GraphiQL for browsers. */
const GRAPHQL_PATH = '/graphql';
/** Files that are too long for GraphQL, made by the subgraph of this name. */
const EXPORT = { path: '/export/history', subgraph: 'history' };

export type RunningRouter = { url: string; reload: Reloading['reload'] };

/**
 * What tells who asks is made for the first supergraph that has a service for accounts, and stays: callers outlive a supergraph.
 *
 * @throws SupergraphRefusedError where the token is missing by which that service knows the router
 */
function accessOnce({
  config,
  logger,
  stops,
}: Pick<RouterOptions, 'logger' | 'stops'> & { config: NonNullable<RouterOptions['config']> }) {
  let access: Access | null = null;
  return (accounts: URL | undefined): Access | null => {
    if (access !== null || accounts === undefined) return access;
    const { serviceToken, anonymousGrants } = config;
    if (serviceToken === null)
      throw new SupergraphRefusedError(
        'The supergraph has accounts: WHEELHOUSE_SERVICE_TOKEN must be set, as their service has it',
      );
    access = createAccess({ accounts, serviceToken, anonymousGrants, now: () => new Date(), logger });
    stops.own('router: access', access, ({ close }) => close());
    return access;
  };
}

/**
 * Serves a composed supergraph. Resolves when it listens.
 *
 * @returns the address of GraphQL, and a way to another supergraph
 * @throws SupergraphRefusedError when the supergraph can't be served as meant
 * @throws Error with code EADDRINUSE when the port is taken
 */
export async function startRouter(options: RouterOptions): Promise<RunningRouter> {
  const { supergraphSdl, subgraphUrls, host, port, logger, stops } = options;
  disableTelemetry();
  const config = options.config ?? readRouterConfig();
  const publicHost = config.publicHost ?? host;
  const metrics = createRouterMetrics();
  // Last to be closed, so that what the others did before is sent. The SDK takes a while to load: only who traces waits for it.
  const tracing =
    config.tracing === null
      ? null
      : (await import('./tracing/export.ts')).startTracing(config.tracing, { logger, onSpans: metrics.spans });
  if (tracing !== null) stops.own('router: traces', tracing, ({ close }) => close());
  const reloading = await startReloading({
    sdl: supergraphSdl,
    subgraphUrls,
    config,
    accessFor: accessOnce({ config, logger, stops }),
    metrics,
    tracing,
    logger,
    drainMs: config.drainMs,
  });
  stops.own('router: engine', reloading, ({ close }) => close());
  const serving = reloading.current;

  /** When what is under way is cut; null until the router is told to stop. */
  let drainEndsAtMs: number | null = null;
  const road = createOperationRoad({ serving, metrics, tracing, logger });
  const page = createGraphiqlPage(GRAPHQL_PATH, options.exampleQuery);
  const eventStream = openEventStreamDoor(road, () => serving().access, config.keepAliveMs);
  const exports = openExportDoor({
    ...EXPORT,
    addressOf: (subgraph) => serving().addressOf(subgraph),
    access: () => serving().access,
    logger,
  });
  stops.own('router: exports', exports, ({ close }) => close());
  const door = await openHttpDoor({
    host,
    publicHost,
    port,
    routes: {
      [GRAPHQL_PATH]: (request, response) => {
        const handler = isPageRequest(request)
          ? page
          : isEventStreamRequest(request)
            ? eventStream.handle
            : serving().answer;
        return handler(request, response);
      },
      [EXPORT.path]: exports.handle,
    },
    unready: () => (drainEndsAtMs === null ? null : 'stopping'),
    metrics: metrics.registry,
    onError: (err) => logger.error({ err }, 'a request failed inside the router'),
  });
  const drainLeftMs = (): number => Math.max(0, (drainEndsAtMs ?? 0) - performance.now());
  stops.own('router: http', door, ({ close }) => close(drainLeftMs()));
  const websockets = openWebSocketDoor({
    server: door.server,
    path: GRAPHQL_PATH,
    publicHost,
    road,
    access: () => serving().access,
    logger,
    keepAliveMs: config.keepAliveMs,
    maxPerConnection: config.maxPerConnection,
  });
  stops.own('router: websockets', websockets, ({ close }) => close(drainLeftMs()));
  stops.own('router: readiness', null, () => {
    drainEndsAtMs = performance.now() + config.drainMs;
    metrics.draining();
    // Streams over HTTP would hold their connections until they are cut.
    eventStream.close();
  });
  return { url: `${door.url}${GRAPHQL_PATH}`, reload: reloading.reload };
}

if (import.meta.main) await runCommand(process.argv.slice(2), startRouter);
