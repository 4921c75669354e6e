import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  ACCESS_FEED_PATH,
  API_KEY_PATH,
  apiKeyAskedShape,
  FIRST_ADMIN_PATH,
  JWKS_PATH,
  REFUSALS_PATH,
  refusalsShape,
} from '@wheelhouse/contracts/access.ts';
import { appendAudit } from '@wheelhouse/kit/audit.ts';
import type { Database } from '@wheelhouse/kit/database.ts';
import { BodyTooLargeError, type Handler, readBody, sendJson } from '@wheelhouse/kit/http.ts';
import { anonymousFrom } from '@wheelhouse/kit/identity.ts';
import type { LiveLog } from '@wheelhouse/kit/live-log.ts';
import { readLogHead } from '@wheelhouse/kit/log-table.ts';
import type { Refusals } from '@wheelhouse/kit/refusals.ts';
import { forServices, serveFeedPage, taking } from '@wheelhouse/kit/service-doors.ts';
import { z } from 'zod';
import { identityOfKey, whyKeyRefused } from './api-keys.ts';
import { nameOfKey } from './callers.ts';
import { isFirstAdminsPassword } from './first-admin.ts';
import type { Metrics } from './metrics.ts';
import type { Passwords } from './passwords.ts';
import type { TokenSigner } from './signing.ts';
import { type AccessRow, readRevocations } from './store/access-log.ts';
import { accessLog, auditOutbox } from './tables.ts';

const FEED_ITEMS = 1_000;
const BODY_LIMIT_BYTES = 4_096;
/** Of a thousand refusals, each with ten ids at most. */
const REFUSALS_LIMIT_BYTES = 4 * 1024 * 1024;
/** Who verifies tokens may keep the keys for so long; a new one is published a day before it signs. */
const JWKS_KEPT_SECONDS = 300;

export type DoorOptions = {
  db: Database;
  access: LiveLog<AccessRow>;
  passwords: Passwords;
  signer: TokenSigner;
  serviceToken: string;
  metrics: Metrics;
  refusals: Pick<Refusals, 'note'>;
  now: () => Date;
};
type Serve = (options: DoorOptions, request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

/** What was taken away, as a feed (kit/feed.ts); with `wait`, held until there is something to say. */
const serveAccess: Serve = ({ db, access }, request, response) =>
  serveFeedPage(
    {
      head: () => readLogHead(db, accessLog),
      waitBeyond: access.waitBeyond,
      read: (position, limit) => readRevocations(db, position, limit),
      items: (rows) => rows.map(({ position: _, ...item }) => item),
      limit: FEED_ITEMS,
    },
    request,
    response,
  );

/** The JSON that a request brings, as `shape` has it; null when it was answered already. */
async function readJson<T>(
  request: IncomingMessage,
  response: ServerResponse,
  shape: z.ZodType<T>,
  limitBytes = BODY_LIMIT_BYTES,
): Promise<T | null> {
  try {
    const parsed = shape.safeParse(JSON.parse(await readBody(request, limitBytes)));
    if (parsed.success) return parsed.data;
    sendJson(response, 400, { error: 'the request body has another shape' });
  } catch (err) {
    if (err instanceof BodyTooLargeError) sendJson(response, 413, { error: err.message });
    else if (err instanceof SyntaxError) sendJson(response, 400, { error: 'the request body is not valid JSON' });
    else throw err;
  }
  return null;
}

const serveApiKey: Serve = async ({ db, metrics, refusals, now }, request, response) => {
  const body = await readJson(request, response, apiKeyAskedShape);
  if (body === null) return;
  const found = await identityOfKey(db, body.secret, now());
  metrics.keyUses.inc({ outcome: found === null ? 'refused' : 'holds' });
  if (found === null) {
    const { code, keyId, by } = await whyKeyRefused(db, body.secret, now());
    const stranger = anonymousFrom(body.origin);
    const identity = by === null || keyId === null ? stranger : { ...stranger, sub: nameOfKey(keyId), name: by };
    refusals.note({ identity, what: 'apiKey', code, about: keyId });
    sendJson(response, 404, { error: 'there is no such API key, or it does not hold' });
  } else sendJson(response, 200, { ...found, expiresAt: found.expiresAt.toISOString() });
};

const serveFirstAdmin: Serve = async ({ db, passwords }, request, response) => {
  const body = await readJson(request, response, z.object({ password: z.string() }));
  if (body !== null) sendJson(response, 200, await isFirstAdminsPassword({ db, passwords }, body.password));
};

/** What the router refused, which has no outbox of its own. */
const serveRefusals: Serve = async ({ db }, request, response) => {
  const body = await readJson(request, response, refusalsShape, REFUSALS_LIMIT_BYTES);
  if (body === null) return;
  const entries = body.refusals.map(({ at, ...refusal }) => ({ ...refusal, at: new Date(at) }));
  await db.transaction((tx) => appendAudit(tx, auditOutbox, entries));
  response.writeHead(204).end();
};

/** The doors for other services, and the keys by which everybody may verify access tokens. */
export function accountsDoors(options: DoorOptions): Record<string, Handler> {
  const to =
    (serve: Serve): Handler =>
    (request, response) =>
      serve(options, request, response);
  const guarded = (method: string, serve: Serve): Handler => forServices(options.serviceToken, method, to(serve));
  return {
    [JWKS_PATH]: taking('GET', async (_request, response) => {
      response.setHeader('cache-control', `public, max-age=${JWKS_KEPT_SECONDS}`);
      sendJson(response, 200, await options.signer.jwks());
    }),
    [ACCESS_FEED_PATH]: guarded('GET', serveAccess),
    [REFUSALS_PATH]: guarded('POST', serveRefusals),
    [API_KEY_PATH]: guarded('POST', serveApiKey),
    [FIRST_ADMIN_PATH]: guarded('POST', serveFirstAdmin),
  };
}
