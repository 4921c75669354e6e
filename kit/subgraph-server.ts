import { ApolloServer } from '@apollo/server';
import { unwrapResolverError } from '@apollo/server/errors';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
} from '@apollo/server/plugin/disabled';
import { buildSubgraphSchema, type GraphQLResolverMap } from '@apollo/subgraph';
import { createSourceEventStream, GraphQLError, type GraphQLFormattedError, parse, type subscribe } from 'graphql';
import { CloseCode } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import type { Registry } from 'prom-client';
import { WebSocketServer } from 'ws';
import { isDatabaseAway, isUnstorableText, shortened } from './errors.ts';
import { enforceRules } from './field-rules.ts';
import { graphqlHandler } from './graphql-http.ts';
import { type Handler, isSameSite, openHttpDoor, sendJson } from './http.ts';
import { type Asserted, IDENTITY_HEADER } from './identity.ts';
import type { StopList } from './lifecycle.ts';
import type { Logger } from './logger.ts';
import { plainLists } from './plain-lists.ts';
import { type RefusalWatch, watchRefusals } from './refusal-watch.ts';
import { resultsOf } from './subscription-results.ts';
import { nameUnstorableTexts } from './unstorable-text.ts';
import { BatchingWebSocket } from './websocket.ts';

export type { GraphQLResolverMap };

const MAX_FRAME_BYTES = 4 * 1024 * 1024;

/** What every resolver is told: who asks. */
export type AskedBy = { identity: Asserted };

/** Reads who is asking from what the router signed for this service; null for anything else, as for the empty text: nothing was said. */
export type IdentityReader = (token: string) => Promise<Asserted | null>;

export type SubgraphServerOptions<Context extends AskedBy> = {
  /** Its rules of who may ask for which field (kit/field-rules.ts) are enforced. */
  sdl: string;
  resolvers: GraphQLResolverMap<Context>;
  /** A context for one request: loaders must not outlive it. */
  contextOf: (identity: Asserted) => Context;
  /** For IDENTITY_HEADER, of a request and of the payload with which a websocket connects. Who it does not know gets nothing. */
  identityReader: IdentityReader;
  host: string;
  port: number;
  /** Told of whom fields refuse something because of who they are. @default nobody is */
  refusals?: RefusalWatch;
  /** Doors besides /graphql, by path. */
  routes?: Record<string, Handler>;
  unready: () => Promise<string | null>;
  metrics: Registry;
  logger: Logger;
  stops: StopList;
};

/** Answers what callers may see of an error: their own mistakes as they are, ours without details. */
function formatError(logger: Logger) {
  return (formatted: GraphQLFormattedError, err: unknown): GraphQLFormattedError => {
    const cause = unwrapResolverError(err);
    if (cause instanceof GraphQLError) return { ...formatted, message: shortened(formatted.message) };
    if (isDatabaseAway(cause)) {
      return { ...formatted, message: 'The database is away, try again', extensions: { code: 'DATABASE_UNAVAILABLE' } };
    }
    if (isUnstorableText(cause)) {
      return {
        ...formatted,
        message: 'Text may not contain the character U+0000',
        extensions: { code: 'BAD_USER_INPUT' },
      };
    }
    logger.error({ err: cause, path: formatted.path }, 'a resolver failed');
    return { ...formatted, message: 'Internal error', extensions: { code: 'INTERNAL_SERVER_ERROR' } };
  };
}

const UNKNOWN_CALLER = {
  message:
    'This service answers what its router asks for: the request has no identity that was signed for it, or an old one',
  extensions: { code: 'UNAUTHENTICATED' },
};

/** @param named headers, or the payload of connection_init */
export async function readIdentity(
  reader: IdentityReader,
  named: Readonly<Record<string, unknown>> | null | undefined,
): Promise<Asserted | null> {
  const token = named?.[IDENTITY_HEADER];
  return reader(typeof token === 'string' ? token : '');
}

