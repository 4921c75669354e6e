import { createSocket, type Socket } from 'node:dgram';
import { EventEmitter } from 'node:events';

/** What a look wants to know of what its socket goes through. */
export type SocketWatch = {
  onDatagram: () => void;
  /** A datagram broke the library that was to read it. */
  onUnreadable: (err: unknown) => void;
  onError: (err: Error) => void;
};

export type Remote = { address: string; family: 4 | 6; port: number };

type Sent = (err: Error | null, bytes?: number) => void;

/**
 * The datagram socket that a net-snmp session holds for its life, with a real socket behind it only during a look.
 *
 * Each look has a socket of its own (15 microseconds more than a shared one), connected to the display: the kernel then
 * drops what comes from any other address, what was meant for an earlier look comes to a port that is closed, and "port
 * unreachable" is heard. net-snmp checks none of this, and throws at some malformed packets where nobody can catch it.
 */
export class LookSocket extends EventEmitter {
  #socket: Socket | null = null;
  readonly #tries: number;
  #sent: { buffer: Buffer | null; times: number } = { buffer: null, times: 0 };

  /** `tries`: how often one message may be sent at most. */
  constructor(tries: number) {
    super();
    this.#tries = tries;
  }

  /** @throws Error with the system's code (ENETUNREACH, EMFILE, ...) */
  async open({ address, family, port }: Remote, watch: SocketWatch): Promise<void> {
    this.release();
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    this.#socket = socket;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.once('error', reject);
    // Its type does not say so, but the callback is given what went wrong.
    socket.connect(port, address, (err?: Error | null) => (err ? reject(err) : resolve()));
    try {
      await promise;
    } catch (err) {
      this.release();
      throw err;
    } finally {
      socket.off('error', reject);
    }
    socket.on('error', (err) => watch.onError(err));
    socket.on('message', (message) => {
      watch.onDatagram();
      try {
        this.emit('message', message);
      } catch (err) {
        watch.onUnreadable(err);
      }
    });
  }

  /** Ends the look: what comes from here on goes to nobody. */
  release(): void {
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.removeAllListeners();
    // An error of a socket that is being closed concerns nobody, but without a listener it would end the process.
    socket.on('error', () => undefined);
    socket.close();
  }

  /** net-snmp's side; the socket is connected, so the address it names is the one it has. */
  send(buffer: Buffer, offset: number, length: number, _port: number, _address: string, sent: Sent): void {
    // A message that is sent again is the same buffer.
    this.#sent = this.#sent.buffer === buffer ? { buffer, times: this.#sent.times + 1 } : { buffer, times: 1 };
    if (this.#socket === null) sent(new Error('the look is over'));
    else if (this.#sent.times > this.#tries) sent(null);
    else this.#socket.send(buffer, offset, length, sent);
  }

  close(): void {
    this.release();
    this.emit('close');
  }

  // A look is awaited by its caller; the session need not keep the process alive.
  ref(): void {}
  unref(): void {}
}
