import { createClient } from 'graphql-ws';
import type { Addresses } from './addresses.ts';
import { errorsIn, type RunEnd } from './rules.ts';
import { type LivenessOptions, type Provider, provide, type Result, type Transport } from './transport.ts';
import { endOf, OPEN, silence, type WebSocketImpl, type WebSocketLike } from './websocket.ts';

/**
 * All subscriptions of a client over one websocket (graphql-transport-ws), which is opened for the first and closed after the last.
 *
 * graphql-ws itself subscribes again when a server closes with 1000, with the variables as they were: from an old cursor. So every
 * run is ended here, when the socket closes and before graphql-ws acts on it.
 */
export function openWebSocketTransport(options: {
  addresses: Addresses;
  connectionParams: Provider<Record<string, unknown>> | undefined;
  webSocketImpl: WebSocketImpl;
  liveness: LivenessOptions;
}): Transport {
  const { addresses, connectionParams, liveness } = options;
  const runs = new Set<{ isSent: () => boolean; sent: () => void; end: (end: RunEnd) => void }>();
  /** What waits for an answer to its ping: each ping has one pong, in order. */
  let pings: (() => void)[] = [];
  let socket: WebSocketLike | null = null;
  let url = '';
  let phase: 'none' | 'connecting' | 'connected' = 'none';
  let connectTimer: ReturnType<typeof setTimeout> | undefined;
  let pingTimer: ReturnType<typeof setInterval> | undefined;
  let pongTimer: ReturnType<typeof setTimeout> | undefined;

  class TrackedSocket extends options.webSocketImpl {
    constructor(address: string, protocols?: string | string[]) {
      super(address, protocols);
      if (socket !== null) silence(socket);
      socket = this;
      phase = 'connecting';
      // graphql-ws takes its own listener away when it gives up on a socket, and an error that nobody hears ends a Node process.
      this.addEventListener('error', () => {});
      connectTimer = setTimeout(() => this.close(), liveness.connectTimeoutMs);
    }
  }

  const ping = (answered: () => void): void => {
    if (socket?.readyState !== OPEN) return;
    pings.push(answered);
    socket.send('{"type":"ping"}');
  };
  const heard = (): void => {
    clearTimeout(pongTimer);
    pongTimer = undefined;
  };
  const stopTimers = (): void => {
    clearTimeout(connectTimer);
    clearInterval(pingTimer);
    heard();
  };
  const down = (event: unknown): void => {
    stopTimers();
    pings = [];
    // A socket that fails tells an error and then its close: by then there is none.
    if (phase === 'connecting') addresses.leave(url);
    // What came while the last socket was being closed, for want of subscriptions, waits for the next one.
    const ended = [...runs].filter((run) => phase === 'connecting' || run.isSent());
    phase = 'none';
    const end = endOf(event);
    for (const run of ended) run.end(end);
  };

  const client = createClient({
    url: () => {
      url = addresses.current;
      return url.replace(/^http/, 'ws');
    },
    connectionParams: () => provide(connectionParams),
    webSocketImpl: TrackedSocket,
    retryAttempts: 0,
    on: {
      connected: () => {
        clearTimeout(connectTimer);
        phase = 'connected';
        pingTimer = setInterval(() => {
          ping(() => {});
          pongTimer ??= setTimeout(() => client.terminate(), liveness.pongTimeoutMs);
        }, liveness.pingIntervalMs);
        for (const run of runs) run.sent();
      },
      message: ({ type }) => {
        // An event is as good: the pong may stand in line behind many.
        heard();
        if (type === 'pong') pings.shift()?.();
      },
      closed: down,
      error: down,
    },
  });

  return {
    subscribe: (operation, sink) => {
      let confirmTimer: ReturnType<typeof setTimeout> | undefined;
      let unsubscribe = (): void => {};
      const leave = (): void => {
        runs.delete(run);
        clearTimeout(confirmTimer);
        unsubscribe();
      };
      const run = {
        isSent: () => confirmTimer !== undefined,
        sent: () => {
          // By then graphql-ws has sent it, and the ping goes after it.
          confirmTimer = setTimeout(() => ping(() => runs.has(run) && sink.live()), liveness.confirmAfterMs);
        },
        end: (end: RunEnd) => {
          if (!runs.has(run)) return;
          leave();
          sink.end(end);
        },
      };
      runs.add(run);
      unsubscribe = client.subscribe(operation, {
        next: (result) => runs.has(run) && sink.result(result as Result),
        error: (error) => {
          const errors = errorsIn({ errors: error });
          run.end(errors === null ? endOf(error) : { kind: 'errors', errors });
        },
        complete: () => run.end({ kind: 'complete' }),
      });
      if (phase === 'connected' && socket?.readyState === OPEN) run.sent();
      return leave;
    },
    close: () => {
      runs.clear();
      stopTimers();
      // It waits for a connection that is being made, which may fail.
      Promise.resolve(client.dispose()).catch(() => {});
      socket?.close(1000, 'Normal Closure');
    },
  };
}
