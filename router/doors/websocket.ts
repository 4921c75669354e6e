import type { IncomingMessage, Server } from 'node:http';
import { isSameSite } from '@wheelhouse/kit/http.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import { BatchingWebSocket } from '@wheelhouse/kit/websocket.ts';
import type { ExecutionArgs } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { forwardedHeaders, forwardedParams, type OperationContext, type RouterContext } from '../context.ts';
import { tooMany } from '../subscriptions/hub.ts';
import { SubscriptionRefusedError } from '../subscriptions/upstream.ts';
import type { AdmittedOperation, OperationRoad } from './operation.ts';

/** As large as an HTTP body may be. */
const MAX_FRAME_BYTES = 4 * 1024 * 1024;
/** How long a client may take to answer the closing handshake before its socket is cut. */
const CLOSE_GRACE_MS = 2_000;

export type WebSocketDoorOptions = {
  server: Server;
  path: string;
  publicHost: string;
  road: OperationRoad;
  logger: Logger;
  keepAliveMs: number;
  /** Operations of one connection at the same time. */
  maxPerConnection: number;
};

/** What is known of a connection, besides what graphql-ws keeps. */
type Extra = { request: IncomingMessage; headers?: RouterContext['headers']; aborter?: AbortController };

/** GraphQL over websockets (graphql-transport-ws): subscriptions, and queries and mutations by the same road as over HTTP. */
export function openWebSocketDoor(options: WebSocketDoorOptions): { close: () => Promise<void> } {
  const { server, road, logger, maxPerConnection } = options;
  const wss = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    WebSocket: BatchingWebSocket,
  });
  const operations = new WeakMap<ExecutionArgs, { admitted: AdmittedOperation; caller: OperationContext }>();
  const perform = (args: ExecutionArgs) => {
    const operation = operations.get(args);
    if (operation === undefined) throw new Error('an operation came past onSubscribe');
    operations.delete(args);
    return road.perform(operation.admitted, operation.caller);
  };

  const graphql = useServer<Record<string, unknown>, Extra>(
    {
      // Keeps what went wrong inside out of close reasons.
      isProd: true,
      onConnect: ({ extra, connectionParams }) => {
        extra.headers = { ...forwardedHeaders(extra.request.headers), ...forwardedParams(connectionParams) };
      },
      onClose: ({ extra }) => extra.aborter?.abort(),
      onSubscribe: ({ extra, subscriptions }, _id, payload) => {
        if (Object.keys(subscriptions).length > maxPerConnection) {
          return [
            tooMany(`This connection has ${maxPerConnection} operations open, which is all it may`, maxPerConnection),
          ];
        }
        const { query, operationName = null, variables = null } = payload;
        const headers = extra.headers ?? {};
        const admitted = road.admit({ query, operationName, variables }, 'websocket', headers);
        if (Array.isArray(admitted)) return admitted;
        const args: ExecutionArgs = {
          schema: admitted.serving.engine.schema,
          document: admitted.prepared.document,
          operationName,
          variableValues: variables,
          contextValue: undefined,
        };
        const caller = {
          headers,
          stage: admitted.stage,
          // Most connections have a subscription and nothing else, which needs none.
          get signal() {
            extra.aborter ??= new AbortController();
            return extra.aborter.signal;
          },
        };
        operations.set(args, { admitted, caller });
        return args;
      },
      execute: perform,
      subscribe: perform,
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
  wss.on('connection', (socket, request) => {
    socket.batchOn(request.socket);
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
