import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip as gzipWithCallback } from 'node:zlib';
import { type Handler, sendJson } from '@wheelhouse/kit/http.ts';

const gzip = promisify(gzipWithCallback);

const DEFAULT_QUERY = `# Fields and arguments complete with Ctrl-Space; the book on the left holds the schema.
# Subscriptions run here too, with the same headers.
query WhatIsHere {
  __schema {
    queryType { fields { name description } }
    subscriptionType { fields { name description } }
  }
}
`;

/** The page may run its own inlined scripts and talk to the server it came from, and to nobody else. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  'worker-src blob:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const isPageRequest = (request: IncomingMessage): boolean =>
  request.method === 'GET' && (request.headers.accept ?? '').includes('text/html');

/** Where the graph does not tell about itself, GraphiQL would be of no use. */
export const refusePage: Handler = (_request, response) =>
  sendJson(response, 404, {
    error: 'there is no page here: ROUTER_INTROSPECTION=true serves GraphiQL, and lets the graph tell about itself',
  });

/**
 * GraphiQL as one page that needs no other host. It is 9 MB, so it is made when first asked for and sent compressed.
 *
 * @param exampleQuery what stands in the editor at first
 */
export function createGraphiqlPage(
  endpoint: string,
  exampleQuery: string = DEFAULT_QUERY,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  let page: Promise<{ plain: Buffer; compressed: Buffer }> | undefined;
  const make = async (): Promise<{ plain: Buffer; compressed: Buffer }> => {
    const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
    const html = renderGraphiQL({
      title: 'Wheelhouse graph',
      endpoint,
      defaultQuery: exampleQuery,
      // Over a websocket it does not send along what stands under Headers.
      subscriptionsProtocol: 'GRAPHQL_SSE',
    });
    const plain = Buffer.from(html.trimStart());
    return { plain, compressed: await gzip(plain) };
  };
  return async (request, response) => {
    page ??= make();
    const { plain, compressed } = await page;
    const isCompressed = (request.headers['accept-encoding'] ?? '').includes('gzip');
    const body = isCompressed ? compressed : plain;
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-length': body.length,
      'content-security-policy': CONTENT_SECURITY_POLICY,
      'cache-control': 'no-cache',
      vary: 'accept, accept-encoding',
      ...(isCompressed && { 'content-encoding': 'gzip' }),
    });
    response.end(body);
  };
}
