import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { BodyTooLargeError, type Handler, readBody, sendJson, sendNothingServed } from '@wheelhouse/kit/http.ts';
import { GraphQLError } from 'graphql';
import { z } from 'zod';
import { tokenExpired, unauthenticated } from '../access/faults.ts';
import { isBehindTls } from '../caller.ts';
import { HOLD_MS } from '../doors/limited.ts';
import type { Introduce, Introduction } from '../introduce.ts';
import { type Rates, rateLimited } from '../rates.ts';
import type { SessionAccounts } from './accounts.ts';
import { readSessionCookies, type SessionCookies, writeSessionCookies } from './cookies.ts';
import { isJson, isOfOwnPage } from './own-page.ts';
import { ofGraph, refuseSession, SessionRefusedError } from './refusal.ts';

/** How long who has lost a race is kept: by then the browser has the cookies of who has won it, and asks with those. */
const RACED_HOLD_MS = 1_000;
/** More than an e-mail and a password may have, escaped as JSON likes to. */
const BODY_LIMIT_BYTES = 16 * 1024;

const signInShape = z.object(
  { email: z.string({ error: 'email must be text' }), password: z.string({ error: 'password must be text' }) },
  { error: 'The request body must be a JSON object with email and password' },
);
const nothingShape = z.strictObject({}, { error: 'The request body must be empty, or an empty JSON object' });

const badRequest = (status: number, message: string, field?: string): SessionRefusedError =>
  new SessionRefusedError({ status, code: 'BAD_REQUEST', message, ...(field !== undefined && { field }) });

