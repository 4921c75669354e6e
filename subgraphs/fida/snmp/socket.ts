import { createSocket, type Socket } from 'node:dgram';
import { EventEmitter } from 'node:events';
import { SnmpFailure } from './failure.ts';
import type { Remote, SharedSocket } from './shared-socket.ts';

/** What a look wants to know of what its socket goes through. */
export type SocketWatch = {
  onDatagram: () => void;
  /** A datagram broke the library that was to read it. */
  onUnreadable: (err: unknown) => void;
  onError: (err: Error) => void;
};

type Sent = (err: Error | null, bytes?: number) => void;

/**
 * The datagram socket that a net-snmp session holds for its life, with a real socket behind it only during a look: the one that
 * all looks share, for what is sent once, and one of its own for what is sent again, and wherever the shared one can't serve.
 *
 * One of its own is connected to the display: "port unreachable" and its like are then heard. From either comes what the
 * display's own address and port have sent and nothing else, and after the look nothing at all. net-snmp checks none of this, and
 * throws at some malformed packets where nobody can catch it.
 */
export class LookSocket extends EventEmitter {
  #own: Socket | null = null;
  #look: { remote: Remote; watch: SocketWatch; isShared: boolean } | null = null;
  readonly #shared: SharedSocket | null;
  readonly #tries: number;
  #sent: { buffer: Buffer | null; times: number } = { buffer: null, times: 0 };
  /** What alone may be sent from here on: the next message, and when it was sent that one, once. null: every message. */
  #only: 'next' | Buffer | null = null;

  /** `shared`: null for sockets of its own only. `tries`: how often one message may be sent at most. */
  constructor(shared: SharedSocket | null, tries: number) {
    super();
    this.#shared = shared;
    this.#tries = tries;
  }

  /** @throws Error with the system's code (ENETUNREACH, EMFILE, ...) */
  async open(remote: Remote, watch: SocketWatch): Promise<void> {
    this.release();
    // With a single try nothing would be sent again, and what only an own socket hears would never be heard.
    const claim = { onMessage: (message: Buffer) => this.#receive(message), onError: watch.onError };
    const isShared = this.#tries > 1 && this.#shared?.claim(remote, claim) === true;
    this.#only = null;
    this.#look = { remote, watch, isShared };
    if (!isShared) await this.#openOwn(remote, watch);
  }

  /** Ends the look: what comes from here on goes to nobody. */
  release(): void {
    const look = this.#look;
    this.#look = null;
    if (look?.isShared) this.#shared?.release(look.remote);
    const socket = this.#own;
    this.#own = null;
    if (socket === null) return;
    socket.removeAllListeners();
    // An error of a socket that is being closed concerns nobody, but without a listener it would end the process.
    socket.on('error', () => undefined);
    socket.close();
  }

  /** From here to the end of the look one datagram goes out, and no second one whatever net-snmp wants. */
  allowOne(): void {
    this.#only = 'next';
  }

  /** net-snmp's side; it names the address that the look is at. */
  send(buffer: Buffer, offset: number, length: number, _port: number, _address: string, sent: Sent): void {
    const isBarred = this.#only !== null && this.#only !== 'next';
    if (this.#only === 'next') this.#only = buffer;
    // A message that is sent again is the same buffer.
    this.#sent = this.#sent.buffer === buffer ? { buffer, times: this.#sent.times + 1 } : { buffer, times: 1 };
    const look = this.#look;
    if (look === null) sent(new Error('the look is over'));
    else if (isBarred) sent(buffer === this.#only ? null : this.#refusal());
    else if (this.#sent.times > this.#tries) sent(null);
    else if (this.#own !== null) this.#own.send(buffer, offset, length, sent);
    else if (this.#sent.times === 1 && this.#shared !== null) this.#shared.send(buffer, look.remote, sent);
    else
      this.#openOwn(look.remote, look.watch).then(
        () => (this.#own ? this.#own.send(buffer, offset, length, sent) : sent(new Error('the look is over'))),
        sent,
      );
  }

  close(): void {
    this.release();
  }

  /** net-snmp makes a new message of a request that was answered with a report (RFC 3414 section 3.2), which anybody can send. */
  #refusal(): SnmpFailure {
    return new SnmpFailure('ENGINE_OUT_OF_STEP', 'the display answered with a report and not with a response');
  }

  // A look is awaited by its caller; the session need not keep the process alive.
  ref(): void {}
  unref(): void {}

  async #openOwn({ address, family, port }: Remote, watch: SocketWatch): Promise<void> {
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    this.#own = socket;
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
    socket.on('message', (message) => this.#receive(message));
  }

  #receive(message: Buffer): void {
    const watch = this.#look?.watch;
    if (watch === undefined) return;
    watch.onDatagram();
    try {
      this.emit('message', message);
    } catch (err) {
      watch.onUnreadable(err);
    }
  }
}
