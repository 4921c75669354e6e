import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Handler, sendJson } from '@wheelhouse/kit/http.ts';
import { GraphQLError } from 'graphql';
import type { Fairness } from '../fairness.ts';
import { withoutHttp } from '../faults.ts';
import type { Introduce, Introduction } from '../introduce.ts';
import type { Origins } from '../origins.ts';
import { type Rates, rateLimited } from '../rates.ts';
import type { CookieOf } from '../session/own-page.ts';
import { refuseCaller } from './refuse-caller.ts';

/** How long a refusal is held back: who asks again as soon as it is answered asks less often then. */
export const HOLD_MS = 250;
/** A body up to this size costs nothing of its own. */
const FREE_BYTES = 10_000;
/** What larger ones cost, to be read and parsed: some 40 ms for the largest, of 4 MiB. */
const BYTES_PER_UNIT = 100;

/** What so many bytes from a client cost that has sent them. */
export const costOfBytes = (bytes: number): number => (bytes <= FREE_BYTES ? 0 : bytes / BYTES_PER_UNIT);

const isRateLimited = ({ extensions }: GraphQLError): boolean => extensions.code === 'RATE_LIMITED';

async function makeWait(response: ServerResponse, refusal: GraphQLError): Promise<void> {
  await sleep(HOLD_MS);
  if (response.destroyed) return;
  response.setHeader('retry-after', Math.ceil(Number(refusal.extensions.retryAfterMs) / 1_000));
  // What of the request is still to come is not waited for.
  response.setHeader('connection', 'close');
  sendJson(response, 429, { errors: [withoutHttp(refusal).toJSON()] });
}

/** What answers a request of somebody who has been told. */
export type IntroducedHandler = (introduced: Introduction, ...asked: Parameters<Handler>) => ReturnType<Handler>;

/** Whether the body of a request is large, or may turn out to be. */
function hasLargeBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > FREE_BYTES;
}

/** Tells how large the body of a request was once it has been read, or nobody reads it any more. */
function watchBody(request: IncomingMessage, response: ServerResponse, onRead: (bytes: number) => void): void {
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  const ended = (): void => {
    request.off('close', ended);
    response.off('close', ended);
    onRead(bytes);
  };
  request.once('close', ended);
  // A request that was answered before it was whole never closes when its connection does.
  response.once('close', ended);
}

/**
 * A handler before which it is found out who asks, and callers are counted, before anything of the request's body is read; pages of other
 * hosts are let in.
 */
export function limited(
  handler: IntroducedHandler,
  options: {
    introduce: Introduce;
    rates: Rates;
    origins: Origins;
    fairness: Fairness;
    cookieOf: CookieOf;
    /** What a request costs besides what its operation does. */
    cost: number;
  },
): Handler {
  const { introduce, rates, origins, fairness, cookieOf, cost } = options;
  return async (request, response) => {
    origins.allow(request, response);
    if (origins.preflight(request, response)) return;
    const byCookie = cookieOf(request, 'request');
    // Caches leave alone what was asked for with the header authorization (RFC 9111, 3.5), and know nothing of this.
    if (byCookie !== undefined) response.setHeader('cache-control', 'no-store');
    let introduced: Introduction;
    try {
      introduced = await introduce({ address: request.socket.remoteAddress, headers: request.headers, byCookie });
    } catch (err) {
      if (!(err instanceof GraphQLError)) throw err;
      return isRateLimited(err) ? makeWait(response, err) : refuseCaller(response, err);
    }
    const { countedAs } = introduced;
    const refusal =
      (await rates.take(countedAs, 'operations', 1)) ?? (cost === 0 ? null : await rates.take(countedAs, 'cost', cost));
    const turn = refusal === null ? fairness.turn(countedAs) : null;
    if (turn !== null) await turn;
    const bodyRead = refusal === null && hasLargeBody(request) ? await fairness.enterBody(countedAs) : null;
    // It left meanwhile: nobody would hear of its end any more.
    if (request.destroyed) return bodyRead?.(0);
    if (refusal !== null) return makeWait(response, rateLimited(refusal));
    // Behind the listener of whoever reads it, which is added before anything comes.
    const handled = handler(introduced, request, response);
    if (bodyRead !== null) {
      watchBody(request, response, (bytes) => {
        bodyRead(bytes);
        const cost = costOfBytes(bytes);
        if (cost > 0) void rates.take(countedAs, 'work', cost);
      });
    }
    await handled;
  };
}
