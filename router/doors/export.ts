import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { sendJson } from '@wheelhouse/kit/http.ts';
import { IDENTITY_HEADER } from '@wheelhouse/kit/identity.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import { Agent, type Dispatcher } from 'undici';
import type { Access } from '../access/access.ts';
import { endOfCaller, type Introduction } from '../introduce.ts';
import type { IntroducedHandler } from './limited.ts';

/** An export may take a while to its first row. */
const FIRST_BYTE_MS = 60_000;
const CONNECT_MS = 5_000;
/** How often it is looked whether who has asked counts still. */
const LOOK_MS = 1_000;

/** What belongs to one connection (RFC 9110, 7.6.1), and what says where it leads or whose page asks: that was checked here. */
const NOT_FORWARDED = new Set([
  ...['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer'],
  ...['transfer-encoding', 'upgrade', 'host', 'origin', 'content-length', 'expect'],
  // Who asks is the router's to say, and a session's tokens are for nobody behind it.
  ...[IDENTITY_HEADER, 'cookie'],
]);

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** The headers that go on to the next connection. */
function endToEnd(headers: Headers): Record<string, string | string[]> {
  const named = String(headers.connection ?? '').toLowerCase();
  const dropped = new Set(named.split(',').map((name) => name.trim()));
  return Object.fromEntries(
    Object.entries(headers).filter(
      (entry): entry is [string, string | string[]] =>
        entry[1] !== undefined && !NOT_FORWARDED.has(entry[0]) && !dropped.has(entry[0]),
    ),
  );
}

/** Whether it was the client that went away: a subgraph that does is a SocketError of undici's. */
const isOfClient = (err: unknown): boolean =>
  err instanceof Error && (err.name === 'AbortError' || ('code' in err && err.code === 'ERR_STREAM_PREMATURE_CLOSE'));

export type ExportDoor = { handle: IntroducedHandler; close: () => Promise<void> };

/**
 * Hands `GET <path>` on to the subgraph of this name, at the same path of its address, and what it answers back, as it comes and as
 * fast as the client reads. Either side that goes away ends the other.
 *
 * @param addressOf where a subgraph is; undefined when the supergraph has none of that name
 */
export function openExportDoor(options: {
  path: string;
  subgraph: string;
  addressOf: (subgraph: string) => URL | undefined;
  access: () => Access | null;
  logger: Logger;
}): ExportDoor {
  const { path, subgraph, addressOf, logger } = options;
  const agent = new Agent({
    connect: { timeout: CONNECT_MS },
    headersTimeout: FIRST_BYTE_MS,
    bodyTimeout: FIRST_BYTE_MS,
  });

  const ask = (
    address: URL,
    request: IncomingMessage,
    { asserted }: Introduction,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> => {
    const access = options.access();
    const { authorization, ...headers } = endToEnd(request.headers);
    const url = new URL(path, address);
    url.search = new URL(request.url ?? '/', 'http://router').search;
    return agent.request({
      ...{ origin: url.origin, path: `${url.pathname}${url.search}`, method: 'GET', signal },
      headers:
        access === null || asserted === null
          ? { ...headers, ...(authorization !== undefined && { authorization }) }
          : { ...headers, [IDENTITY_HEADER]: access.vouch(asserted, subgraph) },
    });
  };

  const handle: IntroducedHandler = async (introduced, request, response) => {
    const address = addressOf(subgraph);
    if (address === undefined) return sendJson(response, 404, { error: `nothing is served at ${path}` });
    if (request.method !== 'GET')
      return sendJson(response.setHeader('allow', 'GET'), 405, { error: 'this door takes GET' });
    const aborter = new AbortController();
    // An export may take an hour: its caller has to count all the while.
    const looks = setInterval(() => {
      if (endOfCaller(options.access(), introduced.caller) !== null) response.destroy();
    }, LOOK_MS);
    response.once('close', () => {
      clearInterval(looks);
      aborter.abort();
    });
    try {
      const answer = await ask(address, request, introduced, aborter.signal);
      response.writeHead(answer.statusCode, endToEnd(answer.headers));
      await pipeline(answer.body, response);
    } catch (err) {
      if (isOfClient(err)) return;
      logger.warn({ service: subgraph, err }, 'an export failed');
      // What was sent so far must not look whole.
      if (response.headersSent) response.destroy();
      else sendJson(response.setHeader('retry-after', 1), 503, { error: `${subgraph} is away, try again` });
    }
  };
  return { handle, close: () => agent.destroy() };
}
