import type { Stage } from '../tracing/stage.ts';

/**
 * What a request to a subgraph carries, names and values in turn. Where it is traced, what the subgraph does goes below the request's
 * own stage and not below the caller's.
 */
export function subgraphHeaders(forwarded: Readonly<Record<string, string>>, stage: Stage | null): string[] {
  const accept = 'application/graphql-response+json, application/json;q=0.9';
  const headers = ['content-type', 'application/json', 'accept', accept];
  for (const name in forwarded) {
    if (stage === null || (name !== 'traceparent' && name !== 'tracestate')) headers.push(name, forwarded[name] ?? '');
  }
  if (stage !== null) for (const [name, value] of Object.entries(stage.headers)) headers.push(name, value);
  return headers;
}
