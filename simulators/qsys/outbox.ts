import { setTimeout as wait } from 'node:timers/promises';
import { type Fault, garbageFor, unevenPieces } from './faults.ts';
import type { Wire } from './wire.ts';

/** A client that does not read must not fill the memory of the Core's machine. */
const UNSENT_LIMIT_BYTES = 16 * 1_048_576;
const ENDLESS_PIECE = Buffer.alloc(65_536, 'x');

/** Sends the messages of one connection in order, as the Core's fault has it. */
export class Outbox {
  readonly #wire: Wire;
  readonly #fault: () => Fault | null;
  readonly #random: () => number;
  readonly #timers = new Set<NodeJS.Timeout>();
  /** What is still being sent: later messages wait for it. null: nothing. */
  #sending: Promise<void> | null = null;
  #isClosed = false;
  /** Half a message is on its way, and the other half will never come. */
  #isStalled = false;

  constructor(wire: Wire, fault: () => Fault | null, random: () => number) {
    this.#wire = wire;
    this.#fault = fault;
    this.#random = random;
  }

  /** @param isSpared whether a broken Core sends this soundly. */
  post(message: string, { isSpared = false } = {}): void {
    const fault = this.#fault();
    if (this.#isClosed || this.#isStalled || fault?.kind === 'silent') return;
    if (this.#wire.unsentBytes() > UNSENT_LIMIT_BYTES) this.#wire.destroy();
    else if (fault?.kind === 'slow' && !isSpared) this.#sendLater(message, fault.delayMs);
    else this.#send(message, isSpared ? null : fault);
  }

  close(): void {
    this.#isClosed = true;
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #sendLater(message: string, delayMs: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#send(message, null);
    }, delayMs);
    this.#timers.add(timer);
  }

  #send(message: string, fault: Fault | null): void {
    if (this.#sending === null) {
      const sending = this.#sendNow(message, fault);
      if (sending !== null) this.#follow(sending);
    } else {
      this.#follow(this.#sending.then(async () => this.#sendNow(message, fault)));
    }
  }

  #follow(sending: Promise<unknown>): void {
    const ended: Promise<void> = sending.then(() => {
      if (this.#sending === ended) this.#sending = null;
    });
    this.#sending = ended;
  }

  /** null: it is done already. */
  #sendNow(message: string, fault: Fault | null): Promise<void> | null {
    if (this.#isClosed || this.#isStalled) return null;
    const octets = Buffer.from(message);
    switch (fault?.kind) {
      case 'garbage':
        this.#wire.write(garbageFor(message, fault.style, this.#random), true);
        return null;
      case 'stallsMidFrame':
      case 'dropsMidFrame': {
        this.#isStalled = true;
        const isDropped = fault.kind === 'dropsMidFrame';
        // The half must be on its way before the connection ends.
        this.#wire.write(octets.subarray(0, octets.length >> 1), false, () => isDropped && this.#wire.destroy());
        return null;
      }
      case 'splitsFrames':
        return this.#sendPieces(unevenPieces(message), fault.gapMs);
      case 'endlessFrame':
        return this.#sendEndless(fault);
      default:
        this.#wire.write(octets, true);
        return null;
    }
  }

  async #sendPieces(pieces: Buffer[], gapMs: number): Promise<void> {
    for (const [i, piece] of pieces.entries()) {
      const isLast = i === pieces.length - 1;
      if (!(await this.#written(piece, isLast))) return;
      if (!isLast) await wait(gapMs, undefined, { ref: false });
    }
  }

  /** Sound JSON, as far as it goes; it ends when the fault is taken away. */
  async #sendEndless(fault: Fault & { kind: 'endlessFrame' }): Promise<void> {
    const head = Buffer.from('{"jsonrpc":"2.0","method":"EngineStatus","params":{"DesignName":"');
    const tail = Buffer.from('"}}');
    let left = (fault.bytes ?? Number.POSITIVE_INFINITY) - head.length - tail.length;
    await this.#written(head, false);
    while (left > 0 && this.#fault() === fault) {
      // Ends with the connection, too: it would go round for ever, and let nothing else happen.
      if (!(await this.#written(ENDLESS_PIECE.subarray(0, Math.min(left, ENDLESS_PIECE.length)), false))) return;
      left -= ENDLESS_PIECE.length;
    }
    await this.#written(tail, true);
  }

  /** Whether the system has taken it; false: the connection has ended. */
  #written(piece: Buffer, isLast: boolean): Promise<boolean> {
    return new Promise((resolve) => this.#wire.write(piece, isLast, resolve));
  }
}