/** GraphQL over HTTP, for those whom the router asks for. */
function guardedHandler<Context extends AskedBy>(
  apollo: ApolloServer<Context>,
  { identityReader, contextOf }: Pick<SubgraphServerOptions<Context>, 'identityReader' | 'contextOf'>,
): Handler {
  return async (request, response) => {
    const identity = await readIdentity(identityReader, request.headers);
    // Before the body is read: a stranger's costs nothing.
    if (identity === null) return sendJson(response, 401, { errors: [UNKNOWN_CALLER] });
    return graphqlHandler(apollo, () => contextOf(identity))(request, response);
  };
}

/** Serves a subgraph over HTTP and graphql-transport-ws on /graphql, with the doors that every service has. */
export async function startSubgraphServer<Context extends AskedBy>(
  options: SubgraphServerOptions<Context>,
): Promise<{ url: string }> {
  const { logger, stops, contextOf, identityReader } = options;
  const schema = buildSubgraphSchema([{ typeDefs: parse(options.sdl), resolvers: options.resolvers }]);
  // Before lists are completed beside graphql-js: a field with a rule is no plain one from here on.
  enforceRules(schema);
  nameUnstorableTexts(schema);
  if (options.refusals !== undefined) watchRefusals(schema, options.refusals);
  const format = formatError(logger);
  const apollo = new ApolloServer<Context>({
    schema,
    formatError: format,
    includeStacktraceInErrorResponses: false,
    // Both that are left out would wrap the resolver of every field, the trace where a header asks for it: of an answer of ten thousands of
    // values that would be most of the cost.
    plugins: [ApolloServerPluginCacheControlDisabled(), ApolloServerPluginInlineTraceDisabled(), plainLists(schema)],
    stopOnTerminationSignals: false,
    logger,
  });
  await apollo.start();
  stops.own('apollo server', apollo, (server) => server.stop());
  const door = await openHttpDoor({
    host: options.host,
    port: options.port,
    routes: {
      ...options.routes,
      '/graphql': guardedHandler(apollo, options),
    },
    unready: options.unready,
    metrics: options.metrics,
    onError: (err) => logger.error({ err }, 'a request failed'),
  });
  stops.own('http door', door, ({ close }) => close());

  const sockets = new WebSocketServer({
    server: door.server,
    path: '/graphql',
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    WebSocket: BatchingWebSocket,
    verifyClient: ({ req }: { req: Parameters<typeof isSameSite>[0] }) => isSameSite(req, options.host),
  });
  sockets.on('error', (err) => logger.warn({ err }, 'websocket server failed'));
  sockets.on('connection', (socket, request) => socket.batchOn(request.socket));
  const masked = (errors: readonly GraphQLError[]): GraphQLFormattedError[] =>
    errors.map((error) => format(error.toJSON(), error));
  const failureOf = (err: unknown): GraphQLError => {
    const { message, extensions } = format(err instanceof GraphQLError ? err.toJSON() : { message: String(err) }, err);
    return new GraphQLError(message, { extensions });
  };
  const graphqlWs = useServer<Record<string, unknown>, AskedBy>(
    {
      schema,
      // What the router signs lives for a minute, and a connection for longer: it is read once, and the router ends streams.
      onConnect: async ({ connectionParams, extra }) => {
        const identity = await readIdentity(identityReader, connectionParams);
        if (identity !== null) extra.identity = identity;
        else extra.socket.close(CloseCode.Unauthorized, UNKNOWN_CALLER.extensions.code);
        return identity !== null;
      },
      context: ({ extra }) => {
        if (extra.identity === undefined) throw new Error('an operation came over a connection that was refused');
        return contextOf(extra.identity);
      },
      // Only onOperation knows the payload: there the events become results.
      subscribe: createSourceEventStream as typeof subscribe,
      onOperation: (_context, _id, { extensions }, args, result) =>
        Symbol.asyncIterator in result
          ? resultsOf(result, args, { isResumable: extensions?.resumable === true, failureOf })
          : undefined,
      onError: (_context, _id, _payload, errors) => masked(errors),
      // Without `data` a result is a refusal of the whole operation: none is added.
      onNext: (_context, _id, _payload, _args, { errors, data, extensions }) =>
        errors === undefined
          ? undefined
          : { ...(data !== undefined && { data }), errors: masked(errors), ...(extensions && { extensions }) },
    },
    sockets,
  );
  stops.own('websockets', graphqlWs, (server) => server.dispose());
  return { url: `${door.url}/graphql` };
}
