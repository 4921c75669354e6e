import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { isSameSite } from '@wheelhouse/kit/http.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import { BatchingWebSocket } from '@wheelhouse/kit/websocket.ts';
import { type ExecutionArgs, GraphQLError } from 'graphql';
import { CloseCode } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { forwardedHeaders, forwardedParams, type RouterContext } from '../context.ts';
import { tooMany } from '../subscriptions/hub.ts';
import { SubscriptionRefusedError } from '../subscriptions/upstream.ts';
import type { AdmittedOperation, OperationRoad } from './operation.ts';

/** As large as an HTTP body may be. */
const MAX_FRAME_BYTES = 4 * 1024 * 1024;
/** How long a client may take to answer the closing handshake before its socket is cut. */
const CLOSE_GRACE_MS = 2_000;
/** An id comes back with every event of its operation, and is kept as long as that runs. */
const MAX_ID_LENGTH = 256;
/** Answers that may wait for a client to read them before no more of what it sends is read. */
const MAX_UNREAD_BYTES = 1024 * 1024;

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
type Extra = {
  socket: WebSocket;
  request: IncomingMessage;
  headers?: RouterContext['headers'];
  aborter?: AbortController;
  /** Queries and mutations that run; those that the client has given up are among them. */
  executing?: number;
};

/**
 * Reads no more of a client that does not read what it is answered: pings and refusals have no other limit. When it stays away,
 * its pongs do too, and the connection is cut.
 */
function holdBack(socket: WebSocket, stream: Duplex): void {
  const look = (): void => {
    if (socket.isPaused || socket.bufferedAmount <= MAX_UNREAD_BYTES) return;
    socket.pause();
    stream.once('drain', () => socket.resume());
  };
  socket.on('message', look);
  socket.on('ping', look);
}

/** GraphQL over websockets (graphql-transport-ws): subscriptions, and queries and mutations by the same road as over HTTP. */
export function openWebSocketDoor(options: WebSocketDoorOptions): { close: () => Promise<void> } {
  const { server, road, logger, maxPerConnection } = options;
  const wss = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    WebSocket: BatchingWebSocket,
  });
  const operations = new WeakMap<ExecutionArgs, { admitted: AdmittedOperation; caller: RouterContext; extra: Extra }>();
  const take = (args: ExecutionArgs) => {
    const operation = operations.get(args);
    if (operation === undefined) throw new Error('an operation came past onSubscribe');
    operations.delete(args);
    return operation;
  };
  const subscribe = (args: ExecutionArgs) => {
    const { admitted, caller } = take(args);
    return road.perform(admitted, caller);
  };
  const execute = async (args: ExecutionArgs) => {
    const { admitted, caller, extra } = take(args);
    extra.executing = (extra.executing ?? 0) + 1;
    try {
      return await road.perform(admitted, caller);
    } finally {
      extra.executing -= 1;
    }
  };

  const graphql = useServer<Record<string, unknown>, Extra>(
    {
      // Keeps what went wrong inside out of close reasons.
      isProd: true,
      onConnect: (ctx) => {
        const { extra, connectionParams } = ctx;
        extra.headers = { ...forwardedHeaders(extra.request.headers), ...forwardedParams(connectionParams) };
        // graphql-ws keeps them as long as the connection lives.
        Object.assign(ctx, { connectionParams: undefined });
      },
      onClose: ({ extra }) => extra.aborter?.abort(),
      onSubscribe: ({ extra, subscriptions }, id, payload) => {
        if (id.length > MAX_ID_LENGTH) {
          const says = `The id of an operation has ${MAX_ID_LENGTH} characters at most`;
          extra.socket.close(CloseCode.BadRequest, says);
          return [new GraphQLError(says)];
        }
        if (Object.keys(subscriptions).length > maxPerConnection || (extra.executing ?? 0) >= maxPerConnection) {
          return [
            tooMany(`This connection has ${maxPerConnection} operations open, which is all it may`, maxPerConnection),
          ];
        }
        const { query, operationName = null, variables = null } = payload;
        const admitted = road.admit({ query, operationName, variables });
        if (Array.isArray(admitted)) return admitted;
        const args: ExecutionArgs = {
          schema: admitted.serving.engine.schema,
          document: admitted.prepared.document,
          operationName,
          contextValue: undefined,
        };
        // graphql-ws keeps the message as long as the operation runs, up to 4 MiB of what nobody looks at again.
        Object.assign(payload, { query: '', variables: null, extensions: null });
        const caller = {
          headers: extra.headers ?? {},
          // Most connections have a subscription and nothing else, which needs none.
          get signal() {
            extra.aborter ??= new AbortController();
            return extra.aborter.signal;
          },
        };
        operations.set(args, { admitted, caller, extra });
        return args;
      },
      execute,
      subscribe,
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
    holdBack(socket, request.socket);
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
