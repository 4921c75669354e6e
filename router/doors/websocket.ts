import type { IncomingMessage, Server } from 'node:http';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import { BatchingWebSocket } from '@wheelhouse/kit/websocket.ts';
import { handleProtocols } from 'graphql-ws';
import { WebSocketServer } from 'ws';
import type { NameCaller } from '../caller.ts';
import { endOfCaller } from '../introduce.ts';
import type { Origins } from '../origins.ts';
import { HOLD_MS } from './limited.ts';
import { serveConnection } from './websocket-connection.ts';
import {
  type Connection,
  closeFor,
  createOperationServer,
  type OperationServerOptions,
} from './websocket-operations.ts';

/** As large as an HTTP body may be. */
const MAX_FRAME_BYTES = 4 * 1024 * 1024;
/** How long a client may take to answer the closing handshake before its socket is cut. */
const CLOSE_GRACE_MS = 2_000;
/** How often connections are looked at whose last answer is waited for when the door closes. */
const LOOK_MS = 20;
/** How often connections are looked at whose caller counts no longer. */
const ENDED_LOOK_MS = 1_500;
const TOO_MANY = '429 Too Many Requests';
/** RFC 6455 §7.4.1: an endpoint goes away. */
const GOING_AWAY = 1001;

export type WebSocketDoorOptions = {
  server: Server;
  path: string;
  admits: Origins['admits'];
  nameOf: NameCaller;
  logger: Logger;
  keepAliveMs: number;
  operations: OperationServerOptions;
};

/** GraphQL over websockets (graphql-transport-ws): subscriptions, and queries and mutations by the same road as over HTTP. */
export function openWebSocketDoor(options: WebSocketDoorOptions): {
  /** @param drainMs how long queries and mutations under way may take to end; subscriptions are left at once */
  close: (drainMs: number) => Promise<void>;
} {
  const { server, admits, nameOf, logger, keepAliveMs } = options;
  const { rates, fairness, access } = options.operations;
  const wss = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    WebSocket: BatchingWebSocket,
    handleProtocols,
    // The types of ws do not know it yet.
    ...{ closeTimeout: CLOSE_GRACE_MS },
  });
  const graphql = createOperationServer(options.operations);

  const connections = new Set<Connection>();
  /** Nobody knows yet who asks. */
  const addressNameOf = ({ socket, headers }: IncomingMessage): string =>
    nameOf({ address: socket.remoteAddress, headers });
  let closing = false;
  // At the second look: by then their streams have ended with the reason.
  const looks = setInterval(() => {
    for (const connection of connections) {
      const end = endOfCaller(access(), connection.introduced?.caller);
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
          : !admits(request)
            ? '403 Forbidden'
            : rates.refusal(addressNameOf(request)) === null
              ? null
              : TOO_MANY;
    if (status === null) {
      wss.handleUpgrade(request, socket, head, (client) => {
        const connection: Connection = { socket: client, request, countedAs: addressNameOf(request) };
        connections.add(connection);
        client.once('close', () => connections.delete(connection));
        serveConnection(graphql, connection, { keepAliveMs, logger, rates, fairness });
      });
    } else {
      const refuse = (): unknown =>
        socket.end(
          `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\nx-content-type-options: nosniff\r\n\r\n`,
        );
      // Who has to wait would else ask again at once.
      if (status === TOO_MANY) setTimeout(refuse, HOLD_MS);
      else refuse();
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
