import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { type Accept, decodeText, type Listener, MESSAGE_LIMIT_BYTES, type Wire } from './wire.ts';

const NUL = Buffer.from([0]);

/** Cuts a stream of bytes at its NULs. */
export class NulFrames {
  #parts: Buffer[] = [];
  #length = 0;

  /** The frames that this chunk ends, without their NUL; null for one that is too long, of which the rest is not kept. */
  push(chunk: Buffer): (Buffer | null)[] {
    const frames: (Buffer | null)[] = [];
    let start = 0;
    for (let end = chunk.indexOf(0); end >= 0; end = chunk.indexOf(0, start)) {
      this.#keep(chunk.subarray(start, end));
      frames.push(this.#length > MESSAGE_LIMIT_BYTES ? null : Buffer.concat(this.#parts));
      this.#parts = [];
      this.#length = 0;
      start = end + 1;
    }
    const wasWithin = this.#length <= MESSAGE_LIMIT_BYTES;
    this.#keep(chunk.subarray(start));
    // Said as soon as it is known: the NUL may never come.
    if (wasWithin && this.#length > MESSAGE_LIMIT_BYTES) frames.push(null);
    return frames;
  }

  #keep(part: Buffer): void {
    this.#length += part.length;
    if (this.#length > MESSAGE_LIMIT_BYTES) this.#parts = [];
    else if (part.length > 0) this.#parts.push(part);
  }
}

function wireOf(socket: Socket): Wire {
  return {
    write: (piece, isLast, written) => {
      if (socket.writable) socket.write(isLast ? Buffer.concat([piece, NUL]) : piece, (err) => written?.(!err));
      else written?.(false);
    },
    unsentBytes: () => socket.writableLength,
    end: () => socket.destroySoon(),
    destroy: () => socket.destroy(),
  };
}

/**
 * QRC over TCP: UTF-8, each message ended by a NUL, both ways.
 *
 * @throws Error with code EADDRINUSE when the port is taken
 */
export async function listenTcp(place: { host: string; port: number }, accept: Accept): Promise<Listener> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    const user = accept(wireOf(socket));
    const frames = new NulFrames();
    socket.on('data', (chunk) => {
      for (const frame of frames.push(chunk)) {
        const text = frame === null ? null : decodeText(frame);
        if (text === null || text.trim() !== '') user.receive(text);
      }
    });
    // A client that breaks off concerns nobody else.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      user.closed();
    });
  });
  server.listen(place.port, place.host);
  await once(server, 'listening');
  const address = server.address();
  const close = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return { port: typeof address === 'object' && address !== null ? address.port : place.port, close };
}