/** The body of a request, as its shape has it; none is an empty object. @throws SessionRefusedError */
async function readAs<T>(request: IncomingMessage, shape: z.ZodType<T>): Promise<T> {
  const { 'content-type': type, 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers;
  // Browsers say nothing of what they do not send.
  const isEmpty = type === undefined && length === '0' && encoding === undefined;
  if (!isEmpty && !isJson(request)) throw badRequest(415, 'The content-type must be application/json');
  let body: unknown;
  try {
    const text = await readBody(request, BODY_LIMIT_BYTES);
    body = text === '' ? {} : JSON.parse(text);
  } catch (err) {
    if (err instanceof BodyTooLargeError) throw badRequest(413, err.message);
    if (err instanceof SyntaxError) throw badRequest(400, 'The request body is not valid JSON');
    throw err;
  }
  const parsed = shape.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw badRequest(400, issue?.message ?? '', issue?.path.map(String).join('.') || undefined);
}

/** What a handler of this door knows. */
type Asked = {
  /** Nobody yet, at their address: what the cookies say is the handlers' to find out. */
  nobody: Introduction;
  cookies: SessionCookies;
  /** Who the access token is of. @throws GraphQLError where it counts no longer, or that could not be found out */
  memberOf: (accessToken: string) => Promise<Introduction>;
  /** Gives the browser a session, or takes it away. */
  give: (tokens: { accessToken: string; refreshToken: string } | null) => void;
};
type SessionHandler = (asked: Asked, ...exchange: Parameters<Handler>) => Promise<void>;

const codeOf = (err: unknown): unknown =>
  err instanceof SessionRefusedError ? err.fault.code : err instanceof GraphQLError ? err.extensions.code : null;
/** What is said of a session that is over. */
const isOver = (err: unknown): boolean =>
  ['UNAUTHENTICATED', 'TOKEN_EXPIRED', 'REFRESH_INVALID', 'SESSION_ENDED'].includes(String(codeOf(err)));

/**
 * Where a browser signs in: its session is in cookies that no script can read (docs/decisions/0042-browser-sessions.md). Everything is done by
 * the mutations of accounts; errors are `{code, message}`, with `field` where one is at fault.
 *
 * @returns the handlers of `/session` and `/session/refresh`
 */
export function openSessionDoor(options: {
  accounts: SessionAccounts;
  introduce: Introduce;
  rates: Rates;
  proxyHops: number;
}): { session: Handler; refresh: Handler } {
  const { accounts, introduce, rates, proxyHops } = options;

  const look: SessionHandler = async ({ cookies: { access, refresh }, memberOf }, request, response) => {
    if (!isOfOwnPage(request, 'request', proxyHops)) throw unauthenticated('This is told to pages of this host alone');
    // Whoever has a refresh token has had another one besides.
    if (access === undefined) throw refresh === undefined ? unauthenticated('Nobody is signed in') : tokenExpired();
    const { caller } = await memberOf(access);
    sendJson(response, 200, { expiresAt: new Date(caller?.untilMs ?? 0).toISOString() });
  };

  const signIn: SessionHandler = async ({ nobody, give }, request, response) => {
    const tokens = await accounts.signIn(nobody, await readAs(request, signInShape));
    give(tokens);
    sendJson(response, 200, { expiresAt: tokens.expiresAt });
  };

  const refresh: SessionHandler = async ({ nobody, cookies, give }, request, response) => {
    await readAs(request, nothingShape);
    try {
      if (cookies.refresh === undefined) throw unauthenticated('Nobody is signed in');
      const tokens = await accounts.refresh(nobody, cookies.refresh);
      give(tokens);
      sendJson(response, 200, { expiresAt: tokens.expiresAt });
    } catch (err) {
      if (isOver(err)) give(null);
      throw err;
    }
  };

  /** Who signs out; null where their session is over. A session whose access token has ended is refreshed once more. */
  const leaving = async ({ cookies, nobody, memberOf }: Asked): Promise<Introduction | null> => {
    const orNull = (err: unknown): null => {
      if (isOver(err)) return null;
      throw err;
    };
    const member = cookies.access === undefined ? null : await memberOf(cookies.access).catch(orNull);
    if (member !== null || cookies.refresh === undefined) return member;
    const tokens = await accounts.refresh(nobody, cookies.refresh).catch(orNull);
    return tokens === null ? null : memberOf(tokens.accessToken).catch(orNull);
  };

  const signOut: SessionHandler = async (asked, _request, response) => {
    try {
      const member = await leaving(asked);
      if (member !== null) await accounts.signOut(member);
    } catch (err) {
      // The browser is about to be given other cookies, of the same session: those are to be brought.
      if (codeOf(err) === 'REFRESH_RACED') throw err;
      // This browser is signed out whatever becomes of the session: nobody has its tokens any more.
      asked.give(null);
      if (!isOver(err)) throw err;
    }
    asked.give(null);
    response.writeHead(204).end();
  };

  const door =
    (methods: Readonly<Record<string, SessionHandler>>): Handler =>
    async (request, response) => {
      if (!accounts.isServed()) return sendNothingServed(request, response);
      const handle = Object.hasOwn(methods, request.method ?? '') ? methods[request.method ?? ''] : undefined;
      response.setHeader('cache-control', 'no-store');
      try {
        if (handle === undefined) {
          response.setHeader('allow', Object.keys(methods).join(', '));
          throw badRequest(405, `This door takes ${Object.keys(methods).join(', ')}`);
        }
        if (handle !== look && !isOfOwnPage(request, 'request', proxyHops))
          throw new SessionRefusedError({
            ...{ status: 403, code: 'FORBIDDEN' },
            message: 'This is for pages of this host alone; programs sign in by the mutation login',
          });
        const { authorization: _, ...headers } = request.headers;
        const asking = { address: request.socket.remoteAddress, headers };
        const nobody = await introduce(asking);
        const refusal = await rates.take(nobody.countedAs, 'operations', 1);
        if (refusal !== null) {
          await sleep(HOLD_MS);
          throw new SessionRefusedError(ofGraph(rateLimited(refusal)));
        }
        const isTls = isBehindTls(request, proxyHops);
        const asked: Asked = {
          nobody,
          cookies: readSessionCookies(headers, isTls),
          memberOf: (accessToken) => introduce({ ...asking, byCookie: `Bearer ${accessToken}` }),
          give: (tokens) => void response.setHeader('set-cookie', writeSessionCookies(tokens, headers, isTls)),
        };
        await handle(asked, request, response);
      } catch (err) {
        // It left before it had asked.
        if (request.errored !== null || response.destroyed) return;
        if (codeOf(err) === 'REFRESH_RACED') await sleep(RACED_HOLD_MS);
        refuseSession(response, err);
      }
    };

  return {
    session: door({ GET: look, HEAD: look, POST: signIn, DELETE: signOut }),
    refresh: door({ POST: refresh }),
  };
}
