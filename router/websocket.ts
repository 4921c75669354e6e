import type { Server } from 'node:http';
import type { ApolloServer } from '@apollo/server';
import { isSameSite } from '@wheelhouse/kit/http.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import { type ExecutionArgs, GraphQLError, type GraphQLFormattedError } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { forwardedHeaders, forwardedParams, type RouterContext } from './context.ts';
import type { Engine } from './engine.ts';
import { internalFault, withoutHttp } from './faults.ts';
import type { RouterMetrics } from './metrics.ts';
import type { Pipeline, PreparedOperation } from './pipeline.ts';
import { subscribeTo } from './subscription.ts';
import { SubscriptionRefusedError, type Upstreams } from './upstream.ts';

/** As large as an HTTP body may be. */
const MAX_FRAME_BYTES = 4 * 1024 * 1024;
/** How long a client may take to answer the closing handshake before its socket is cut. */
const CLOSE_GRACE_MS = 2_000;

export type WebSocketDoorOptions = {
  server: Server;
  path: string;
  publicHost: string;
  engine: Engine;
  pipeline: Pipeline;
  apollo: ApolloServer<RouterContext>;
  upstreams: Upstreams;
  metrics: RouterMetrics;
  logger: Logger;
  subscriptionQueue: number;
  keepAliveMs: number;
};

/** What onSubscribe found out and execute and subscribe need. */
type Operation = { prepared: PreparedOperation; source: string; caller: RouterContext };

/** GraphQL over websockets (graphql-transport-ws): subscriptions, and queries and mutations by the same road as over HTTP. */
export function openWebSocketDoor(options: WebSocketDoorOptions): { close: () => Promise<void> } {
  const { server, apollo, pipeline, logger, metrics } = options;
  const wss = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES, perMessageDeflate: false });
  const operations = new WeakMap<ExecutionArgs, Operation>();
  const operationOf = (args: ExecutionArgs): Operation => {
    const operation = operations.get(args);
    if (operation === undefined) throw new Error('an operation came past onSubscribe');
    return operation;
  };

  // What is thrown into graphql-ws goes to the console, stack and all, and ends every operation of the socket.
  const failed = (err: unknown): GraphQLError => {
    logger.error({ err }, 'an operation failed inside the router');
    return internalFault();
  };
  const prepare = (query: string, operationName: string | null | undefined): PreparedOperation | GraphQLError[] => {
    try {
      const prepared = pipeline.prepare(query, operationName);
      return Array.isArray(prepared) ? prepared.map(withoutHttp) : prepared;
    } catch (err) {
      return [failed(err)];
    }
  };

  const graphql = useServer<Record<string, unknown>, { aborter?: AbortController }>(
    {
      // Keeps what went wrong inside out of close reasons.
      isProd: true,
      onConnect: (ctx) => {
        ctx.extra.aborter = new AbortController();
      },
      onClose: (ctx) => ctx.extra.aborter?.abort(),
      onSubscribe: (ctx, _id, { query, operationName, variables }) => {
        const prepared = prepare(query, operationName);
        if (Array.isArray(prepared)) {
          metrics.operation('unknown', 'refused', 0);
          return prepared;
        }
        const args: ExecutionArgs = {
          schema: options.engine.schema,
          document: prepared.document,
          operationName: operationName ?? null,
          variableValues: variables ?? null,
          contextValue: undefined,
        };
        const headers = { ...forwardedHeaders(ctx.extra.request.headers), ...forwardedParams(ctx.connectionParams) };
        const signal = (ctx.extra.aborter ?? new AbortController()).signal;
        operations.set(args, { prepared, source: query, caller: { headers, signal } });
        return args;
      },
      execute: async (args) => {
        const { source, caller } = operationOf(args);
        try {
          const { body } = await apollo.executeOperation(
            {
              query: source,
              ...(args.operationName != null && { operationName: args.operationName }),
              ...(args.variableValues != null && { variables: args.variableValues }),
            },
            { contextValue: caller },
          );
          if (body.kind !== 'single') throw new Error('incremental delivery is off');
          const { errors, ...result } = body.singleResult;
          return { ...result, ...(errors && { errors: errors.map(asGraphQLError) }) };
        } catch (err) {
          return { errors: [failed(err)] };
        }
      },
      subscribe: (args) => {
        const { prepared, caller } = operationOf(args);
        return subscribeTo(options, prepared, args.operationName, args.variableValues ?? {}, caller);
      },
      // graphql-ws makes one error of what a stream ends with; a subgraph may have refused with several.
      onError: (_ctx, _id, _payload, errors) =>
        errors.flatMap((error) => {
          const { originalError } = error;
          return originalError instanceof SubscriptionRefusedError ? originalError.errors : [error.toJSON()];
        }),
    },
    wss,
    options.keepAliveMs,
  );
  wss.on('connection', (socket) => {
    // graphql-ws writes the first error of a socket to the console, stack and all, and listens to no second. What a client sends
    // is no fault of ours: ws closes the socket with the right code by itself.
    socket.removeAllListeners('error');
    socket.on('error', (err) => logger.debug({ err }, 'a websocket failed'));
  });

  let closing = false;
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', (err) => logger.debug({ err }, 'a connection failed during its upgrade'));
    const path = (request.url ?? '/').split('?', 1)[0];
    const status =
      path !== options.path
        ? '404 Not Found'
        : closing
          ? '503 Service Unavailable'
          : isSameSite(request, options.publicHost)
            ? null
            : '403 Forbidden';
    if (status === null) {
      wss.handleUpgrade(request, socket, head, (client) => wss.emit('connection', client, request));
    } else {
      socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    }
  });

  return {
    close: async () => {
      closing = true;
      const timer = setTimeout(() => {
        for (const client of wss.clients) client.terminate();
      }, CLOSE_GRACE_MS);
      await graphql.dispose();
      clearTimeout(timer);
    },
  };
}

/** graphql-ws wants instances of GraphQLError; Apollo Server has made JSON of them. */
const asGraphQLError = ({ message, path, extensions }: GraphQLFormattedError): GraphQLError =>
  new GraphQLError(message, { path, extensions });
