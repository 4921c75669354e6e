import type { ServerResponse } from 'node:http';
import { type Handler, sendJson } from '@wheelhouse/kit/http.ts';
import type { NameCaller } from '../caller.ts';
import { withoutHttp } from '../faults.ts';
import type { Origins } from '../origins.ts';
import { type RateRefusal, type Rates, rateLimited } from '../rates.ts';

function refuse(response: ServerResponse, refusal: RateRefusal): void {
  response.setHeader('retry-after', Math.ceil(refusal.retryAfterMs / 1_000));
  // What of the request is still to come is not waited for.
  response.setHeader('connection', 'close');
  sendJson(response, 429, { errors: [withoutHttp(rateLimited(refusal)).toJSON()] });
}

/** A handler before which callers are counted, before anything of the request's body is read, and pages of other hosts are let in. */
export function limited(
  handler: Handler,
  options: {
    nameOf: NameCaller;
    rates: Rates;
    origins: Origins;
    /** What a request costs besides what its operation does. */
    cost: number;
  },
): Handler {
  const { nameOf, rates, origins, cost } = options;
  return async (request, response) => {
    origins.allow(request, response);
    if (origins.preflight(request, response)) return;
    const caller = nameOf({ address: request.socket.remoteAddress, headers: request.headers });
    const refusal =
      (await rates.take(caller, 'operations', 1)) ?? (cost === 0 ? null : await rates.take(caller, 'cost', cost));
    // It left meanwhile: nobody would hear of its end any more.
    if (request.destroyed) return;
    if (refusal !== null) return refuse(response, refusal);
    await handler(request, response);
  };
}
