import { isLoopbackName, openHttpDoor, sendNothingServed } from '@wheelhouse/kit/http.ts';
import { type Access, createAccess } from './access/access.ts';
import { createNameCaller } from './caller.ts';
import { runCommand } from './command.ts';
import { disableTelemetry, type RouterOptions, readRouterConfig } from './config.ts';
import { limitConnections } from './connections.ts';
import { openConsole } from './doors/console.ts';
import { openEventStreamDoor } from './doors/event-stream.ts';
import { isEventStreamRequest } from './doors/event-stream-request.ts';
import { openExportDoor } from './doors/export.ts';
import { createGraphiqlPage, isPageRequest, refusePage } from './doors/graphiql.ts';
import { type IntroducedHandler, limited } from './doors/limited.ts';
import { createOperationRoad } from './doors/operation.ts';
import { openWebSocketDoor } from './doors/websocket.ts';
import { createFairness } from './fairness.ts';
import { createIntroduce } from './introduce.ts';
import { SupergraphRefusedError } from './load.ts';
import { createRouterMetrics } from './metrics.ts';
import { createMetricsDoor } from './metrics-door.ts';
import { createOrigins } from './origins.ts';
import { createPersistedOperations, readManifest } from './persisted.ts';
import { createRates } from './rates.ts';
import { type Reloading, startReloading } from './reload.ts';
import { securityHeaders } from './security-headers.ts';
import { createSessionAccounts } from './session/accounts.ts';
import { SESSION_PATH } from './session/cookies.ts';
import { openSessionDoor } from './session/door.ts';
import { createCookieOf } from './session/own-page.ts';

/** Where GraphQL is served: over HTTP, over websockets, as server-sent events, and GraphiQL for browsers. */
const GRAPHQL_PATH = '/graphql';
/** GraphiQL once more, for who comes from the console. */
const EXPLORER_PATH = '/explorer';
/** What an export counts for, of the cost that one caller may have: as much as a thousand objects. */
const EXPORT_COST = 1_000;
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
 * @throws ConfigError when the manifest of operations can't be used, or there is no console where one should be
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
  const { doors, maxPerConnection } = config;
  const persisted = createPersistedOperations(
    config.operationsManifest === null ? null : await readManifest(config.operationsManifest),
  );
  const rates = createRates(config.rates, logger, metrics.rateLimited);
  stops.own('router: rates', rates, ({ close }) => close());
  const fairness = createFairness(config);
  metrics.waiting(fairness.waiting);
  const nameOf = createNameCaller(doors.proxyHops);
  const introspection = config.introspection ?? isLoopbackName(publicHost);
  const reloading = await startReloading({
    guards: { rates, fairness, persisted, introspection },
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
  const road = createOperationRoad({ serving, persisted, metrics, tracing, logger });
  const page = createGraphiqlPage(GRAPHQL_PATH, options.exampleQuery);
  const access = (): Access | null => serving().access;
  const eventStream = openEventStreamDoor(road, access, config.keepAliveMs);
  const addressOf = (subgraph: string): URL | undefined => serving().addressOf(subgraph);
  const exports = openExportDoor({ ...EXPORT, addressOf, access, logger });
  stops.own('router: exports', exports, ({ close }) => close());
  const origins = createOrigins({ publicHost, ...doors });
  const introduce = createIntroduce({ access, proxyHops: doors.proxyHops, nameOf, rates });
  const cookieOf = createCookieOf(doors.proxyHops);
  const callers = { introduce, rates, origins, fairness, cookieOf, cost: 0 };
  const answer: IntroducedHandler = (introduced, request, response) =>
    (isEventStreamRequest(request) ? eventStream.handle : serving().answer)(introduced, request, response);
  const graphql = limited(answer, callers);
  const accounts = createSessionAccounts({ serving, metrics, tracing });
  const session = openSessionDoor({ accounts, introduce, rates, proxyHops: doors.proxyHops });
  const pages = await openConsole(config.consoleFolder, doors.proxyHops);
  const explorer = introspection ? page : refusePage;
  const door = await openHttpDoor({
    host,
    port,
    admits: origins.admits,
    headersOf: securityHeaders(doors.proxyHops),
    timeouts: { headersMs: doors.headersTimeoutMs, requestMs: doors.requestTimeoutMs },
    routes: {
      [GRAPHQL_PATH]: (request, response) => (isPageRequest(request) ? explorer : graphql)(request, response),
      [EXPLORER_PATH]: (request, response) =>
        (isPageRequest(request) ? explorer : sendNothingServed)(request, response),
      [SESSION_PATH]: session.session,
      [`${SESSION_PATH}/refresh`]: session.refresh,
      [EXPORT.path]: limited(exports.handle, { ...callers, cost: EXPORT_COST }),
    },
    ...(pages !== null && { otherwise: pages }),
    unready: () => (drainEndsAtMs === null ? null : 'stopping'),
    metrics: metrics.registry,
    refusesMetrics: createMetricsDoor({
      ...{ host, publicHost, proxyHops: doors.proxyHops },
      tokens: [config.metricsToken, config.serviceToken],
    }),
    onError: (err) => logger.error({ err }, 'a request failed inside the router'),
  });
  if (doors.proxyHops === 0) {
    limitConnections(door.server, doors.maxConnectionsPerCaller, nameOf, () => metrics.rateLimited('connections'));
  }
  const drainLeftMs = (): number => Math.max(0, (drainEndsAtMs ?? 0) - performance.now());
  stops.own('router: http', door, ({ close }) => close(drainLeftMs()));
  const websockets = openWebSocketDoor({
    server: door.server,
    path: GRAPHQL_PATH,
    admits: origins.admits,
    nameOf,
    logger,
    keepAliveMs: config.keepAliveMs,
    operations: { road, maxPerConnection, introduce, cookieOf, access, rates, fairness },
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
