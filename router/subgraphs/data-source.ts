import { type Asserted, IDENTITY_HEADER } from '@wheelhouse/kit/identity.ts';
import type { SubgraphSettings } from '../config.ts';
import type { RouterContext } from '../context.ts';
import type { Subgraph } from '../load.ts';
import type { Breaker } from './breaker.ts';
import { createExchanges } from './exchange.ts';
import { Flight, type InFlight, shareKey } from './in-flight.ts';
import { type CallEnd, isAway, SubgraphCall } from './subgraph-call.ts';
import { createGuard } from './subgraph-guard.ts';
import { subgraphHeaders } from './subgraph-headers.ts';
import type { SubgraphError, SubgraphResponse } from './subgraph-response.ts';

export type SubgraphRequest = {
  /** Queries may be shared with other callers, and sent a second time; mutations never. */
  kind: 'query' | 'mutation';
  query: string;
  operationName?: string | undefined;
  variables: Record<string, unknown>;
};

/** `refused`: not sent, for the subgraph failed before. `unsendable`: not sent, for it can't be. `aborted`: nobody waits any more. */
export type FetchOutcome = CallEnd['outcome'] | 'refused' | 'aborted';

export type SubgraphClient = {
  name: string;
  /** Never throws: what went wrong comes back as `errors`. The response is the caller's own to change. */
  fetch: (request: SubgraphRequest, caller: RouterContext) => Promise<SubgraphResponse>;
  close: () => Promise<void>;
};

/** What clients tell of their work. */
export type SubgraphObserver = {
  /** A request has ended, or was refused. Callers that joined another's are not counted. */
  onFetch?: (name: string, outcome: FetchOutcome, seconds: number) => void;
  onRetry?: (name: string) => void;
  /** A caller has joined a request that was under way. */
  onShared?: (name: string) => void;
  /** First of all, and whenever the phase changes. */
  onBreaker?: (name: string, phase: Breaker['phase']) => void;
  /** Told the cause, which clients don't see. */
  onFailure?: (name: string, cause: unknown) => void;
};

type Failure = Exclude<FetchOutcome, 'ok' | 'errors'>;

/** An error of the router's own about a subgraph: it names the service, never its address. */
export function subgraphFailure(name: string, outcome: Failure, detail = ''): SubgraphError {
  const failure = {
    timeout: { code: 'SUBGRAPH_TIMEOUT', says: `did not answer in time${detail}` },
    unavailable: { code: 'SUBGRAPH_UNAVAILABLE', says: "can't be reached" },
    refused: { code: 'SUBGRAPH_UNAVAILABLE', says: detail },
    invalid: { code: 'SUBGRAPH_INVALID_RESPONSE', says: `did not answer with GraphQL${detail}` },
    unsendable: { code: 'BAD_REQUEST', says: 'was not asked: a header or a variable can not be passed on' },
    aborted: { code: 'REQUEST_ABORTED', says: '' },
  }[outcome];
  const message = outcome === 'aborted' ? 'The client went away' : `The service "${name}" ${failure.says}`;
  return { message, extensions: { code: failure.code, serviceName: name } };
}

/**
 * One subgraph over HTTP/1.1. What goes wrong with it becomes errors in the response, so that an operation loses the fields of this
 * subgraph and nothing else.
 *
 * @param options `inFlight` is what its queries are shared through, null when they are not; `vouch` signs for this service who asks
 */
export function createSubgraphClient(
  { name, url }: Subgraph,
  options: SubgraphSettings &
    SubgraphObserver & { inFlight: InFlight | null; vouch?: ((asserted: Asserted, service: string) => string) | null },
): SubgraphClient {
  const { timeoutMs, inFlight, onFetch, onFailure, vouch = null } = options;
  const exchanges = createExchanges(url, { connections: options.connections, connectTimeoutMs: timeoutMs });
  const guard = createGuard({
    ...options,
    onRetry: () => options.onRetry?.(name),
    onPhase: (phase) => options.onBreaker?.(name, phase),
  });

  const failed = (outcome: Failure, cause: unknown, detail?: string): SubgraphResponse => {
    if (outcome !== 'aborted' && outcome !== 'refused') onFailure?.(name, cause);
    return { errors: [subgraphFailure(name, outcome, detail)] };
  };
  const responseTo = (end: CallEnd): SubgraphResponse => {
    if ('response' in end) return end.response;
    if (end.outcome === 'timeout')
      return failed(end.outcome, new Error(`no answer within ${timeoutMs} ms`), ` (${timeoutMs} ms)`);
    if (end.outcome !== 'invalid') return failed(end.outcome, end.cause);
    const seen = `HTTP ${end.statusCode}, ${end.contentType.split(';')[0] || 'no content type'}`;
    return failed(end.outcome, new Error(seen), ` (${seen})`);
  };

  const fetch: SubgraphClient['fetch'] = (
    { kind, query, operationName, variables },
    { headers: forwarded, asserted, signal, stage: parent },
  ) => {
    if (signal.aborted) return Promise.resolve(failed('aborted', null));
    const isQuery = kind === 'query';
    const headers =
      vouch === null || asserted == null ? forwarded : { ...forwarded, [IDENTITY_HEADER]: vouch(asserted, name) };
    let body: string;
    try {
      body = JSON.stringify({ query, operationName, variables });
    } catch (err) {
      // Of what came as JSON, only what is nested too deeply for the runtime's stack.
      return Promise.resolve(failed('unsendable', err));
    }
    const key = isQuery && inFlight !== null ? shareKey(url.href, headers, body) : null;
    const running = key === null ? null : inFlight?.find(key);
    if (running != null) {
      options.onShared?.(name);
      const joined = running.join(signal);
      return parent == null ? joined : parent.sharedFetch(name, running.place, joined);
    }
    const stage = parent?.beginFetch(name, kind) ?? null;
    const startedAtMs = performance.now();
    const admission = guard.admit(isQuery, startedAtMs);
    if (admission === 'refuse') {
      onFetch?.(name, 'refused', 0);
      stage?.end('refused');
      return Promise.resolve(failed('refused', null, guard.refusal()));
    }
    const finish = (outcome: FetchOutcome, how: Parameters<typeof guard.ended>[0], retries: number): void => {
      land?.();
      if (!isQuery) inFlight?.forget();
      guard.ended(how, admission);
      onFetch?.(name, outcome, (performance.now() - startedAtMs) / 1000);
      stage?.endFetch(outcome, retries);
    };
    const flight = new Flight({
      place: stage?.place ?? null,
      gone: () => failed('aborted', null),
      onDeserted: () => {
        call.cancel();
        finish('aborted', 'none', call.retries);
      },
    });
    const land = key === null ? null : inFlight?.add(key, flight);
    const response = flight.join(signal);
    const call = new SubgraphCall({
      exchanges,
      timeoutMs,
      headers: subgraphHeaders(headers, stage),
      body,
      takeRetry: () => isQuery && admission === 'send' && guard.takeRetry(),
      onEnd: (end, retries) => {
        finish(end.outcome, end.outcome === 'unsendable' ? 'none' : isAway(end) ? 'failure' : 'answer', retries);
        flight.settle(responseTo(end));
      },
    });
    return response;
  };
  return { name, fetch, close: exchanges.close };
}
