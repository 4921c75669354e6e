import { createSocket, type Socket, type SocketOptions } from 'node:dgram';

export type Remote = { address: string; family: 4 | 6; port: number };

/** What the kernel may hold of answers while this process does something else; it gives less where its own limit is lower. */
const RECEIVE_BUFFER_BYTES = 4 * 1_024 * 1_024;

/** Who is told of what comes from an address. */
export type Claim = { onMessage: (message: Buffer) => void; onError: (err: Error) => void };

const nameOf = (address: string, port: number): string => `${address}:${port}`;

/**
 * One UDP socket for many looks, each at another address. What comes from an address and port goes to the look that has claimed
 * it, and what comes from anywhere else to nobody. To open, bind, connect and close a socket for each look costs as much again as the
 * look's own two datagrams (docs/decisions/0017-cost-of-a-look.md).
 */
export class SharedSocket {
  #socket: Socket | null = null;
  readonly #claims = new Map<string, Claim>();
  readonly #create: (options: SocketOptions) => Socket;

  constructor(create: (options: SocketOptions) => Socket = createSocket) {
    this.#create = create;
  }

  /**
   * Takes an address for one look; false when it can't be had. IPv6 addresses have more than one spelling, and the one that the
   * kernel names an answer's sender by need not be ours.
   */
  claim({ address, family, port }: Remote, claim: Claim): boolean {
    const name = nameOf(address, port);
    if (family === 6 || this.#claims.has(name)) return false;
    this.#claims.set(name, claim);
    return true;
  }

  /** For who has the claim. */
  release({ address, port }: Remote): void {
    this.#claims.delete(nameOf(address, port));
  }

  send(buffer: Buffer, { address, port }: Remote, sent: (err: Error | null) => void): void {
    this.#socket ??= this.#open();
    this.#socket.send(buffer, port, address, sent);
  }

  close(): void {
    this.#socket?.close();
    this.#socket = null;
  }

  #open(): Socket {
    // Numeric addresses only come here, and Node would ask the resolver for each all the same.
    const lookup = (address: string, _options: unknown, found: (err: null, address: string, family: number) => void) =>
      found(null, address, 4);
    const socket = this.#create({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER_BYTES, lookup });
    socket.on('message', (message, { address, port }) => this.#claims.get(nameOf(address, port))?.onMessage(message));
    socket.on('error', (err) => {
      // No socket to be had (EMFILE) says nothing of the displays. The next look opens another.
      for (const { onError } of this.#claims.values()) onError(err);
      if (this.#socket !== socket) return;
      this.#socket = null;
      socket.close();
    });
    // Looks are awaited by their callers; the socket between them need not keep the process alive.
    socket.unref();
    return socket;
  }
}
