import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { REGISTRY_PATH, type RegistryItem } from '@wheelhouse/contracts/registry.ts';
import { decodeCursor, encodeCursor } from '@wheelhouse/kit/cursor-log.ts';
import type { Database } from '@wheelhouse/kit/database.ts';
import { FEED_WAIT_SECONDS } from '@wheelhouse/kit/feed.ts';
import { BodyTooLargeError, type Handler, readBody, sendJson } from '@wheelhouse/kit/http.ts';
import type { LiveLog } from '@wheelhouse/kit/live-log.ts';
import { readLogHead } from '@wheelhouse/kit/log-table.ts';
import type { Sealer } from '@wheelhouse/kit/sealed.ts';
import { GraphQLError } from 'graphql';
import { importEstate } from './estate.ts';
import { RefusedError } from './registry.ts';
import { readRegistryFeed } from './store/registry.ts';
import { findTimeZones, readDefaultTimeZone } from './store/sites.ts';
import { findSystem } from './system.ts';
import { registryLog } from './tables.ts';

const FEED_ITEMS = 500;
/** Who changes the registry when a file does. */
const ESTATE_FILE = 'estate file';
const ESTATE_LIMIT_BYTES = 64 * 1024 * 1024;

export type DoorOptions = {
  db: Database;
  registry: LiveLog<{ position: number }>;
  sealer: Sealer;
  serviceToken: string;
  /** The time zone of sites for which none is set. */
  timeZone: string;
  now: () => Date;
};

function hasServiceToken(request: IncomingMessage, token: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** Pages of the registry for a system's service; with `wait`, held until there is something to say. */
async function serveRegistry(options: DoorOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const query = new URL(request.url ?? '/', 'http://door').searchParams;
  const stub = findSystem(query.get('system') ?? '');
  if (stub === undefined) return sendJson(response, 400, { error: 'system must name a system of devices' });
  const head = await readLogHead(options.db, registryLog);
  const after = query.get('after');
  let position = 0;
  try {
    if (after !== null) position = decodeCursor(after, head);
  } catch (err) {
    if (err instanceof GraphQLError) return sendJson(response, 410, { error: err.message });
    throw err;
  }
  const waitMs = Math.min(Math.max(Number(query.get('wait')) || 0, 0), FEED_WAIT_SECONDS) * 1_000;
  if (after !== null && position === head.position) await options.registry.waitBeyond(position, waitMs);
  if (response.destroyed) return;
  const { position: end } = await readLogHead(options.db, registryLog);
  const rows = await readRegistryFeed(options.db, { system: stub.system, position, limit: FEED_ITEMS });
  const more = rows.length === FEED_ITEMS;
  // Rows of other systems lie in between: where there are no more of this one, the reader may go on from the end.
  const reached = more ? (rows.at(-1)?.position ?? end) : end;
  // As it is kept, and not by this server's own settings: of two with different ones the systems are told one.
  const timeZone = (await readDefaultTimeZone(options.db)) ?? options.timeZone;
  const sites = rows.map(({ site }) => site);
  const zones = await findTimeZones(options.db, [...new Set(sites)], timeZone);
  const items: RegistryItem[] = rows.map(({ position: _, ...item }) => ({
    ...item,
    timeZone: zones.get(item.site) ?? timeZone,
  }));
  sendJson(response, 200, { cursor: encodeCursor(head.epoch, reached), more, items });
}

async function serveEstate(options: DoorOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const file: unknown = JSON.parse(await readBody(request, ESTATE_LIMIT_BYTES));
    const by = { at: options.now(), actor: ESTATE_FILE };
    sendJson(response, 200, await importEstate(options.db, file, by, options));
  } catch (err) {
    if (err instanceof RefusedError) sendJson(response, 422, { faults: err.faults });
    else if (err instanceof BodyTooLargeError) sendJson(response, 413, { error: err.message });
    else if (err instanceof SyntaxError) sendJson(response, 400, { error: 'the request body is not valid JSON' });
    else throw err;
  }
}

/** The doors for other services: the registry as a feed, and the import of an estate file. */
export function serviceDoors(options: DoorOptions): Record<string, Handler> {
  const guarded =
    (method: string, serve: typeof serveRegistry): Handler =>
    (request, response) => {
      if (!hasServiceToken(request, options.serviceToken))
        return sendJson(response, 401, { error: 'this door is for services only' });
      if (request.method !== method) return sendJson(response, 405, { error: `this door takes ${method}` });
      return serve(options, request, response);
    };
  return { [REGISTRY_PATH]: guarded('GET', serveRegistry), '/service/estate': guarded('POST', serveEstate) };
}
