import type { IncomingHttpHeaders } from 'node:http';
import { SESSION_IDLE_SECONDS } from '@wheelhouse/contracts/access.ts';
import { parseCookie, stringifySetCookie } from 'cookie';

/** Where a browser's session is begun, asked for, refreshed and ended: its refresh token goes there and nowhere else. */
export const SESSION_PATH = '/session';

/** The two tokens of a browser's session, as its cookies bring them; undefined where there is none, or none that could be one. */
export type SessionCookies = { access: string | undefined; refresh: string | undefined };

/** Browsers take 4096 bytes for a cookie's name and value together; a token that carries many grants is longer. */
const PART_CHARACTERS = 3_800;
/** Enough for the longest token that is looked at (tokens.ts). */
const MOST_PARTS = 3;

/** A JWT in its compact form (RFC 7515, 3.1); an API key is none, and has no business in a cookie. */
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
/** Tokens of accounts have no other character, so that nothing of a cookie has to be escaped. */
const REFRESH_TOKEN = /^[\w.~-]{1,500}$/;

/**
 * Over TLS the names have prefixes by which browsers see to it that nobody without TLS, and no other host of the same domain, has set them
 * (RFC 6265bis, 4.1.3).
 */
const namesOf = (isBehindTls: boolean): { access: readonly string[]; refresh: string } => {
  const access = `${isBehindTls ? '__Host-' : ''}wheelhouse_access`;
  return {
    access: Array.from({ length: MOST_PARTS }, (_, part) => (part === 0 ? access : `${access}_${part}`)),
    refresh: `${isBehindTls ? '__Secure-' : ''}wheelhouse_refresh`,
  };
};

/** What a browser sent of its session. */
export function readSessionCookies({ cookie }: IncomingHttpHeaders, isBehindTls: boolean): SessionCookies {
  if (cookie === undefined || !cookie.includes('wheelhouse_')) return { access: undefined, refresh: undefined };
  const names = namesOf(isBehindTls);
  const sent = parseCookie(cookie);
  const parts = names.access.map((name) => sent[name]);
  const given = parts.slice(0, parts.indexOf(undefined) < 0 ? MOST_PARTS : parts.indexOf(undefined)).join('');
  const refresh = sent[names.refresh];
  return {
    access: JWT.test(given) ? given : undefined,
    refresh: refresh !== undefined && REFRESH_TOKEN.test(refresh) ? refresh : undefined,
  };
}

/**
 * The `Set-Cookie` headers that give a browser a session, or take it away. Both cookies live as long as a session that nobody refreshes:
 * an access token that has ended is brought all the same, so that its browser is told TOKEN_EXPIRED, and not that it is nobody.
 *
 * @param tokens null: none from now on
 * @param sent the headers of the request that is answered
 */
export function writeSessionCookies(
  tokens: { accessToken: string; refreshToken: string } | null,
  { cookie = '' }: IncomingHttpHeaders,
  isBehindTls: boolean,
): string[] {
  const names = namesOf(isBehindTls);
  const write = (name: string, value: string, path: string): string =>
    stringifySetCookie({
      ...{ name, value, path, httpOnly: true, sameSite: 'strict', secure: isBehindTls },
      maxAge: value === '' ? 0 : SESSION_IDLE_SECONDS,
    });
  const { accessToken = '', refreshToken = '' } = tokens ?? {};
  if (accessToken.length > PART_CHARACTERS * MOST_PARTS) throw new Error('An access token is too long for cookies');
  const access = names.access.flatMap((name, part) => {
    const value = accessToken.slice(part * PART_CHARACTERS, (part + 1) * PART_CHARACTERS);
    // One that was left over from a longer token would spoil this one.
    return part === 0 || value !== '' || cookie.includes(name) ? [write(name, value, '/')] : [];
  });
  return [...access, write(names.refresh, refreshToken, SESSION_PATH)];
}
