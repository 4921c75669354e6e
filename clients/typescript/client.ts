import { Addresses } from './addresses.ts';
import { type GraphQLFault, RefusedError, TransportError } from './errors.ts';
import { type Following, follow } from './follow.ts';
import type { DocumentText, FollowOptions } from './follow-options.ts';
import { errorsIn, isAddressAtFault, RETRY, type RetryOptions } from './rules.ts';
import { openSseTransport } from './sse-transport.ts';
import { LIVENESS, type LivenessOptions, type Provider, provide } from './transport.ts';
import type { WebSocketImpl } from './websocket.ts';
import { openWebSocketTransport } from './websocket-transport.ts';

export type ClientOptions = {
  /** Where GraphQL is, as http(s), for websockets too; in a browser also relative to the page. */
  url?: string;
  /** Several routers of the same graph: the next one is asked after a failure to connect. In the place of `url`. */
  urls?: readonly string[];
  /** Sent with requests over HTTP. A function is asked on each of them. */
  headers?: Provider<Record<string, string>>;
  /** Sent when a websocket opens, where browsers can't set headers. A function is asked on each connect. @default `headers` */
  connectionParams?: Provider<Record<string, unknown>>;
  /** What subscriptions run over. @default "websocket" */
  transport?: 'websocket' | 'sse';
  /** @default globalThis.WebSocket */
  webSocketImpl?: WebSocketImpl;
  /** @default globalThis.fetch */
  fetchImpl?: typeof fetch;
  retry?: Partial<RetryOptions>;
  liveness?: Partial<LivenessOptions>;
  /** How long the answer to a query may take. @default 30,000 ms */
  queryTimeoutMs?: number;
};

/** What a query or mutation brought: where `errors` is not empty, the fields at their paths are null. */
export type Answer<Data> = { data: Data; errors: readonly GraphQLFault[] };

export type WheelhouseClient = {
  /**
   * Runs a query or a mutation over HTTP, once: it is never tried again.
   *
   * @throws RefusedError when there are errors and no data
   * @throws TransportError when there was no answer in time, or none that is GraphQL
   */
  query: <Data = Record<string, unknown>, Variables = Record<string, unknown>>(
    document: DocumentText<Data, Variables>,
    variables?: Variables,
  ) => Promise<Answer<Data>>;
  /**
   * Follows a subscription, from this call on, through every break that a resume mends. Iterating throws RefusedError or
   * CursorLostError when it can't go on; events that came before are handed out first.
   */
  follow: <Data = Record<string, unknown>, Variables = Record<string, unknown>>(
    options: FollowOptions<Data, Variables>,
  ) => Following<Data>;
  /** Ends all that is followed, and closes the connection. */
  close: () => void;
};

/**
 * A client of the graph for browsers and Node.
 *
 * @throws TypeError when there is no address, or no WebSocket for the transport that was chosen
 */
export function createWheelhouseClient(options: ClientOptions): WheelhouseClient {
  const { url, headers, transport: kind = 'websocket', queryTimeoutMs = 30_000 } = options;
  const addresses = new Addresses(options.urls ?? (url === undefined ? [] : [url]));
  // A method of another object: browsers' fetch wants to be called as a function of its own.
  const fetchImpl = options.fetchImpl ?? ((...args: Parameters<typeof fetch>) => fetch(...args));
  const liveness = { ...LIVENESS, ...options.liveness };
  const retry = { ...RETRY, ...options.retry };
  const following = new Set<Following<unknown>>();
  let isClosed = false;

  const transports = {
    websocket: () => {
      const webSocketImpl = options.webSocketImpl ?? (globalThis.WebSocket as WebSocketImpl | undefined);
      if (webSocketImpl === undefined) throw new TypeError('there is no global WebSocket here: pass webSocketImpl');
      const connectionParams = options.connectionParams ?? headers;
      return openWebSocketTransport({ addresses, connectionParams, webSocketImpl, liveness });
    },
    sse: () => openSseTransport({ addresses, headers, fetchImpl, liveness }),
  };
  const transport = transports[kind]();

  return {
    query: async <Data, Variables>(document: DocumentText<Data, Variables>, variables?: Variables) => {
      const address = addresses.current;
      const sent = { 'content-type': 'application/json', ...(await provide(headers)) };
      const failed = (why: string, status: number | null, cause?: unknown): TransportError => {
        if (status === null || isAddressAtFault(status)) addresses.leave(address);
        return new TransportError(`${address} ${why}`, { status, cause });
      };
      const request = {
        method: 'POST',
        headers: { accept: 'application/json', ...sent },
        body: JSON.stringify({ query: String(document), variables }),
        signal: AbortSignal.timeout(queryTimeoutMs),
      };
      const response = await fetchImpl(address, request).catch((err: unknown) => {
        throw failed('did not answer', null, err);
      });
      const body: unknown = await response.json().catch((err: unknown) => {
        throw failed(`answered with HTTP ${response.status} and no JSON`, response.status, err);
      });
      const errors = errorsIn(body) ?? [];
      const data = typeof body === 'object' && body !== null && 'data' in body ? (body.data as Data | null) : null;
      if (data !== null) return { data, errors };
      if (errors.length > 0) throw new RefusedError(errors);
      throw failed(`answered with HTTP ${response.status} and neither data nor errors`, response.status);
    },
    follow: (what) => {
      if (isClosed) throw new Error('this client is closed');
      const stream = follow(transport, what, retry, () => following.delete(stream));
      following.add(stream);
      return stream;
    },
    close: () => {
      isClosed = true;
      for (const stream of [...following]) void stream.return?.();
      transport.close();
    },
  };
}
