import type { z } from 'zod';
import { type Refusal, readMessage, refusalOf } from './message.ts';
import { connectTransport, type Ended, type QrcAddress, type Transport } from './transport.ts';

/**
 * What came of one call. A call is sent once, whatever happens: of `unanswered` and `malformed` only a reading tells whether it
 * took effect, of `notSent` and `refused` it is known that it did not.
 */
export type CallResult<T> =
  | { kind: 'answered'; value: T }
  | { kind: 'refused'; reason: Refusal; code: number; message: string }
  | { kind: 'malformed'; detail: string }
  | { kind: 'unanswered'; reason: 'DEADLINE' | 'DROPPED'; detail: string }
  | { kind: 'notSent'; reason: 'NOT_CONNECTED' | 'BUSY'; detail: string };

export type NoValue = Exclude<CallResult<never>, { kind: 'answered' }>;

export type ConnectionLimits = {
  connectTimeoutMs: number;
  /** How long one call may take. */
  callTimeoutMs: number;
  /** After so long without a word of ours the Core is asked for a NoOp: it closes after 60 s of silence. */
  keepAliveMs: number;
  /** The longest message that is read. */
  frameLimitBytes: number;
  /** How many calls may wait for their answers. */
  pendingLimit: number;
};

/** So much garbage in a row, and the connection is given up. */
const GARBAGE_LIMIT = 20;
const UNSENT_LIMIT_BYTES = 1_048_576;

type Pending = { settle: (result: CallResult<unknown>) => void; timer: NodeJS.Timeout };

export type ConnectionUser = {
  opened: () => void;
  notified: (method: string, params: unknown) => void;
  ended: (ended: Ended) => void;
};

/** One connection to a Core, from its beginning to its end. */
export class QrcConnection {
  readonly #limits: ConnectionLimits;
  readonly #user: ConnectionUser;
  readonly #transport: Transport;
  readonly #pending = new Map<number, Pending>();
  readonly #connectTimer: NodeJS.Timeout;
  #keepAlive: NodeJS.Timeout | null = null;
  #isOpen = false;
  #lastId = 0;
  #garbageInRow = 0;

  constructor(address: QrcAddress, limits: ConnectionLimits, user: ConnectionUser) {
    this.#limits = limits;
    this.#user = user;
    this.#connectTimer = setTimeout(
      () => this.end({ loss: 'CONNECT_TIMEOUT', detail: `no connection within ${limits.connectTimeoutMs} ms` }),
      limits.connectTimeoutMs,
    );
    this.#transport = connectTransport(
      address,
      {
        opened: () => this.#opened(),
        received: (text) => this.#received(text),
        ended: (ended) => this.#ended(ended),
      },
      limits.frameLimitBytes,
    );
  }

  /** Sends one request, and never again. */
  async call<S extends z.ZodType>(method: string, params: unknown, schema: S): Promise<CallResult<z.output<S>>> {
    const result = await this.#send(method, params);
    if (result.kind !== 'answered') return result;
    const parsed = schema.safeParse(result.value);
    if (parsed.success) return { kind: 'answered', value: parsed.data };
    const [issue] = parsed.error.issues;
    return {
      kind: 'malformed',
      detail: `${method}: ${['result', ...(issue?.path ?? [])].join('.')}: ${issue?.message}`,
    };
  }

  end(ended: Ended): void {
    this.#transport.end(ended);
  }

  #send(method: string, params: unknown): Promise<CallResult<unknown>> {
    if (!this.#isOpen) return Promise.resolve({ kind: 'notSent', reason: 'NOT_CONNECTED', detail: 'not connected' });
    const { pendingLimit, callTimeoutMs } = this.#limits;
    if (this.#pending.size >= pendingLimit || this.#transport.unsentBytes() > UNSENT_LIMIT_BYTES) {
      const detail = `${this.#pending.size} calls wait for their answers`;
      return Promise.resolve({ kind: 'notSent', reason: 'BUSY', detail });
    }
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        const detail = `${method}: no answer within ${callTimeoutMs} ms`;
        this.#settle(id, { kind: 'unanswered', reason: 'DEADLINE', detail });
      }, callTimeoutMs);
      this.#pending.set(id, { settle: resolve, timer });
      this.#transport.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
      this.#keepAlive?.refresh();
    });
  }

  #settle(id: number, result: CallResult<unknown>): void {
    const pending = this.#pending.get(id);
    // An answer after its deadline, or to nothing.
    if (pending === undefined) return;
    this.#pending.delete(id);
    clearTimeout(pending.timer);
    pending.settle(result);
  }

  #opened(): void {
    clearTimeout(this.#connectTimer);
    this.#isOpen = true;
    this.#keepAlive = setTimeout(() => void this.#stayAlive(), this.#limits.keepAliveMs);
    this.#user.opened();
  }

  async #stayAlive(): Promise<void> {
    this.#keepAlive?.refresh();
    const { kind } = await this.#send('NoOp', {});
    // Whatever is answered, it lives. What says nothing at all may never say anything again.
    if (kind === 'unanswered') this.end({ loss: 'NO_ANSWER', detail: 'the Core does not answer' });
  }

  #received(text: string | null): void {
    const message = readMessage(text);
    this.#garbageInRow = message.kind === 'garbage' ? this.#garbageInRow + 1 : 0;
    switch (message.kind) {
      case 'result':
        this.#settle(message.id, { kind: 'answered', value: message.result });
        break;
      case 'error': {
        const { code, message: words } = message.error;
        this.#settle(message.id, { kind: 'refused', reason: refusalOf(code), code, message: words });
        break;
      }
      case 'notification':
        this.#user.notified(message.method, message.params);
        break;
      case 'garbage':
        if (this.#garbageInRow >= GARBAGE_LIMIT) this.end({ loss: 'GARBAGE', detail: message.detail });
        break;
      default:
        message satisfies never;
    }
  }

  #ended(ended: Ended): void {
    clearTimeout(this.#connectTimer);
    if (this.#keepAlive !== null) clearTimeout(this.#keepAlive);
    this.#isOpen = false;
    for (const id of [...this.#pending.keys()]) {
      this.#settle(id, { kind: 'unanswered', reason: 'DROPPED', detail: `${ended.loss}: ${ended.detail}` });
    }
    this.#user.ended(ended);
  }
}
