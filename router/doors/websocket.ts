import type { Server } from 'node:http';
import { isSameSite } from '@wheelhouse/kit/http.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import { BatchingWebSocket } from '@wheelhouse/kit/websocket.ts';
import { handleProtocols } from 'graphql-ws';
import { WebSocketServer } from 'ws';
import type { Access } from '../access/access.ts';
import { endOfCaller } from '../context.ts';
import type { OperationRoad } from './operation.ts';
import { serveConnection } from './websocket-connection.ts';
import { type Connection, closeFor, createOperationServer } from './websocket-operations.ts';

/** As large as an HTTP body may be. */
const MAX_FRAME_BYTES = 4 * 1024 * 1024;
/** How long a client may take to answer the closing handshake before its socket is cut. */
const CLOSE_GRACE_MS = 2_000;
/** How often connections are looked at whose last answer is waited for when the door closes. */
const LOOK_MS = 20;
/** How often connections are looked at whose caller counts no longer. */
const ENDED_LOOK_MS = 1_500;
/** RFC 6455 §7.4.1: an endpoint goes away. */
const GOING_AWAY = 1001;

export type WebSocketDoorOptions = {
  server: Server;
  path: string;
  publicHost: string;
  road: OperationRoad;
  /** Tells who asks; null where there are no accounts. */
  access: () => Access | null;
  logger: Logger;
  keepAliveMs: number;
  /** Operations of one connection at the same time. */
  maxPerConnection: number;
};

/** GraphQL over websockets (graphql-transport-ws): subscriptions, and queries and mutations by the same road as over HTTP. */
export function openWebSocketDoor(options: WebSocketDoorOptions): {
  /** @param drainMs how long queries and mutations under way may take to end; subscriptions are left at once */
  close: (drainMs: number) => Promise<void>;
} {
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
  const graphql = createOperationServer(road, options.access, options.maxPerConnection);

  const connections = new Set<Connection>();
  let closing = false;
  // At the second look: by then their streams have ended with the reason.
  const looks = setInterval(() => {
    for (const connection of connections) {
      const end = endOfCaller(options.access(), connection.introduced?.caller);
      if (end === null) continue;
      if (connection.isEnding === true) closeFor(connection, end);
      connection.isEnding = true;
    }
  }, ENDED_LOOK_MS);
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
      wss.handleUpgrade(request, socket, head, (client) => {
        const connection: Connection = { socket: client, request };
        connections.add(connection);
        client.once('close', () => connections.delete(connection));
        serveConnection(graphql, connection, { keepAliveMs, logger });
      });
    } else {
      socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    }
  });

  return {
    close: async (drainMs) => {
      closing = true;
      clearInterval(looks);
      const closeIdle = (): void => {
        for (const { socket, executing = 0 } of connections) {
          if (executing === 0) socket.close(GOING_AWAY, 'Going away');
        }
      };
      closeIdle();
      const idleLooks = setInterval(closeIdle, LOOK_MS);
      const limit = setTimeout(() => {
        for (const client of wss.clients) client.terminate();
      }, drainMs);
      await new Promise<void>((closed) => wss.close(() => closed()));
      clearInterval(idleLooks);
      clearTimeout(limit);
    },
  };
}
