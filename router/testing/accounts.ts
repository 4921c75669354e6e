import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import {
  ACCESS_FEED_PATH,
  type AccessItem,
  API_KEY_PATH,
  API_KEY_PREFIX,
  apiKeyAskedShape,
  JWKS_PATH,
  REFUSALS_PATH,
  refusalsShape,
  TOKEN_AUDIENCE,
  TOKEN_ISSUER,
} from '@wheelhouse/contracts/access.ts';
import type { Grant, Identity } from '@wheelhouse/kit/identity.ts';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import type { z } from 'zod';
import { createTestSessions, type TestSessions } from './sessions.ts';
import type { SubgraphSource } from './subgraph.ts';

/** What the services of a test know of each other. */
export const SERVICE_TOKEN = 'a token that all services know';

export type TestAccounts = {
  source: SubgraphSource;
  /** An access token of EdDSA; `claims` go over what it would say. */
  issue: (identity: Partial<Identity>, claims?: JWTPayload) => Promise<string>;
  /** What its mutations for sessions were asked, and what they answer. */
  sessions: TestSessions;
  /** Makes an API key. */
  makeKey: (grants: Grant[]) => { secret: string; sid: string };
  /** Tells the feed that something was taken away. */
  take: (item: Partial<AccessItem>) => void;
  /** How often each door was asked. */
  asked: Record<'jwks' | 'keys' | 'feed' | 'refusals', number>;
  /** What the router told of whom it refused. */
  refusals: z.infer<typeof refusalsShape>['refusals'];
  /** The addresses from which API keys were shown. */
  shownFrom: (string | null)[];
  /** Has all doors answer with 503. */
  setAway: (isAway: boolean) => void;
  /** The public key, as anybody can have it. */
  publicKey: Awaited<ReturnType<typeof exportJWK>>;
};

const send = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

/** The doors of the accounts service as contracts/access.ts has them, over nothing but memory. */
export async function startAccounts(): Promise<TestAccounts> {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'EdDSA', use: 'sig' };
  const keys = new Map<string, Identity>();
  const taken: AccessItem[] = [];
  let waiting: (() => void)[] = [];
  let isAway = false;
  const asked = { jwks: 0, keys: 0, feed: 0, refusals: 0 };
  const refusals: TestAccounts['refusals'] = [];
  const shownFrom: TestAccounts['shownFrom'] = [];

  const door =
    (name: keyof typeof asked, serve: (request: IncomingMessage, response: ServerResponse) => unknown) =>
    (request: IncomingMessage, response: ServerResponse): void => {
      asked[name] += 1;
      const isService = request.headers.authorization === `Bearer ${SERVICE_TOKEN}`;
      if (isAway) send(response, 503, { error: 'away' });
      else if (name !== 'jwks' && !isService) send(response, 401, { error: 'for services only' });
      else serve(request, response);
    };
  const feed = (request: IncomingMessage, response: ServerResponse): void => {
    const after = Number(new URL(request.url ?? '', 'http://accounts').searchParams.get('after') ?? 0);
    const answer = (): void =>
      send(response, 200, { cursor: `${taken.length}`, more: false, items: taken.slice(after) });
    if (taken.length > after) answer();
    else waiting.push(answer);
  };
  const issue: TestAccounts['issue'] = (identity, claims = {}) => {
    const nowSeconds = Date.now() / 1_000;
    const who = { sub: 'user:1', sid: 'session:1', name: 'ann@example.org', grants: [], ...identity };
    const rfc = { iss: TOKEN_ISSUER, aud: TOKEN_AUDIENCE, iat: nowSeconds, exp: nowSeconds + 300 };
    return new SignJWT({ ...who, ...rfc, ...claims }).setProtectedHeader({ alg: 'EdDSA', kid: 'one' }).sign(privateKey);
  };
  const sessions = createTestSessions(issue, SERVICE_TOKEN);
  return {
    sessions,
    source: {
      name: 'accounts',
      typeDefs: `type Query { me: String @authenticated who: String } ${sessions.typeDefs}`,
      resolvers: { Query: { me: () => 'somebody', who: () => 'anybody' }, ...sessions.resolvers },
      routes: {
        [JWKS_PATH]: door('jwks', (_request, response) => send(response, 200, { keys: [jwk] })),
        [API_KEY_PATH]: door('keys', async (request, response) => {
          const { secret, origin } = apiKeyAskedShape.parse(await json(request));
          shownFrom.push(origin);
          const identity = keys.get(secret);
          if (identity === undefined) send(response, 404, { error: 'no such key' });
          else send(response, 200, { identity, expiresAt: null });
        }),
        [ACCESS_FEED_PATH]: door('feed', feed),
        [REFUSALS_PATH]: door('refusals', async (request, response) => {
          refusals.push(...refusalsShape.parse(await json(request)).refusals);
          response.writeHead(204).end();
        }),
      },
    },
    issue,
    makeKey: (grants) => {
      const secret = `${API_KEY_PREFIX}${randomUUID()}`;
      const sid = `key:${randomUUID()}`;
      keys.set(secret, { sub: sid, sid, name: 'a key', grants });
      return { secret, sid };
    },
    take: (item) => {
      taken.push({ sub: null, sid: null, rightsVersion: null, before: new Date().toISOString(), ...item });
      for (const answer of waiting) answer();
      waiting = [];
    },
    ...{ asked, refusals, shownFrom },
    setAway: (away) => {
      isAway = away;
      if (away) for (const answer of waiting.splice(0)) answer();
    },
    publicKey: jwk,
  };
}
