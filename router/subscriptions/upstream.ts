import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { Subgraph } from '../load.ts';
import { type SubgraphRequest, subgraphFailure } from '../subgraphs/data-source.ts';
import {
  downstreamError,
  parseSubgraphResult,
  type SubgraphError,
  type SubgraphResponse,
} from '../subgraphs/subgraph-response.ts';

/** Where an upstream puts what happens; nothing comes after the end. */
export type UpstreamSink = {
  /** `cursor` is where the event stands in its log; null where the service does not say. */
  event: (response: SubgraphResponse, cursor: string | null) => void;
  /** Everything up to the cursor has been sent. */
  caughtUp: (cursor: string) => void;
  end: (err?: SubscriptionRefusedError | UpstreamLostError) => void;
};

/** As whom a subscription is opened: what is the same under this key is the same to the service, and may share a connection. */
export type Standing = {
  key: string;
  /** Asked for with each connection that is opened: what a service is told of who asks does not hold for long. */
  headersFor: (serviceName: string) => Readonly<Record<string, string>>;
};

/** What a subscription is opened with. */
export type UpstreamRequest = Omit<SubgraphRequest, 'kind'>;

/** The open connections to subgraphs that events come from. */
export type Upstreams = {
  /** Starts a subscription in a subgraph; the function it returns frees it at once. */
  subscribe: (serviceName: string, request: UpstreamRequest, standing: Standing, sink: UpstreamSink) => () => void;
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

  /** Whether it may start a moment later: the service is there, and its database is not. */
  get isPassing(): boolean {
    return this.errors.every(({ extensions }) => extensions?.code === 'DATABASE_UNAVAILABLE');
  }
}

/** What a stream ends with when the connection to the subgraph broke, or never came about. */
export class UpstreamLostError extends GraphQLError {
  override name = 'UpstreamLostError';

  constructor(serviceName: string) {
    const { message, extensions } = subgraphFailure(serviceName, 'unavailable');
    super(message, { extensions: extensions ?? {} });
  }
}

/** An event of a subgraph that is larger than this is a fault. */
const MAX_EVENT_BYTES = 16 * 1024 * 1024;

type Connection = {
  client: Client;
  users: number;
  /** Told when the connection is gone: graphql-ws would open some of its subscriptions again, as they began. */
  onLost: Set<(cause: unknown) => void>;
};

function connect(subgraph: Subgraph, { headersFor }: Standing, timeoutMs: number, keepAliveMs: number): Client {
  const url = new URL(subgraph.url);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  class SubgraphSocket extends WebSocket {
    constructor(address: string, protocols: string[]) {
      super(address, protocols, {
        headers: headersFor(subgraph.name),
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
    connectionParams: () => ({ ...headersFor(subgraph.name) }),
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

const cursorOf = (extensions: Record<string, unknown> | undefined): string | null =>
  typeof extensions?.cursor === 'string' ? extensions.cursor : null;

/**
 * Connections are shared by subscriptions of the same standing to the same subgraph and by nobody else: a connection is opened as
 * somebody, so the key is the subgraph and that standing.
 */
export function createUpstreams(
  subgraphs: readonly Subgraph[],
  options: { timeoutMs: number; keepAliveMs: number; onFailure?: (name: string, cause: unknown) => void },
): Upstreams {
  const connections = new Map<string, Connection>();

  const openConnection = (subgraph: Subgraph, standing: Standing): Connection => {
    const client = connect(subgraph, standing, options.timeoutMs, options.keepAliveMs);
    const onLost: Connection['onLost'] = new Set();
    client.on('closed', (cause) => {
      for (const tell of [...onLost]) tell(cause);
    });
    return { client, users: 0, onLost };
  };

  const subscribe: Upstreams['subscribe'] = (serviceName, request, standing, sink) => {
    const subgraph = subgraphs.find(({ name }) => name === serviceName);
    if (subgraph === undefined) throw new Error(`no subgraph is named ${serviceName}`);
    const key = JSON.stringify([serviceName, standing.key]);
    const connection = connections.get(key) ?? openConnection(subgraph, standing);
    connections.set(key, connection);
    connection.users += 1;
    let freed = false;
    let begun = false;
    const free = (): void => {
      if (freed) return;
      freed = true;
      connection.onLost.delete(lost);
      connection.users -= 1;
      const isUnused = connection.users === 0;
      if (isUnused && connections.get(key) === connection) connections.delete(key);
      // Not while a message is taken: when its end comes in the same write, graphql-ws counts the subscription as over twice, and
      // closes the connection under the others (graphql-ws 6.4.2, client.ts, `releaser`).
      queueMicrotask(() => {
        unsubscribe();
        if (isUnused) void connection.client.dispose();
      });
    };
    const end: UpstreamSink['end'] = (err) => {
      if (!freed) sink.end(err);
    };
    const lost = (cause: unknown): void => {
      if (!freed) options.onFailure?.(serviceName, cause);
      end(new UpstreamLostError(serviceName));
    };
    connection.onLost.add(lost);
    const next = (message: unknown): void => {
      if (freed) return;
      const { extensions, ...rest } = message as { extensions?: Record<string, unknown> };
      const cursor = cursorOf(extensions);
      if (cursor !== null && extensions?.caughtUp === true) {
        begun = true;
        sink.caughtUp(cursor);
        return;
      }
      const response = parseSubgraphResult(rest);
      // An event has data, if only null; a source that could not be opened is answered without.
      if (!begun && response?.errors !== undefined && response.data === undefined) {
        end(new SubscriptionRefusedError(serviceName, response.errors));
        return;
      }
      begun = true;
      sink.event(response ?? { errors: [subgraphFailure(serviceName, 'invalid')] }, cursor);
    };
    const unsubscribe = connection.client.subscribe<Record<string, unknown>>(
      {
        query: request.query,
        operationName: request.operationName ?? null,
        variables: request.variables,
        extensions: { resumable: true },
      },
      {
        next,
        error: (cause) => {
          // The subgraph refused the operation itself: its errors are the answer. Anything else is the connection.
          const refused = Array.isArray(cause) ? parseSubgraphResult({ errors: cause }) : null;
          if (refused?.errors) return end(new SubscriptionRefusedError(serviceName, refused.errors));
          lost(cause);
        },
        complete: () => end(),
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
