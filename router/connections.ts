import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { NameCaller } from './caller.ts';

const TOO_MANY =
  'HTTP/1.1 429 Too Many Requests\r\nretry-after: 1\r\nconnection: close\r\ncontent-length: 0\r\nx-content-type-options: nosniff\r\n\r\n';

/**
 * Refuses connections of an address that has as many as one may, before a byte of them is read: sockets that never say anything cost
 * the files of everybody. Behind a proxy all connections are the proxy's, which has to do this then.
 *
 * @param most 0: any number
 */
export function limitConnections(server: Server, most: number, nameOf: NameCaller, onRefused: () => void): void {
  if (most === 0) return;
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const caller = nameOf({ address: socket.remoteAddress, headers: {} });
    const count = (open.get(caller) ?? 0) + 1;
    if (count > most) {
      onRefused();
      socket.on('error', () => {});
      socket.end(TOO_MANY, () => socket.destroy());
      return;
    }
    open.set(caller, count);
    socket.once('close', () => {
      const left = (open.get(caller) ?? 1) - 1;
      if (left > 0) open.set(caller, left);
      else open.delete(caller);
    });
  });
}
