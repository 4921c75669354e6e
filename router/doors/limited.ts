import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Handler, sendJson } from '@wheelhouse/kit/http.ts';
import type { NameCaller } from '../caller.ts';
import { withoutHttp } from '../faults.ts';
import type { Origins } from '../origins.ts';
import { type RateRefusal, type Rates, rateLimited } from '../rates.ts';
import type { Turns } from '../turns.ts';

/** How long a refusal is held back: who asks again as soon as it is answered asks less often then. */
export const HOLD_MS = 250;
/** A body up to this size costs nothing of its own. */
const FREE_BYTES = 10_000;
/** What larger ones cost, to be read and parsed: some 40 ms for the largest, of 4 MiB. */
const BYTES_PER_UNIT = 100;

/** What so many bytes from a client cost that has sent them. */
export const costOfBytes = (bytes: number): number => (bytes <= FREE_BYTES ? 0 : bytes / BYTES_PER_UNIT);

async function refuse(response: ServerResponse, refusal: RateRefusal): Promise<void> {
  await sleep(HOLD_MS);
  if (response.destroyed) return;
  response.setHeader('retry-after', Math.ceil(refusal.retryAfterMs / 1_000));
  // What of the request is still to come is not waited for.
  response.setHeader('connection', 'close');
  sendJson(response, 429, { errors: [withoutHttp(rateLimited(refusal)).toJSON()] });
}

/** Tells what the body of a request cost once it has been read. */
function watchBody(request: IncomingMessage, onRead: (cost: number) => void): void {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers;
  if (encoding === undefined && Number(length) <= FREE_BYTES) return;
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  request.once('close', () => {
    const cost = costOfBytes(bytes);
    if (cost > 0) onRead(cost);
  });
}

/** A handler before which callers are counted, before anything of the request's body is read, and pages of other hosts are let in. */
export function limited(
  handler: Handler,
  options: {
    nameOf: NameCaller;
    rates: Rates;
    origins: Origins;
    turns: Turns;
    /** What a request costs besides what its operation does. */
    cost: number;
  },
): Handler {
  const { nameOf, rates, origins, turns, cost } = options;
  return async (request, response) => {
    origins.allow(request, response);
    if (origins.preflight(request, response)) return;
    const caller = nameOf({ address: request.socket.remoteAddress, headers: request.headers });
    const refusal =
      (await rates.take(caller, 'operations', 1)) ?? (cost === 0 ? null : await rates.take(caller, 'cost', cost));
    const turn = refusal === null ? turns(caller) : null;
    if (turn !== null) await turn;
    // It left meanwhile: nobody would hear of its end any more.
    if (request.destroyed) return;
    if (refusal !== null) return refuse(response, refusal);
    // Behind the listener of whoever reads it, which is added before anything comes.
    const handled = handler(request, response);
    watchBody(request, (bodyCost) => void rates.take(caller, 'work', bodyCost));
    await handled;
  };
}
