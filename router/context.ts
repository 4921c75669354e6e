import type { IncomingHttpHeaders } from 'node:http';
import type { Asserted } from '@wheelhouse/kit/identity.ts';
import type { Caller } from './access/caller.ts';
import type { OperationStage, Stage } from './tracing/stage.ts';

/** What one operation knows of its caller, as far as subgraphs are told. */
export type RouterContext = {
  /** The caller's headers that subgraphs get, and no others. */
  headers: Readonly<Record<string, string>>;
  /** Whom the router vouches for; null where there are no accounts, and callers say themselves who they are. */
  asserted?: Asserted | null;
  /** Aborts when the caller is gone. */
  signal: AbortSignal;
  /** The stage under which things happen; null where nothing is traced. */
  stage?: Stage | null;
};

/** What an operation knows of its caller before it is planned. */
export type OperationContext = RouterContext & {
  /** Who asks; null or left out where there are no accounts. */
  caller?: Caller | null;
  /** Who is counted: see caller.ts. */
  countedAs: string;
  /** Whether the caller asked to be told what the operation is estimated to cost. */
  showsCost?: boolean;
  stage?: OperationStage | null;
  /** The door has parsed and checked the document already. */
  isPrepared?: boolean;
};

/** Whose request it is. */
const IDENTITY = ['authorization'] as const;
/** What ties the traces of all services together. */
const TRACE = ['x-request-id', 'traceparent', 'tracestate'] as const;

function pick(headers: IncomingHttpHeaders, names: readonly string[]): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of names) {
    const value = headers[name];
    if (typeof value === 'string') picked[name] = value;
  }
  return picked;
}

export const tracingHeaders = (headers: IncomingHttpHeaders): Record<string, string> => pick(headers, TRACE);

/** The header, or the entry of a websocket's connection_init, by which a caller asks to be told what its operations cost. */
export const COST_HEADER = 'x-wheelhouse-cost';

export const wantsCost = (headers: Readonly<Record<string, unknown>>): boolean => headers[COST_HEADER] === '1';

export const forwardedHeaders = (headers: IncomingHttpHeaders): Record<string, string> =>
  pick(headers, [...IDENTITY, ...TRACE]);

/** Those that say whose request it is: what is done for several callers at once carries nothing else. */
export const identityOf = (headers: RouterContext['headers']): Record<string, string> => pick(headers, IDENTITY);

/** The same from the payload of a websocket's connection_init, where browsers can't set headers; its names match in any case. */
export function forwardedParams(params: Readonly<Record<string, unknown>> | undefined): Record<string, string> {
  const entries = Object.entries(params ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  return forwardedHeaders(Object.fromEntries(entries));
}
