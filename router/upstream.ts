import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { type SubgraphRequest, subgraphFailure } from './data-source.ts';
import type { EventSink } from './event-stream.ts';
import type { Subgraph } from './load.ts';
import {
  downstreamError,
  parseSubgraphResult,
  type SubgraphError,
  type SubgraphResponse,
} from './subgraph-response.ts';

/** The open connections to subgraphs that events come from. */
export type Upstreams = {
  /** Starts a subscription in a subgraph; the function it returns frees it at once. */
  subscribe: (
    serviceName: string,
    request: SubgraphRequest,
    headers: Readonly<Record<string, string>>,
    sink: EventSink<SubgraphResponse>,
  ) => () => void;
  close: () => void;
};

/** What a stream ends with when the subgraph did not start it. */
export class SubscriptionRefusedError extends Error {
  override name = 'SubscriptionRefusedError';
  readonly errors: readonly GraphQLFormattedError[];

  constructor(serviceName: string, errors: readonly SubgraphError[]) {
    super(`The service "${serviceName}" refused the subscription`);
    this.errors = errors.map((error) => downstreamError(serviceName, error).toJSON());
  }
}

/** An event of a subgraph that is larger than this is a fault. */
const MAX_EVENT_BYTES = 16 * 1024 * 1024;

type Connection = { client: Client; users: number };

function connect(
  subgraph: Subgraph,
  authorization: string | undefined,
  timeoutMs: number,
  keepAliveMs: number,
): Client {
  const url = new URL(subgraph.url);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const identity = authorization === undefined ? {} : { authorization };
  class SubgraphSocket extends WebSocket {
    constructor(address: string, protocols: string[]) {
      super(address, protocols, {
        headers: identity,
        perMessageDeflate: false,
        maxPayload: MAX_EVENT_BYTES,
        handshakeTimeout: timeoutMs,
      });
    }
  }
  let pongTimer: NodeJS.Timeout | undefined;
  const client = createClient({
    url: url.href,
    webSocketImpl: SubgraphSocket,
    connectionParams: identity,
    connectionAckWaitTimeout: timeoutMs,
    retryAttempts: 0,
    keepAlive: keepAliveMs,
    // Without a listener graphql-ws writes to the console; each subscription hears of it by itself.
    onNonLazyError: () => {},
    on: {
      ping: (received) => {
        if (!received) pongTimer = setTimeout(() => client.terminate(), timeoutMs);
      },
      pong: (received) => {
        if (received) clearTimeout(pongTimer);
      },
      closed: () => clearTimeout(pongTimer),
    },
  });
  return client;
}

/**
 * Connections are shared by subscriptions of the same caller to the same subgraph and by nobody else: a connection carries one
 * identity, so the key is the subgraph and the caller's authorization.
 */
export function createUpstreams(
  subgraphs: readonly Subgraph[],
  options: { timeoutMs: number; keepAliveMs: number; onFailure?: (name: string, cause: unknown) => void },
): Upstreams {
  const connections = new Map<string, Connection>();

  const subscribe: Upstreams['subscribe'] = (serviceName, request, { authorization }, sink) => {
    const subgraph = subgraphs.find(({ name }) => name === serviceName);
    if (subgraph === undefined) throw new Error(`no subgraph is named ${serviceName}`);
    const key = JSON.stringify([serviceName, authorization ?? null]);
    const connection: Connection = connections.get(key) ?? {
      client: connect(subgraph, authorization, options.timeoutMs, options.keepAliveMs),
      users: 0,
    };
    connections.set(key, connection);
    connection.users += 1;
    let freed = false;
    let begun = false;
    const free = (): void => {
      if (freed) return;
      freed = true;
      unsubscribe();
      connection.users -= 1;
      if (connection.users > 0) return;
      if (connections.get(key) === connection) connections.delete(key);
      void connection.client.dispose();
    };
    const unavailable = (cause: unknown): GraphQLError => {
      options.onFailure?.(serviceName, cause);
      const { message, extensions } = subgraphFailure(serviceName, 'unavailable');
      return new GraphQLError(message, { extensions: extensions ?? {} });
    };
    const unsubscribe = connection.client.subscribe(
      { query: request.query, operationName: request.operationName ?? null, variables: request.variables },
      {
        next: (event) => {
          const response = parseSubgraphResult(event);
          // An event has data, if only null; a source that could not be opened is answered without.
          if (!begun && response?.errors !== undefined && response.data === undefined) {
            sink.end(new SubscriptionRefusedError(serviceName, response.errors));
            return;
          }
          begun = true;
          if (response !== null) sink.event(response);
          else sink.event({ errors: [subgraphFailure(serviceName, 'invalid')] });
        },
        error: (cause) => {
          // The subgraph refused the operation itself: its errors are the answer. Anything else is the connection.
          const refused = Array.isArray(cause) ? parseSubgraphResult({ errors: cause }) : null;
          sink.end(refused?.errors ? new SubscriptionRefusedError(serviceName, refused.errors) : unavailable(cause));
        },
        complete: () => sink.end(),
      },
    );
    return free;
  };

  return {
    subscribe,
    close: () => {
      for (const { client } of connections.values()) client.terminate();
      connections.clear();
    },
  };
}
