import { HeaderMap } from '@apollo/server';
import { GraphQLError } from 'graphql';

/** What an answer of this status must say besides (RFC 9110, 15.5.2 and 10.2.3; RFC 6750, 3). */
const headersOf = (status: number): HeaderMap => {
  const headers = new HeaderMap();
  if (status === 401) headers.set('www-authenticate', 'Bearer');
  if (status === 503) headers.set('retry-after', '1');
  return headers;
};

type Http = { status: number; headers: HeaderMap };

function fault(message: string, code: string, status: number, extra: Record<string, unknown> = {}): GraphQLError {
  const http: Http = { status, headers: headersOf(status) };
  const extensions: Record<string, unknown> = { code, ...extra, http };
  return new GraphQLError(message, { extensions });
}

/** How HTTP puts a fault of this file. */
export const httpOf = ({ extensions }: GraphQLError): Http =>
  (extensions.http as Http | undefined) ?? { status: 401, headers: headersOf(401) };

/** Nobody, or somebody whose token is worth nothing. */
export const unauthenticated = (message: string): GraphQLError => fault(message, 'UNAUTHENTICATED', 401);

/** The token was good, and its time is over: its holder gets another one and asks again; an API key is shown again. */
export const tokenExpired = (): GraphQLError =>
  fault(
    'The access token has expired: get another one with refreshSession. With an API key, connect again',
    'TOKEN_EXPIRED',
    401,
  );

/** What somebody was allowed to do they are no more, or not under this token. */
export const accessEnded = (): GraphQLError =>
  unauthenticated('This session or API key has ended, or what it allows has changed: sign in or refresh the session');

export const forbidden = (coordinate: string, scopes: readonly (readonly string[])[]): GraphQLError => {
  const needed = scopes.map((all) => all.join(' and ')).join(', or ');
  return fault(`${coordinate} needs the scope ${needed}`, 'FORBIDDEN', 403, { requiredScopes: scopes });
};

/** Nobody could find out who asks: that is no refusal. */
export const accountsAway = (): GraphQLError =>
  fault(
    'Who asks could not be found out, since the service for accounts is away: try again',
    'ACCOUNTS_UNAVAILABLE',
    503,
  );
