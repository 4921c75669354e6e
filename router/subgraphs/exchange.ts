import { type Dispatcher, Pool } from 'undici';

/** What came of one POST: a whole answer, or the reason why there is none. */
export type ExchangeEnd =
  | { kind: 'answered'; statusCode: number; contentType: string; text: string }
  | { kind: 'failed'; cause: Error & { code?: unknown } };

export type Exchange = { cancel: () => void };

/** A pool of kept HTTP/1.1 connections to one address. */
export type Exchanges = {
  /**
   * @param headers names and values in turn
   * @param onEnd called once, not after `cancel`; before this returns when the request can't be sent at all
   */
  post: (headers: string[], body: string, onEnd: (end: ExchangeEnd) => void) => Exchange;
  /** Ends what is under way. */
  close: () => Promise<void>;
};

/** Far above any answer that clients wait for; keeps a runaway subgraph from filling the router's memory. */
const MAX_RESPONSE_BYTES = 64 * 1024 * 1024;

const cancelled = new Error('nobody waits for the answer any more');
const BYTE_ORDER_MARK = 0xfeff;

/** Collects one answer. undici's `request` would make a stream of it, and needs an AbortController to be cancelled. */
class Post implements Dispatcher.DispatchHandler {
  #onEnd: ((end: ExchangeEnd) => void) | null;
  #controller: Dispatcher.DispatchController | null = null;
  #statusCode = 0;
  #contentType = '';
  readonly #chunks: Buffer[] = [];

  constructor(onEnd: (end: ExchangeEnd) => void) {
    this.#onEnd = onEnd;
  }

  /** One that still waits for a connection ends here, and takes none. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#onEnd === null) controller.abort(cancelled);
    else this.#controller = controller;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#statusCode = statusCode;
    this.#contentType = String(headers['content-type'] ?? '');
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const [first] = this.#chunks;
    const bytes = first !== undefined && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
    const text = bytes.toString();
    this.#end({
      kind: 'answered',
      statusCode: this.#statusCode,
      contentType: this.#contentType,
      text: text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text,
    });
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, cause: Error): void {
    this.#end({ kind: 'failed', cause });
  }

  #end(end: ExchangeEnd): void {
    const onEnd = this.#onEnd;
    this.#onEnd = null;
    onEnd?.(end);
  }

  cancel(): void {
    this.#onEnd = null;
    this.#controller?.abort(cancelled);
  }
}

/** @param connectTimeoutMs nothing else has a limit here: undici's own timeouts restart with each part of an answer, and don't count the wait for a connection */
export function createExchanges(url: URL, options: { connections: number; connectTimeoutMs: number }): Exchanges {
  const pool = new Pool(url.origin, {
    connections: options.connections,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    connectTimeout: options.connectTimeoutMs,
    maxResponseSize: MAX_RESPONSE_BYTES,
  });
  const path = url.pathname + url.search;
  return {
    post: (headers, body, onEnd) => {
      const post = new Post(onEnd);
      pool.dispatch({ method: 'POST', path, headers, body }, post);
      return post;
    },
    close: () => pool.destroy(),
  };
}
