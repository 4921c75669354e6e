import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Registry } from 'prom-client';
import { isDatabaseAway } from './errors.ts';

/** A handler of one path. What it throws becomes a 500 without details, or a 503 when the database is away. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

export type HttpDoor = {
  server: Server;
  url: string;
  /** @param drainMs how long requests under way may take to end. @default 3000 */
  close: (drainMs?: number) => Promise<void>;
};

export type HttpDoorOptions = {
  host: string;
  port: number;
  /** The name under which clients reach the door, when that is not what it is bound to. @default `host` */
  publicHost?: string;
  /** Exact path -> handler. */
  routes: Record<string, Handler>;
  /** What answers at every other path. @default a 404 */
  otherwise?: Handler;
  /** Why the service can't take work yet, or null when it can. */
  unready: () => Promise<string | null> | string | null;
  metrics: Registry;
  /** Why a request may not read the metrics; null where it may. @default all may */
  refusesMetrics?: (request: IncomingMessage) => string | null;
  onError: (err: unknown) => void;
  /** Whether a request may be served at all. @default those that isSameSite lets in */
  admits?: (request: IncomingMessage) => boolean;
  /** What every answer to a request carries, unless its handler says otherwise. */
  headersOf?: (request: IncomingMessage) => Readonly<Record<string, string>>;
  /** How long a client may take to send the head of a request, and the whole of it. @default what Node has */
  timeouts?: { headersMs: number; requestMs: number };
};

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i;
/** How long the look behind /health/ready may take: an orchestrator asks again soon, and must not pile up requests. */
const READY_LIMIT_MS = 3_000;

const LATE_LOOK_MS = 5_000;
/** How long a connection may have said nothing when the door closes. */
const SILENT_MS = 250;

/** An address as it stands in a URL. */
const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/** Whether a name or an address is one of this machine. */
export const isLoopbackName = (host: string): boolean => LOOPBACK.test(bracketed(host));

/**
 * Whether a request may be served by a door that clients know as `publicHost`: one on loopback answers only to loopback names,
 * so that a web page whose name was rebound to 127.0.0.1 can't drive it, and only to pages served from loopback.
 *
 * @param origins of other pages that may use it
 */
export function isSameSite(request: IncomingMessage, publicHost: string, origins?: ReadonlySet<string>): boolean {
  if (!isLoopbackName(publicHost)) return true;
  if (!LOOPBACK.test(request.headers.host ?? '')) return false;
  const { origin } = request.headers;
  if (origin !== undefined && origins?.has(origin) === true) return true;
  return origin === undefined || (URL.canParse(origin) && LOOPBACK.test(new URL(origin).host));
}

/** @param request the one that is answered so */
export const sendNothingServed: Handler = ({ url = '/' }, response) =>
  sendJson(response, 404, { error: `nothing is served at ${url.split('?', 1)[0]}` });

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

async function whyUnready(unready: HttpDoorOptions['unready']): Promise<string | null> {
  const { promise: late, resolve } = Promise.withResolvers<string>();
  const timeout = setTimeout(() => resolve(`it could not be told within ${READY_LIMIT_MS / 1_000} s`), READY_LIMIT_MS);
  try {
    return await Promise.race([unready(), late]);
  } finally {
    clearTimeout(timeout);
  }
}

/**
 * One listening HTTP server with the doors that every service has: /health/live, /health/ready and /metrics.
 *
 * @throws Error with code EADDRINUSE when the port is taken
 */
