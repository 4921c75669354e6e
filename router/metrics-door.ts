import type { IncomingMessage } from 'node:http';
import { isLoopbackName } from '@wheelhouse/kit/http.ts';
import { hasBearer } from '@wheelhouse/kit/service-doors.ts';

const REFUSAL =
  'metrics are read with Authorization: Bearer and ROUTER_METRICS_TOKEN or WHEELHOUSE_SERVICE_TOKEN where others than this machine reach the router';

/**
 * Why a request may not read the router's metrics; null where it may. Where the router is to be reached from this machine alone, all may; else who shows the token
 * of the metrics or the service token. Behind a proxy everybody may seem to be of this machine, and a name can be made up: what it is bound to
 * counts as well.
 */
export function createMetricsDoor(options: {
  /** What the router is bound to. */
  host: string;
  /** The name under which clients reach it. */
  publicHost: string;
  /** Proxies in front of it. */
  proxyHops: number;
  tokens: readonly (string | null)[];
}): (request: IncomingMessage) => string | null {
  const { host, publicHost, proxyHops } = options;
  const tokens = options.tokens.filter((token) => token !== null);
  const isLocal = isLoopbackName(host) && isLoopbackName(publicHost) && proxyHops === 0;
  return (request) => (isLocal || tokens.some((token) => hasBearer(request, token)) ? null : REFUSAL);
}
