import type { IncomingHttpHeaders } from 'node:http';

/** What one operation knows of its caller. */
export type RouterContext = {
  /** The caller's headers that subgraphs get, and no others. */
  headers: Readonly<Record<string, string>>;
  /** Aborts when the caller is gone. */
  signal: AbortSignal;
};

/** Whose request it is, and what ties the traces of all services together. */
const FORWARDED = ['authorization', 'x-request-id', 'traceparent'] as const;

export function forwardedHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const forwarded: Record<string, string> = {};
  for (const name of FORWARDED) {
    const value = headers[name];
    if (typeof value === 'string') forwarded[name] = value;
  }
  return forwarded;
}

/** The same from the payload of a websocket's connection_init, where browsers can't set headers; its names match in any case. */
export function forwardedParams(params: Readonly<Record<string, unknown>> | undefined): Record<string, string> {
  const entries = Object.entries(params ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  return forwardedHeaders(Object.fromEntries(entries));
}
