import type { RequestListener, ServerResponse } from 'node:http';
import { readRouterConfig, type SubgraphSettings } from '../config.ts';
import type { Breaker } from '../subgraphs/breaker.ts';
import { createSubgraphClient, type FetchOutcome, type SubgraphRequest } from '../subgraphs/data-source.ts';
import { InFlight } from '../subgraphs/in-flight.ts';
import { startPeer } from './peer.ts';

/** A client of a subgraph that a peer plays, and what it told of its work. */
export async function startTestClient(
  listener: RequestListener,
  options: Partial<SubgraphSettings> & { inFlight?: InFlight | null } = {},
) {
  const peer = await startPeer(listener);
  const outcomes: FetchOutcome[] = [];
  const phases: Breaker['phase'][] = [];
  const counts = { retries: 0, shared: 0 };
  const client = createSubgraphClient(
    { name: 'fida', url: new URL(peer.url) },
    {
      ...readRouterConfig({}).subgraph,
      connections: 2,
      inFlight: new InFlight(),
      ...options,
      onFetch: (_name, outcome) => outcomes.push(outcome),
      onRetry: () => {
        counts.retries += 1;
      },
      onShared: () => {
        counts.shared += 1;
      },
      onBreaker: (_name, phase) => phases.push(phase),
    },
  );
  /** Fetches for a caller of its own, whose signal `aborter` may be given. */
  const fetch = (
    request: Partial<SubgraphRequest> = {},
    headers: Record<string, string> = {},
    aborter = new AbortController(),
  ) => client.fetch({ query: '{ a }', variables: {}, kind: 'query', ...request }, { headers, signal: aborter.signal });
  const close = async (): Promise<void> => {
    await client.close();
    await peer.close();
  };
  return { peer, fetch, outcomes, phases, counts, close };
}

export const send = (response: ServerResponse, status: number, type: string, body: string) =>
  response.writeHead(status, { 'content-type': type }).end(body);

export const sendData = (response: ServerResponse, data: unknown) =>
  send(response, 200, 'application/json', JSON.stringify({ data }));
