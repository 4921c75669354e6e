import type { Exchange, ExchangeEnd, Exchanges } from './exchange.ts';
import { isConnectionFailure, isGatewayFailure, MAX_RETRIES, retryDelayMs } from './retry-budget.ts';
import { parseSubgraphBody, type SubgraphResponse } from './subgraph-response.ts';

/** How a request to a subgraph ended. */
export type CallEnd =
  | { outcome: 'ok' | 'errors'; response: SubgraphResponse }
  /** Answered, but not with GraphQL; `isAway` when a proxy says that the subgraph is. */
  | { outcome: 'invalid'; statusCode: number; contentType: string; isAway: boolean }
  | { outcome: 'unavailable'; cause: Error }
  | { outcome: 'timeout' }
  /** undici refused a header or the address: nothing was sent. */
  | { outcome: 'unsendable'; cause: Error };

/** Whether a call ended because the subgraph is not there, or as good as that. */
export const isAway = (end: CallEnd): boolean =>
  end.outcome === 'timeout' || end.outcome === 'unavailable' || (end.outcome === 'invalid' && end.isAway);

export type CallOptions = {
  exchanges: Exchanges;
  timeoutMs: number;
  headers: string[];
  body: string;
  /** Asked before each retry: whether it may be. */
  takeRetry: () => boolean;
  /** Called once, with how often it was sent once more; not after `cancel`. */
  onEnd: (end: CallEnd, retries: number) => void;
};

/** One request to a subgraph until it has ended: all its tries within one deadline, which counts the wait for a connection. */
export class SubgraphCall {
  readonly #options: CallOptions;
  readonly #deadline: NodeJS.Timeout;
  readonly #endsAtMs: number;
  #exchange: Exchange | null = null;
  #retryTimer: NodeJS.Timeout | undefined;
  #retries = 0;
  #isOver = false;

  constructor(options: CallOptions) {
    this.#options = options;
    this.#endsAtMs = performance.now() + options.timeoutMs;
    this.#deadline = setTimeout(() => {
      this.cancel();
      options.onEnd({ outcome: 'timeout' }, this.#retries);
    }, options.timeoutMs);
    this.#send();
  }

  /** How often it was sent once more. */
  get retries(): number {
    return this.#retries;
  }

  /** Ends it without a word. */
  cancel(): void {
    this.#stop();
    this.#exchange?.cancel();
  }

  #send = (): void => {
    const { exchanges, headers, body } = this.#options;
    const exchange = exchanges.post(headers, body, this.#tried);
    if (!this.#isOver) this.#exchange = exchange;
  };

  #tried = (end: ExchangeEnd): void => {
    const outcome = endOf(end);
    const isRetryable = end.kind === 'failed' ? isConnectionFailure(end.cause) : 'isAway' in outcome && outcome.isAway;
    if (isRetryable && this.#retryLater()) return;
    this.#stop();
    this.#options.onEnd(outcome, this.#retries);
  };

  #retryLater(): boolean {
    if (this.#retries === MAX_RETRIES) return false;
    const delayMs = retryDelayMs(this.#retries + 1, Math.random());
    if (performance.now() + delayMs >= this.#endsAtMs || !this.#options.takeRetry()) return false;
    this.#retries += 1;
    this.#retryTimer = setTimeout(this.#send, delayMs);
    return true;
  }

  #stop(): void {
    this.#isOver = true;
    clearTimeout(this.#deadline);
    clearTimeout(this.#retryTimer);
  }
}

function endOf(end: ExchangeEnd): CallEnd {
  if (end.kind === 'failed') {
    const outcome = end.cause.code === 'UND_ERR_INVALID_ARG' ? 'unsendable' : 'unavailable';
    return { outcome, cause: end.cause };
  }
  const { statusCode, contentType, text } = end;
  const response = parseSubgraphBody(text);
  if (response === null) return { outcome: 'invalid', statusCode, contentType, isAway: isGatewayFailure(statusCode) };
  return { outcome: response.errors === undefined ? 'ok' : 'errors', response };
}
