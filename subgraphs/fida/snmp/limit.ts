import { SnmpFailure } from './failure.ts';

/** A deadline and the ways to end a look before it. */
export class Limit {
  readonly #ended = Promise.withResolvers<never>();
  readonly #timer: NodeJS.Timeout;
  readonly #signal: AbortSignal | undefined;
  readonly cancel = (): void => this.#ended.reject(new SnmpFailure('CANCELLED', 'the look was cancelled'));

  constructor(totalMs: number, signal: AbortSignal | undefined) {
    // Nobody need be waiting at the moment of the deadline.
    this.#ended.promise.catch(() => undefined);
    const timeOut = (): void => this.#ended.reject(new SnmpFailure('NO_ANSWER', `no answer within ${totalMs} ms`));
    // After the sockets' turn: an answer that has arrived while something else ran must still count.
    this.#timer = setTimeout(() => setImmediate(timeOut), totalMs);
    this.#signal = signal;
    if (signal?.aborted) this.cancel();
    signal?.addEventListener('abort', this.cancel, { once: true });
  }

  race<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#ended.promise]);
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.cancel);
  }
}
