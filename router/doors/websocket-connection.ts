import type { IncomingMessage } from 'node:http';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import type { BatchingWebSocket } from '@wheelhouse/kit/websocket.ts';
import { CloseCode, type Server } from 'graphql-ws';
import type { Connection } from './websocket-operations.ts';

/** Answers that may wait for a client to read them before no more of what it sends is read. */
const MAX_UNREAD_BYTES = 1024 * 1024;

/** What graphql-ws throws for a message that only a server may send: it has no close code for it. */
const isUnexpected = (err: unknown): boolean =>
  err instanceof Error && err.message.startsWith('Unexpected message of type ');

/**
 * Reads no more of a client that does not read what it is answered: refusals and pings of the protocol have no other limit (of the
 * websocket's own pings ws counts the answers that wait). When it stays away, its pongs do too, and the connection is cut.
 */
function holdBack(socket: BatchingWebSocket, stream: IncomingMessage['socket']): void {
  socket.on('message', () => {
    if (socket.isPaused || socket.bufferedAmount <= MAX_UNREAD_BYTES) return;
    socket.pause();
    stream.once('drain', () => socket.resume());
  });
}

/** Pings in every interval, and cuts the connection of a client that has not answered by the next. */
function keepAlive(socket: BatchingWebSocket, intervalMs: number): void {
  let isAnswered = true;
  const beat = setInterval(() => {
    if (socket.readyState !== socket.OPEN) return;
    if (!isAnswered) return socket.terminate();
    isAnswered = false;
    socket.ping();
  }, intervalMs);
  socket.on('pong', () => {
    isAnswered = true;
  });
  socket.once('close', () => clearInterval(beat));
}

/**
 * Lets graphql-ws serve one websocket. Its own adapter for ws writes what clients do wrong to the console, stack and all, goes on
 * with what comes from a client that it has closed, and makes an error of one that is gone.
 */
export function serveConnection(
  graphql: Server<Connection>,
  connection: Connection,
  options: { keepAliveMs: number; logger: Logger },
): void {
  const { socket, request } = connection;
  const { keepAliveMs, logger } = options;
  socket.batchOn(request.socket);
  // What a client sends is no fault of ours: ws closes the socket with the right code by itself.
  socket.on('error', (err) => logger.debug({ err }, 'a websocket failed'));
  keepAlive(socket, keepAliveMs);
  const closed = graphql.opened(
    {
      protocol: socket.protocol,
      // One that is gone while it is sent something is told nothing more; the end of its operations comes with the close.
      send: (data) =>
        new Promise((resolve) => {
          if (socket.readyState !== socket.OPEN) return resolve();
          socket.send(data, () => resolve());
        }),
      close: (code, reason) => socket.close(code, reason),
      onMessage: (take) => {
        socket.on('message', async (data) => {
          if (socket.readyState !== socket.OPEN) return;
          try {
            await take(String(data));
          } catch (err) {
            if (isUnexpected(err)) return socket.close(CloseCode.BadRequest, 'Invalid message received');
            logger.error({ err }, 'a message of a websocket failed inside the router');
            socket.close(CloseCode.InternalServerError, 'Internal server error');
          }
        });
      },
    },
    connection,
  );
  holdBack(socket, request.socket);
  socket.once('close', (code, reason) => void closed(code, String(reason)));
}
