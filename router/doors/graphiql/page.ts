import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip as gzipWithCallback } from 'node:zlib';
import type { renderGraphiQL } from '@graphql-yoga/render-graphiql';
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

/** Where the files of the page are. */
const FILES = '/graphiql/';

/**
 * The page runs the files of this server and no other script, none that stands in the page, and talks to nobody else. Monaco, GraphiQL's editor, writes
 * styles into the page. Pages of this server may frame it: the console does.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "worker-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join('; ');

export const isPageRequest = (request: IncomingMessage): boolean =>
  request.method === 'GET' && (request.headers.accept ?? '').includes('text/html');

/** Where the graph does not tell about itself, GraphiQL would be of no use. */
export const refusePage: Handler = (_request, response) =>
  sendJson(response, 404, {
    error: 'there is no page here: ROUTER_INTROSPECTION=true serves GraphiQL, and lets the graph tell about itself',
  });

const attribute = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');

type GraphiqlOptions = NonNullable<Parameters<typeof renderGraphiQL>[0]>;

const htmlOf = (options: GraphiqlOptions): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>GraphiQL · Wheelhouse</title>
    <link rel="icon" href="/favicons/calm.svg" type="image/svg+xml" />
    <link rel="stylesheet" href="${FILES}graphiql.css" />
    <link rel="stylesheet" href="${FILES}style.css" />
    <script src="${FILES}before.js"></script>
    <script src="${FILES}graphiql.js" defer></script>
    <script src="${FILES}start.js" defer></script>
  </head>
  <body>
    <noscript>GraphiQL needs JavaScript.</noscript>
    <div id="root" data-options="${attribute(JSON.stringify(options))}"></div>
  </body>
</html>
`;

type Asset = { type: string; plain: Buffer; compressed: Buffer; etag: string };

async function assetOf(type: string, content: string | Buffer): Promise<Asset> {
  const plain = Buffer.from(content);
  const etag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`;
  return { type, plain, compressed: await gzip(plain), etag };
}

const own = (name: string): Promise<Buffer> => readFile(new URL(name, import.meta.url));
const packaged = () => import('@graphql-yoga/render-graphiql/graphiql');

const SCRIPT = 'text/javascript; charset=utf-8';
const STYLE = 'text/css; charset=utf-8';
/** What the page is made of, by name. The package has GraphiQL as texts. */
const CONTENTS: Readonly<Record<string, { type: string; read: () => Promise<string | Buffer> }>> = {
  'graphiql.js': { type: SCRIPT, read: async () => (await packaged()).js },
  'graphiql.css': { type: STYLE, read: async () => (await packaged()).css },
  'editor.worker.js': { type: SCRIPT, read: async () => (await packaged()).editorWorkerService },
  'json.worker.js': { type: SCRIPT, read: async () => (await packaged()).jsonWorker },
  'graphql.worker.js': { type: SCRIPT, read: async () => (await packaged()).graphqlWorker },
  'before.js': { type: SCRIPT, read: () => own('before.js') },
  'start.js': { type: SCRIPT, read: () => own('start.js') },
  'style.css': { type: STYLE, read: () => own('style.css') },
};

function send(request: IncomingMessage, response: ServerResponse, asset: Asset, headers: Record<string, string>): void {
  const { type, plain, compressed, etag } = asset;
  const always = { 'cache-control': 'no-cache', vary: 'accept, accept-encoding', etag, ...headers };
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304, always).end();
    return;
  }
  const isCompressed = (request.headers['accept-encoding'] ?? '').includes('gzip');
  const body = isCompressed ? compressed : plain;
  response.writeHead(200, {
    ...always,
    'content-type': type,
    'content-length': body.length,
    ...(isCompressed && { 'content-encoding': 'gzip' }),
  });
  response.end(body);
}

/**
 * GraphiQL as a page that needs no other host. Its 9 MB are read when they are first asked for, and sent compressed.
 *
 * @param exampleQuery what stands in the editor at first
 * @returns `page`, and by their paths the files that it asks for
 */
export function createGraphiql(
  endpoint: string,
  exampleQuery: string = DEFAULT_QUERY,
): { page: Handler; files: Readonly<Record<string, Handler>> } {
  const made = new Map<string, Promise<Asset>>();
  const once = (name: string, make: () => Promise<Asset>): Promise<Asset> => {
    const asset = made.get(name) ?? make();
    made.set(name, asset);
    return asset;
  };
  const options: GraphiqlOptions = {
    title: '<h1>Wheelhouse graph</h1>',
    endpoint,
    defaultQuery: exampleQuery,
    // Over a websocket it does not send along what stands under Headers.
    subscriptionsProtocol: 'GRAPHQL_SSE',
  };
  return {
    page: async (request, response) => {
      const page = await once('', () => assetOf('text/html; charset=utf-8', htmlOf(options)));
      send(request, response, page, { 'content-security-policy': CONTENT_SECURITY_POLICY });
    },
    files: Object.fromEntries(
      Object.entries(CONTENTS).map(([name, { type, read }]): [string, Handler] => [
        `${FILES}${name}`,
        async (request, response) => {
          send(request, response, await once(name, async () => assetOf(type, await read())), {});
        },
      ]),
    ),
  };
}
