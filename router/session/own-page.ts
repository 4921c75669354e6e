import type { IncomingMessage } from 'node:http';
import { isBehindTls } from '../caller.ts';
import { isOwnPage } from '../origins.ts';
import { readSessionCookies } from './cookies.ts';

type Asked = Pick<IncomingMessage, 'method' | 'headers'>;

const isReading = ({ method }: Asked): boolean => method === 'GET' || method === 'HEAD';

/** What a page of another site can't send without asking first (Fetch, "CORS-safelisted request-header"). */
export const isJson = ({ headers }: Asked): boolean =>
  /^application\/(\S+\+)?json\s*(;|$)/i.test(headers['content-type'] ?? '');

/**
 * Whether a request was made by a page of the router's own host, or typed by a person: another page may make a browser send its cookies along.
 *
 * `Sec-Fetch-Site` is the browser's own word, which no page can change; browsers send it over TLS and to this machine. `Origin` comes with
 * whatever is not GET. What changes something has to bring one of the two. What only reads may do without, since a browser on a
 * plain network sends neither with a link: of that a page of another site learns nothing, and cookies with SameSite=Strict do not come with it.
 * With a websocket comes Origin, always (RFC 6455, 10.2).
 */
export function isOfOwnPage(request: Asked, kind: 'request' | 'websocket', proxyHops: number): boolean {
  const { origin, host, 'sec-fetch-site': site } = request.headers;
  if (origin !== undefined) {
    if (!isOwnPage(origin, host)) return false;
    // Without TLS anyone between may have written the page.
    if (isBehindTls(request, proxyHops) && !origin.startsWith('https:')) return false;
  }
  if (kind === 'websocket') return origin !== undefined;
  if (site !== undefined) return site === 'same-origin' || (site === 'none' && isReading(request));
  return origin !== undefined || isReading(request);
}

/**
 * What the cookies of a browser's session say in place of the header `authorization`; undefined where there are none, or where they do not
 * count: who asks is nobody then.
 */
export type CookieOf = (request: IncomingMessage, kind: 'request' | 'websocket') => string | undefined;

export const createCookieOf =
  (proxyHops: number): CookieOf =>
  (request, kind) => {
    const { access } = readSessionCookies(request.headers, isBehindTls(request, proxyHops));
    if (access === undefined || !isOfOwnPage(request, kind, proxyHops)) return undefined;
    return isReading(request) || isJson(request) ? `Bearer ${access}` : undefined;
  };