export async function openHttpDoor(options: HttpDoorOptions): Promise<HttpDoor> {
  const routes: Record<string, Handler> = {
    '/health/live': (_request, response) => sendJson(response, 200, { status: 'live' }),
    '/health/ready': async (_request, response) => {
      const reason = await whyUnready(options.unready);
      sendJson(
        response,
        reason === null ? 200 : 503,
        reason === null ? { status: 'ready' } : { status: 'unready', reason },
      );
    },
    '/metrics': async (request, response) => {
      const refusal = options.refusesMetrics?.(request) ?? null;
      if (refusal !== null) return sendJson(response.setHeader('www-authenticate', 'Bearer'), 401, { error: refusal });
      const text = await options.metrics.metrics();
      response.writeHead(200, { 'content-type': options.metrics.contentType }).end(text);
    },
    ...options.routes,
  };
  const admits = options.admits ?? ((request) => isSameSite(request, options.publicHost ?? options.host));
  let isClosing = false;
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      if (options.headersOf !== undefined) {
        for (const [name, value] of Object.entries(options.headersOf(request))) response.setHeader(name, value);
      }
      if (!admits(request)) {
        return sendJson(response, 403, { error: 'this door answers only to pages and names of this machine' });
      }
      const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
      const handler = Object.hasOwn(routes, path) ? routes[path] : undefined;
      await (handler ?? options.otherwise ?? sendNothingServed)(request, response);
    } catch (err) {
      if (!isDatabaseAway(err)) options.onError(err);
      if (response.headersSent) response.destroy();
      else if (isDatabaseAway(err))
        sendJson(response.setHeader('retry-after', 1), 503, { error: 'the database is away' });
      else sendJson(response, 500, { error: 'internal error' });
    } finally {
      if (isClosing) closeWhenAnswered(response);
    }
  };
  /** A client that keeps its connection alive would hold a door that closes. */
  const closeWhenAnswered = (response: ServerResponse): void => {
    if (response.writableFinished) server.closeIdleConnections();
    else response.once('close', () => server.closeIdleConnections());
  };
  const { headersMs, requestMs } = options.timeouts ?? {};
  const server = createServer(
    {
      ...(headersMs !== undefined && { headersTimeout: headersMs }),
      ...(requestMs !== undefined && { requestTimeout: requestMs }),
      // Node looks for what is late once in 30 s, if left alone.
      ...(headersMs !== undefined && { connectionsCheckingInterval: Math.min(headersMs, LATE_LOOK_MS) }),
    },
    (request, response) => void serve(request, response),
  );
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(options.port, options.host, resolve);
  await listening;
  server.off('error', reject);
  server.on('error', options.onError);
  const { port } = server.address() as AddressInfo;
  const connections = new Set<Socket>();
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  const close = async (drainMs = 3_000): Promise<void> => {
    isClosing = true;
    const closed = new Promise<void>((done) => server.close(() => done()));
    server.closeIdleConnections();
    // Node counts one that never sent a byte as busy. fetch leaves such behind: it connects again after a request that was aborted.
    const silent = setTimeout(() => {
      for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
    }, SILENT_MS);
    // Keep-alive connections with a request in flight get a moment to finish.
    const timer = setTimeout(() => server.closeAllConnections(), drainMs);
    await closed;
    clearTimeout(silent);
    clearTimeout(timer);
  };
  return { server, url: `http://${bracketed(options.host)}:${port}`, close };
}

/** Raised when a request body is larger than its limit. */
export class BodyTooLargeError extends Error {
  readonly code = 'BODY_TOO_LARGE';
  constructor(limitBytes: number) {
    super(`The request body is larger than ${limitBytes} bytes`);
  }
}

/** The whole request body as UTF-8 text. @throws BodyTooLargeError past `limitBytes`; Error when the request breaks off */
export function readBody(request: IncomingMessage, limitBytes: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const chunks: Buffer[] = [];
  let length = 0;
  // Listeners, since an iterator makes promises for each chunk and watches for the end of the stream besides.
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    // The rest is thrown away as it comes: unread, it would hold the connection until the server's own time limit.
    if (length <= limitBytes) chunks.push(chunk);
    else reject(new BodyTooLargeError(limitBytes));
  });
  request.once('end', () => {
    resolve(
      chunks.length === 1 && chunks[0] !== undefined
        ? chunks[0].toString('utf8')
        : Buffer.concat(chunks).toString('utf8'),
    );
  });
  request.once('error', reject);
  return promise;
}
