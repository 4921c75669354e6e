import type { Server } from 'node:http';
import { isSameSite } from '@wheelhouse/kit/http.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import { BatchingWebSocket } from '@wheelhouse/kit/websocket.ts';
import { handleProtocols } from 'graphql-ws';
import { WebSocketServer } from 'ws';
import type { OperationRoad } from './operation.ts';
import { serveConnection } from './websocket-connection.ts';
import { createOperationServer } from './websocket-operations.ts';

/** As large as an HTTP body may be. */
const MAX_FRAME_BYTES = 4 * 1024 * 1024;
/** How long a client may take to answer the closing handshake before its socket is cut. */
const CLOSE_GRACE_MS = 2_000;
/** RFC 6455 §7.4.1: an endpoint goes away. */
const GOING_AWAY = 1001;

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

/** GraphQL over websockets (graphql-transport-ws): subscriptions, and queries and mutations by the same road as over HTTP. */
export function openWebSocketDoor(options: WebSocketDoorOptions): { close: () => Promise<void> } {
  const { server, road, logger, keepAliveMs } = options;
  const wss = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    WebSocket: BatchingWebSocket,
    handleProtocols,
    // The types of ws do not know it yet.
    ...{ closeTimeout: CLOSE_GRACE_MS },
  });
  const graphql = createOperationServer(road, options.maxPerConnection);

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
      wss.handleUpgrade(request, socket, head, (client) =>
        serveConnection(graphql, { socket: client, request }, { keepAliveMs, logger }),
      );
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
      for (const client of wss.clients) client.close(GOING_AWAY, 'Going away');
      await new Promise<void>((closed) => wss.close(() => closed()));
      clearTimeout(timer);
    },
  };
}
