import type { IncomingHttpHeaders } from 'node:http';
import type { Asserted } from '@wheelhouse/kit/identity.ts';
import type { GraphQLError } from 'graphql';
import type { Access } from './access/access.ts';
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
  caller?: Caller | null;
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

const tracingHeaders = (headers: IncomingHttpHeaders): Record<string, string> => pick(headers, TRACE);

export const forwardedHeaders = (headers: IncomingHttpHeaders): Record<string, string> =>
  pick(headers, [...IDENTITY, ...TRACE]);

/** Those that say whose request it is: what is done for several callers at once carries nothing else. */
export const identityOf = (headers: RouterContext['headers']): Record<string, string> => pick(headers, IDENTITY);

/** The same from the payload of a websocket's connection_init, where browsers can't set headers; its names match in any case. */
export function forwardedParams(params: Readonly<Record<string, unknown>> | undefined): Record<string, string> {
  const entries = Object.entries(params ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  return forwardedHeaders(Object.fromEntries(entries));
}

/** Who asks, as every door takes it, and what of their headers goes on to subgraphs: with accounts, no word of theirs about who they are. */
export type Introduction = Required<Pick<OperationContext, 'headers' | 'asserted' | 'caller'>>;

/**
 * @param headers the request's; of a websocket, with what its connection_init brought
 * @param origin the caller's address
 * @throws GraphQLError when somebody is not who they say, or when it could not be found out
 */
export async function introduce(
  access: Access | null,
  headers: IncomingHttpHeaders,
  origin: string | undefined,
): Promise<Introduction> {
  if (access === null) return { headers: forwardedHeaders(headers), asserted: null, caller: null };
  const caller = await access.identify(headers.authorization, origin ?? null);
  return { headers: tracingHeaders(headers), asserted: caller.asserted, caller };
}

/** Why what a caller asks is not done any more; null while they count. */
export const endOfCaller = (access: Access | null, caller: Caller | null | undefined): GraphQLError | null =>
  access === null || caller == null ? null : access.endOf(caller);
