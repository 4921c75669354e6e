import { Pool } from 'undici';
import type { Subgraph } from './load.ts';
import { parseSubgraphBody, type SubgraphError, type SubgraphResponse } from './subgraph-response.ts';

export type SubgraphRequest = {
  kind: 'query' | 'mutation';
  query: string;
  operationName?: string | undefined;
  variables: Record<string, unknown>;
};
export type FetchOutcome = 'ok' | 'errors' | 'timeout' | 'unavailable' | 'invalid' | 'aborted';

export type SubgraphClient = {
  name: string;
  fetch: (
    request: SubgraphRequest,
    caller: { headers: Readonly<Record<string, string>>; signal: AbortSignal },
  ) => Promise<SubgraphResponse>;
  close: () => Promise<void>;
};

/** Far above any answer that clients wait for; keeps a runaway subgraph from filling the router's memory. */
const MAX_RESPONSE_BYTES = 64 * 1024 * 1024;

/** An error of the router's own about a subgraph: it names the service, never its address. */
export function subgraphFailure(
  name: string,
  outcome: Exclude<FetchOutcome, 'ok' | 'errors'>,
  detail = '',
): SubgraphError {
  const failure = {
    timeout: { code: 'SUBGRAPH_TIMEOUT', message: `The service "${name}" did not answer in time${detail}` },
    unavailable: { code: 'SUBGRAPH_UNAVAILABLE', message: `The service "${name}" can't be reached` },
    invalid: {
      code: 'SUBGRAPH_INVALID_RESPONSE',
      message: `The service "${name}" did not answer with GraphQL${detail}`,
    },
    aborted: { code: 'REQUEST_ABORTED', message: 'The client went away' },
  }[outcome];
  return { message: failure.message, extensions: { code: failure.code, serviceName: name } };
}

/**
 * One subgraph over HTTP/1.1 on a pool of kept connections. Nothing is thrown: what went wrong comes back as `errors`, so that
 * a query loses the fields of this subgraph and nothing else.
 */
export function createSubgraphClient(
  { name, url }: Subgraph,
  options: {
    timeoutMs: number;
    connections: number;
    onFetch?: (name: string, outcome: FetchOutcome, seconds: number) => void;
    /** Told the cause, which clients don't see. */
    onFailure?: (name: string, cause: unknown) => void;
  },
): SubgraphClient {
  const { timeoutMs, connections, onFetch, onFailure } = options;
  // undici's own timeouts are off: they restart with each part of an answer and do not count the wait for a connection.
  const pool = new Pool(url.origin, {
    connections,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    connectTimeout: timeoutMs,
    maxResponseSize: MAX_RESPONSE_BYTES,
  });
  const path = url.pathname + url.search;

  const fetch: SubgraphClient['fetch'] = async (request, caller) => {
    const startedAt = performance.now();
    const aborter = new AbortController();
    const abort = (): void => aborter.abort();
    const timer = setTimeout(abort, timeoutMs);
    caller.signal.addEventListener('abort', abort, { once: true });
    const finish = (outcome: FetchOutcome, response: SubgraphResponse): SubgraphResponse => {
      onFetch?.(name, outcome, (performance.now() - startedAt) / 1000);
      return response;
    };
    try {
      if (caller.signal.aborted) aborter.abort();
      const { statusCode, headers, body } = await pool.request({
        method: 'POST',
        path,
        headers: {
          ...caller.headers,
          'content-type': 'application/json',
          accept: 'application/graphql-response+json, application/json;q=0.9',
        },
        body: JSON.stringify(request),
        signal: aborter.signal,
      });
      const response = parseSubgraphBody(await body.text());
      if (response !== null) return finish(response.errors === undefined ? 'ok' : 'errors', response);
      const type = String(headers['content-type'] ?? 'no content type').split(';')[0];
      onFailure?.(name, new Error(`HTTP ${statusCode} with ${type}`));
      return finish('invalid', { errors: [subgraphFailure(name, 'invalid', ` (HTTP ${statusCode}, ${type})`)] });
    } catch (err) {
      const outcome = caller.signal.aborted ? 'aborted' : aborter.signal.aborted ? 'timeout' : 'unavailable';
      if (outcome !== 'aborted') onFailure?.(name, err);
      const detail = outcome === 'timeout' ? ` (${timeoutMs} ms)` : '';
      return finish(outcome, { errors: [subgraphFailure(name, outcome, detail)] });
    } finally {
      clearTimeout(timer);
      caller.signal.removeEventListener('abort', abort);
    }
  };
  return { name, fetch, close: () => pool.destroy() };
}
