import type { IncomingMessage, ServerResponse } from 'node:http';
import { isLoopbackName, isSameSite } from '@wheelhouse/kit/http.ts';
import { COST_HEADER } from './context.ts';

/** What a page of another host may send; `apollo-require-preflight` is what makes a browser ask first. */
const ALLOWED_HEADERS = [
  ...['content-type', 'authorization', 'apollo-require-preflight', 'x-apollo-operation-name'],
  ...['x-request-id', 'traceparent', 'tracestate', 'last-event-id', COST_HEADER],
].join(', ');
/** What such a page may read of an answer besides the body. */
const EXPOSED_HEADERS = 'retry-after';
/** How long a browser may remember the answer: what Chromium takes at most is two hours. */
const PREFLIGHT_SECONDS = 3_600;

export type Origins = {
  /** Whether a request may be served, over HTTP and over websockets alike: by the page it comes from, and by the name it is for. */
  admits: (request: IncomingMessage) => boolean;
  /** Lets a browser hand the answer to a page of another host that is listed. */
  allow: (request: IncomingMessage, response: ServerResponse) => void;
  /** Answers the question that a browser asks first; false where it is none. */
  preflight: (request: IncomingMessage, response: ServerResponse) => boolean;
};

/** Whether the page comes from the very host that it asks. */
export const isOwnPage = (origin: string, host: string | undefined): boolean =>
  URL.canParse(origin) && new URL(origin).host === (host ?? '').toLowerCase();

/**
 * Pages of the router's own host, and of the listed origins, may use it. On loopback any page of this machine may, under names of
 * this machine alone.
 *
 * @param publicHost the name under which clients reach the router
 */
export function createOrigins(options: {
  publicHost: string;
  origins: readonly string[];
  credentials: boolean;
}): Origins {
  const { publicHost, credentials } = options;
  const listed = new Set(options.origins);
  const isListed = (origin: string | undefined): origin is string => origin !== undefined && listed.has(origin);
  const isLocal = isLoopbackName(publicHost);
  return {
    admits: (request) => {
      const { origin, host } = request.headers;
      if (isLocal) return isSameSite(request, publicHost, listed);
      return origin === undefined || isListed(origin) || isOwnPage(origin, host);
    },
    allow: (request, response) => {
      if (listed.size === 0) return;
      response.appendHeader('vary', 'origin');
      const { origin } = request.headers;
      if (!isListed(origin)) return;
      response.setHeader('access-control-allow-origin', origin);
      response.setHeader('access-control-expose-headers', EXPOSED_HEADERS);
      if (credentials) response.setHeader('access-control-allow-credentials', 'true');
    },
    preflight: (request, response) => {
      if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) return false;
      if (isListed(request.headers.origin)) {
        response.setHeader('access-control-allow-methods', 'GET, POST');
        response.setHeader('access-control-allow-headers', ALLOWED_HEADERS);
        response.setHeader('access-control-max-age', PREFLIGHT_SECONDS);
      }
      response.writeHead(204).end();
      return true;
    },
  };
}
