import { endOfClose, type RunEnd } from './rules.ts';

/** What is used of a WebSocket besides what graphql-ws needs; browsers', Node's and the package ws's are all such. */
export type WebSocketLike = {
  readonly readyState: number;
  onopen: unknown;
  onmessage: unknown;
  onclose: unknown;
  onerror: unknown;
  send: (text: string) => void;
  close: (code?: number, reason?: string) => void;
  addEventListener: (type: 'error', listener: () => void) => void;
};
export type WebSocketImpl = new (url: string, protocols?: string | string[]) => WebSocketLike;

export const OPEN = 1;

/** Why the socket is gone, from a close event; an error event tells nothing in browsers, and a message elsewhere. */
export function endOf(event: unknown): RunEnd {
  const { code, reason, message } = (event ?? {}) as { code?: unknown; reason?: unknown; message?: unknown };
  // Other errors have codes, too: those of DOMException are small numbers.
  if (typeof code === 'number' && code >= 1_000) return endOfClose(code, typeof reason === 'string' ? reason : '');
  const why = typeof message === 'string' && message !== '' ? `: ${message}` : '';
  return { kind: 'lost', reason: `the connection failed${why}` };
}

/**
 * Takes graphql-ws off a socket that it has given up, and closes it. One that failed may close long after: graphql-ws does not tell
 * its sockets apart, and would end what runs on the next one.
 */
export function silence(socket: WebSocketLike): void {
  socket.onopen = null;
  socket.onmessage = null;
  socket.onclose = null;
  socket.onerror = null;
  socket.close();
}
