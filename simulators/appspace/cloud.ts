import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { BodyTooLargeError, readBody, sendJson } from '@wheelhouse/kit/http.ts';
import { z } from 'zod';
import type { AccountSecrets } from './account.ts';
import { type CloudFault, sendSpoilt, spoilItem } from './faults.ts';
import { createPlayer, type PlayerDefinition, type SimulatedPlayer } from './players.ts';

export type CloudOptions = {
  account: AccountSecrets;
  players: readonly PlayerDefinition[];
  /** Channels by their ids. */
  channels: ReadonlyMap<string, string>;
  /** @default a free one */
  port?: number;
  /** How long an access token lives. @default an hour */
  tokenSeconds?: number;
  /** How lists say how many there are. @default totalCount */
  countedAs?: 'totalCount' | 'size' | 'neither';
  /** Pages hold no more than this, whatever is asked for. @default 200 */
  mostItems?: number;
};

/** A simulated Appspace account, on loopback. */
export type SimulatedCloud = {
  /** Its address, as a client's setting has it. */
  url: string;
  port: number;
  players: readonly SimulatedPlayer[];
  readonly fault: CloudFault | null;
  setFault: (fault: CloudFault | null) => void;
  /** Requests so far, by path. */
  requests: ReadonlyMap<string, number>;
  close: () => Promise<void>;
};

const HOST = '127.0.0.1';
const API = '/api/v3';
const BODY_LIMIT_BYTES = 65_536;

const tokenRequestShape = z.object({
  subjectType: z.literal('Application'),
  subjectId: z.string(),
  grantType: z.literal('refreshToken'),
  refreshToken: z.string(),
});

const whole = (text: string | null, fallback: number): number => {
  const value = Number(text ?? fallback);
  return Number.isInteger(value) && value >= 0 ? value : fallback;
};

/** Starts the account: tokens, devices with their statuses, channels. @throws Error with code EADDRINUSE when the port is taken */
export async function startCloud(options: CloudOptions): Promise<SimulatedCloud> {
  const { account, channels, tokenSeconds = 3_600, countedAs = 'totalCount', mostItems = 200 } = options;
  const players = options.players.map((definition) => createPlayer(definition));
  const tokens = new Map<string, number>();
  const requests = new Map<string, number>();
  let fault: CloudFault | null = null;
  let pagesGiven = 0;
  let refusals = 0;

  function paged(items: readonly Record<string, unknown>[], query: URLSearchParams): unknown {
    const limit = Math.min(mostItems, Math.max(1, whole(query.get('limit'), 20)));
    const start = fault?.kind === 'repeatingPage' ? 0 : whole(query.get('start'), 0);
    const isEmpty = fault?.kind === 'emptyPage' && start >= fault.fromPage * limit;
    const page = isEmpty ? [] : items.slice(start, start + limit).map((item) => spoilItem(item, fault));
    pagesGiven += 1;
    const total = fault?.kind === 'repeatingPage' ? Math.max(items.length, start + 10 * limit) : items.length;
    const extra = fault?.kind === 'extraFields' ? { links: { next: { href: '#' } }, warnings: [null] } : {};
    return { items: page, ...(countedAs !== 'neither' && { [countedAs]: total }), ...extra };
  }
  /** Type 1 is a playlist. */
  const directory = [...channels].map(([id, name]): Record<string, unknown> => ({ id, name, type: 1 }));
  const items = () => players.map((player) => player.toItem(channels));

  async function giveToken(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') return sendJson(response, 405, { message: 'Method not allowed' });
    let body: unknown;
    try {
      body = JSON.parse(await readBody(request, BODY_LIMIT_BYTES));
    } catch (err) {
      return sendJson(response, err instanceof BodyTooLargeError ? 413 : 400, { message: 'The body is not JSON' });
    }
    const asked = tokenRequestShape.safeParse(body);
    if (!asked.success) return sendJson(response, 400, { message: `Invalid ${asked.error.issues[0]?.path.join('.')}` });
    const isRight = asked.data.subjectId === account.subjectId && asked.data.refreshToken === account.refreshToken;
    if (!isRight || fault?.kind === 'refused') return sendJson(response, 401, { message: 'Unauthorized' });
    const accessToken = randomBytes(24).toString('base64url');
    tokens.set(accessToken, performance.now() + tokenSeconds * 1_000);
    sendJson(response, 200, { accessToken, tokenType: 'Bearer', expiresIn: tokenSeconds });
  }

  function isAuthorized(request: IncomingMessage): boolean {
    if (fault?.kind === 'revoked' && pagesGiven >= fault.afterPages && fault.times > 0) {
      tokens.clear();
      fault = fault.times > 1 ? { ...fault, times: fault.times - 1 } : null;
    }
    const [, token = ''] = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '') ?? [];
    return (tokens.get(token) ?? 0) > performance.now();
  }

  /** What stands at a path; undefined where nothing does. */
  function find(path: string, query: URLSearchParams): unknown {
    switch (path) {
      case '/devices': {
        const wanted = (item: Record<string, unknown>, field: string): boolean =>
          query.get(field) === null || String(item[field]) === query.get(field);
        return paged(
          items().filter((item) => ['locationId', 'groupId', 'status'].every((field) => wanted(item, field))),
          query,
        );
      }
      case '/devices/devicestatuses': {
        const ids = new Set((query.get('deviceIds') ?? '').split(','));
        const found = items().filter(({ id }) => ids.has(String(id)));
        return { items: found.map(({ id, status }) => ({ deviceId: id, status })), size: found.length };
      }
      case '/channeldirectory':
        return paged(
          [...channels].map(([id, name]) => ({ id, name, type: 1 })),
          query,
        );
      case '/users/me':
        return { id: account.subjectId, name: 'An application' };
      default: {
        const [, list, id] = /^\/(devices|channeldirectory)\/([^/]+)$/.exec(path) ?? [];
        const all = list === 'devices' ? items() : list === undefined ? [] : directory;
        const found = all.find((item) => item.id === decodeURIComponent(id ?? ''));
        return found && spoilItem(found, fault);
      }
    }
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', `http://${HOST}`);
    const path = url.pathname.startsWith(API) ? url.pathname.slice(API.length) : '';
    requests.set(path, (requests.get(path) ?? 0) + 1);
    if (fault?.kind === 'slow') await sleep(fault.delayMs, undefined, { ref: false });
    if (path === '/authorization/token') return giveToken(request, response);
    if (fault?.kind === 'tooMany') {
      const { retryAfter, times, status = 429 } = fault;
      refusals += 1;
      if (times !== undefined && refusals >= times) fault = null;
      if (retryAfter !== null) response.setHeader('retry-after', retryAfter);
      return sendJson(response, status, { message: 'Too many requests' });
    }
    if (!isAuthorized(request)) return sendJson(response, 401, { message: 'Unauthorized' });
    if (request.method !== 'GET') return sendJson(response, 405, { message: 'Method not allowed' });
    const body = find(path, url.searchParams);
    if (body === undefined) return sendJson(response, 404, { message: 'Not found' });
    await sendSpoilt(response, body, fault);
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  server.listen(options.port ?? 0, HOST);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${HOST}:${port}`,
    port,
    players,
    requests,
    get fault() {
      return fault;
    },
    setFault(wanted) {
      fault = wanted;
      pagesGiven = 0;
      refusals = 0;
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
