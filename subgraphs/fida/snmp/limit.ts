import { SnmpFailure } from './failure.ts';

/** A deadline and the ways to end a look before it. */
export class Limit {
  readonly #ended = Promise.withResolvers<never>();
  readonly #totalMs: number;
  #timer: NodeJS.Timeout;
  readonly #signal: AbortSignal | undefined;
  readonly cancel = (): void => this.#ended.reject(new SnmpFailure('CANCELLED', 'the look was cancelled'));

  constructor(totalMs: number, signal: AbortSignal | undefined) {
    // Nobody need be waiting at the moment of the deadline.
    this.#ended.promise.catch(() => undefined);
    this.#totalMs = totalMs;
    this.#timer = this.#start();
    this.#signal = signal;
    if (signal?.aborted) this.cancel();
    signal?.addEventListener('abort', this.cancel, { once: true });
  }

  race<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#ended.promise]);
  }

  /** Gives what comes next the whole time again. */
  restart(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#start();
  }

  #start(): NodeJS.Timeout {
    const timeOut = (): void => {
      const isOver = this.#timer === timer;
      if (isOver) this.#ended.reject(new SnmpFailure('NO_ANSWER', `no answer within ${this.#totalMs} ms`));
    };
    // After the sockets' turn: an answer that has arrived while something else ran must still count.
    const timer = setTimeout(() => setImmediate(timeOut), this.#totalMs);
    return timer;
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.cancel);
  }
}
