import type { IncomingMessage, ServerResponse } from 'node:http';
import { REGISTRY_PATH, type RegistryItem } from '@wheelhouse/contracts/registry.ts';
import type { Database } from '@wheelhouse/kit/database.ts';
import { BodyTooLargeError, type Handler, readBody, sendJson } from '@wheelhouse/kit/http.ts';
import type { LiveLog } from '@wheelhouse/kit/live-log.ts';
import { readLogHead } from '@wheelhouse/kit/log-table.ts';
import type { Sealer } from '@wheelhouse/kit/sealed.ts';
import { forServices, serveFeedPage } from '@wheelhouse/kit/service-doors.ts';
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

/** Pages of the registry for a system's service; with `wait`, held until there is something to say. */
async function serveRegistry(options: DoorOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { db, registry } = options;
  const stub = findSystem(new URL(request.url ?? '/', 'http://door').searchParams.get('system') ?? '');
  if (stub === undefined) return sendJson(response, 400, { error: 'system must name a system of devices' });
  const page = {
    head: () => readLogHead(db, registryLog),
    waitBeyond: registry.waitBeyond,
    read: (position: number, limit: number) => readRegistryFeed(db, { system: stub.system, position, limit }),
    items: (rows: Awaited<ReturnType<typeof readRegistryFeed>>) => withTimeZones(options, rows),
    limit: FEED_ITEMS,
  };
  return serveFeedPage(page, request, response);
}

async function withTimeZones(
  { db, timeZone: ownTimeZone }: DoorOptions,
  rows: Awaited<ReturnType<typeof readRegistryFeed>>,
): Promise<RegistryItem[]> {
  // As it is kept, and not by this server's own settings: of two with different ones the systems are told one.
  const timeZone = (await readDefaultTimeZone(db)) ?? ownTimeZone;
  const zones = await findTimeZones(db, [...new Set(rows.map(({ site }) => site))], timeZone);
  return rows.map(({ position: _, ...item }) => ({ ...item, timeZone: zones.get(item.site) ?? timeZone }));
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
  const guarded = (method: string, serve: typeof serveRegistry): Handler =>
    forServices(options.serviceToken, method, (request, response) => serve(options, request, response));
  return { [REGISTRY_PATH]: guarded('GET', serveRegistry), '/service/estate': guarded('POST', serveEstate) };
}
