import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { isDatabaseAway } from '@wheelhouse/kit/errors.ts';
import { type Handler, sendJson } from '@wheelhouse/kit/http.ts';
import { areaOf, isAnonymous } from '@wheelhouse/kit/identity.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import type { Refusals } from '@wheelhouse/kit/refusals.ts';
import { type IdentityReader, readIdentity } from '@wheelhouse/kit/subgraph-server.ts';
import { exportAvailability } from './availability.ts';
import type { AdmittedExport, Exported, ExportSource } from './devices.ts';
import { type Cell, type RowWriter, rowWriter } from './format.ts';
import { type Export, ExportRefusedError, parseExport } from './params.ts';
import { exportSamples } from './samples.ts';

/** Each holds a connection to the database for as long as its client reads: the pool has ten, which the graph needs too. */
const MOST_EXPORTS = 4;
/** Of these, those of one caller: the others are for others. */
const MOST_OF_ONE = 2;
/** What an export takes. */
const SCOPE = 'history:read';
/** A client that reads nothing for so long is gone, or may as well be; below it lie some MB in sockets, which slow ones read for a while. */
const STALLED_MS = 300_000;
/** As long as an export may take: PostgreSQL can't clear away what changed in any table since it began. */
const LONGEST_MS = 3_600_000;

export type ExportDoorOptions = ExportSource & {
  identityReader: IdentityReader;
  logger: Logger;
  refusals: Pick<Refusals, 'note'>;
  /** @default 5 minutes */
  stalledMs?: number;
  /** @default an hour */
  longestMs?: number;
};

const takesGzip = ({ headers }: IncomingMessage): boolean =>
  /(^|[\s,])gzip\s*(;\s*q=(?!0(\.0*)?\s*(,|$))|,|$)/i.test(String(headers['accept-encoding'] ?? ''));

const dayOf = (at: Date): string => at.toISOString().slice(0, 10);
const fileName = ({ kind, step, from, to, format }: Export): string =>
  `wheelhouse-${kind}-${step.toLowerCase()}-${dayOf(from)}-${dayOf(to)}.${format}`;

/** The text of an export, from the rows that were asked for already and those to come. */
async function* textOf(
  writer: RowWriter,
  first: IteratorResult<Cell[][]>,
  rows: AsyncGenerator<Cell[][]>,
): AsyncGenerator<string> {
  yield writer.header;
  for (let next = first; !next.done; next = await rows.next()) yield next.value.map(writer.row).join('');
}

async function send(
  options: ExportDoorOptions,
  wanted: AdmittedExport,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { columns, rows } =
    wanted.kind === 'samples' ? exportSamples(options, wanted) : exportAvailability(options, wanted, wanted.step);
  // What fails before the first row is answered with a status; what fails after it breaks the connection, so that no part looks whole.
  const first = await rows.next();
  try {
    if (!response.destroyed) await sendRows(options, wanted, { columns, first, rows }, { request, response });
  } finally {
    // Here, and not where they are read: of a client that left before the first row nothing is ever read.
    await rows.return(undefined);
  }
}

async function sendRows(
  options: ExportDoorOptions,
  wanted: Export,
  { columns, first, rows }: Exported & { first: IteratorResult<Cell[][]> },
  { request, response }: { request: IncomingMessage; response: ServerResponse },
): Promise<void> {
  const writer = rowWriter(wanted.format, columns);
  const isCompressed = takesGzip(request);
  response.writeHead(200, {
    'content-type': writer.contentType,
    'content-disposition': `attachment; filename="${fileName(wanted)}"`,
    'cache-control': 'no-store',
    vary: 'accept, accept-encoding',
    ...(isCompressed && { 'content-encoding': 'gzip' }),
  });
  response.setTimeout(options.stalledMs ?? STALLED_MS, () => response.destroy());
  const text = Readable.from(textOf(writer, first, rows), { objectMode: false });
  const signal = AbortSignal.timeout(options.longestMs ?? LONGEST_MS);
  if (isCompressed) await pipeline(text, createGzip({ level: 1 }), response, { signal });
  else await pipeline(text, response, { signal });
}

/** `GET /export/history`: samples and availability as CSV or NDJSON, streamed. */
export function createExportDoor(options: ExportDoorOptions): Handler {
  let running = 0;
  const runningOf = new Map<string, number>();
  return async (request, response) => {
    if (request.method !== 'GET')
      return sendJson(response.setHeader('allow', 'GET'), 405, { error: 'this door takes GET' });
    const identity = await readIdentity(options.identityReader, request.headers);
    if (identity === null)
      return sendJson(response, 401, { error: 'the request has no identity that was signed for this service' });
    const area = areaOf(identity, SCOPE);
    if (area.length === 0) {
      const [status, code] = isAnonymous(identity)
        ? ([401, 'UNAUTHENTICATED'] as const)
        : ([403, 'FORBIDDEN'] as const);
      options.refusals.note({ identity, what: 'export', code });
      return sendJson(response, status, {
        error: `an export needs the scope ${SCOPE}, which ${identity.name} does not have`,
      });
    }
    let wanted: Export;
    try {
      wanted = parseExport(new URL(request.url ?? '/', 'http://door').searchParams, request.headers.accept);
    } catch (err) {
      if (!(err instanceof ExportRefusedError)) throw err;
      return sendJson(response, err.status, { error: err.message, parameter: err.parameter });
    }
    // Who has not signed in is told apart by their address.
    const caller = isAnonymous(identity) ? `${identity.sub} ${identity.origin}` : identity.sub;
    const own = runningOf.get(caller) ?? 0;
    if (own >= MOST_OF_ONE)
      return sendJson(response.setHeader('retry-after', 10), 429, {
        error: `${MOST_OF_ONE} exports at a time are all that one caller may have: try again when one of yours has ended`,
      });
    if (running >= MOST_EXPORTS)
      return sendJson(response.setHeader('retry-after', 10), 503, {
        error: `${MOST_EXPORTS} exports at a time are all that there may be: try again when one has ended`,
      });
    running += 1;
    runningOf.set(caller, own + 1);
    try {
      await send(options, { ...wanted, area }, request, response);
    } catch (err) {
      // A client that went away, or took too long, is no failure of ours; the connection is broken by now.
      if (response.headersSent && !response.writableFinished && isGone(err)) return;
      if (response.headersSent && isDatabaseAway(err)) options.logger.warn({ err }, 'an export broke off');
      throw err;
    } finally {
      running -= 1;
      const left = (runningOf.get(caller) ?? 1) - 1;
      if (left > 0) runningOf.set(caller, left);
      else runningOf.delete(caller);
    }
  };
}

const isGone = (err: unknown): boolean =>
  err instanceof Error && (err.name === 'AbortError' || ('code' in err && err.code === 'ERR_STREAM_PREMATURE_CLOSE'));
