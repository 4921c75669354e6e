import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

/** What one `next` message holds. */
export type Payload = {
  data?: Record<string, unknown> | null;
  errors?: readonly { message: string; extensions?: Record<string, unknown> }[];
  extensions?: Record<string, unknown>;
};

export type Stream = {
  /** All that has come so far. */
  payloads: Payload[];
  /** Resolves when the stream is over, with the errors that ended it, or null. */
  ended: Promise<readonly { message: string; extensions?: Record<string, unknown> }[] | null>;
  close: () => Promise<void>;
};

/** How a connection ended, for people: with which code and reason, where it was closed. */
const endOf = (err: unknown): string =>
  typeof err === 'object' && err !== null && 'code' in err && 'reason' in err
    ? `closed with ${err.code}: ${err.reason}`
    : String(err);

/** A subscription over a websocket of its own; `url` is the HTTP address, `connectionParams` says who asks. */
export function openStream(
  url: string,
  payload: { query: string; variables?: Record<string, unknown>; extensions?: Record<string, unknown> },
  connectionParams: () => Promise<Record<string, string>> = async () => ({}),
): Stream {
  const client = createClient({
    ...{ url: url.replace('http', 'ws'), webSocketImpl: WebSocket, retryAttempts: 0 },
    connectionParams,
  });
  const payloads: Payload[] = [];
  const ended = new Promise<Awaited<Stream['ended']>>((resolve) => {
    client.subscribe<Record<string, unknown>>(payload, {
      next: (result) => void payloads.push(result as Payload),
      error: (err) => resolve(Array.isArray(err) ? err : [{ message: endOf(err) }]),
      complete: () => resolve(null),
    });
  });
  return { payloads, ended, close: async () => client.dispose() };
}
