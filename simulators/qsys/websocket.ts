import { once } from 'node:events';
import { createServer } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Accept, decodeText, type Listener, MESSAGE_LIMIT_BYTES, type Wire } from './wire.ts';

export const WEBSOCKET_PATH = '/qrc-public-api/v0';

function wireOf(socket: WebSocket): Wire {
  return {
    write: (piece, isLast, written) => {
      // RFC 6455 5.4: a fragment may end inside of a character, the message may not.
      if (socket.readyState === socket.OPEN) {
        socket.send(piece, { binary: false, fin: isLast }, (err) => written?.(!err));
      } else written?.(false);
    },
    unsentBytes: () => socket.bufferedAmount,
    end: () => socket.close(1001),
    destroy: () => socket.terminate(),
  };
}

/**
 * QRC over a websocket: one message in each text message, without a NUL.
 *
 * @throws Error with code EADDRINUSE when the port is taken
 */
export async function listenWebSocket(place: { host: string; port: number }, accept: Accept): Promise<Listener> {
  const server = createServer((_request, response) => {
    response.writeHead(404, { 'content-type': 'text/plain' }).end(`A websocket is served at ${WEBSOCKET_PATH}\n`);
  });
  const sockets = new WebSocketServer({
    server,
    path: WEBSOCKET_PATH,
    maxPayload: MESSAGE_LIMIT_BYTES,
    perMessageDeflate: false,
  });
  sockets.on('connection', (socket) => {
    const user = accept(wireOf(socket));
    socket.on('message', (data: Buffer, isBinary) => user.receive(isBinary ? null : decodeText(data)));
    // A message over the limit, or no websocket message at all: the library closes the connection.
    socket.on('error', () => undefined);
    socket.on('close', () => user.closed());
  });
  server.listen(place.port, place.host);
  // The websocket server passes the HTTP server's errors on.
  await once(sockets, 'listening');
  const address = server.address();
  const close = async (): Promise<void> => {
    const closed = once(server, 'close');
    for (const socket of sockets.clients) socket.terminate();
    sockets.close();
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return { port: typeof address === 'object' && address !== null ? address.port : place.port, close };
}
