import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { GraphQLError } from 'graphql';
import { decodeCursor, encodeCursor, type LogHead } from './cursor-log.ts';
import { FEED_WAIT_SECONDS } from './feed.ts';
import { type Handler, sendJson } from './http.ts';

/** Whether a request has this token as its bearer token. How long it takes tells nothing of the token but its length. */
export function hasBearer({ headers }: Pick<IncomingMessage, 'headers'>, token: string): boolean {
  const given = Buffer.from(headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** A door that takes one method. */
export const taking =
  (method: string, serve: Handler): Handler =>
  (request, response) =>
    request.method === method
      ? serve(request, response)
      : sendJson(response, 405, { error: `this door takes ${method}` });

/** A door for services: who does not show the service token is not told which method it takes either. */
export const forServices = (serviceToken: string, method: string, serve: Handler): Handler => {
  const open = taking(method, serve);
  return (request, response) =>
    hasBearer(request, serviceToken)
      ? open(request, response)
      : sendJson(response, 401, { error: 'this door is for services only' });
};

export type FeedPageOptions<Row extends { position: number }> = {
  head: () => Promise<LogHead>;
  /** Resolves when the log has a row behind a position, at the latest after so long. */
  waitBeyond: (position: number, waitMs: number) => Promise<unknown>;
  /** The rows of this feed behind a position, `limit` at most; rows of the log that are not of it may lie in between. */
  read: (position: number, limit: number) => Promise<Row[]>;
  items: (rows: Row[]) => Promise<unknown[]> | unknown[];
  limit: number;
};

/**
 * A page of a log as a feed (kit/feed.ts has its reader): what lies behind the cursor `after`, or all from the start. With `wait` it is held
 * until there is something to say. A cursor that the log does not know is answered with 410.
 */
export async function serveFeedPage<Row extends { position: number }>(
  { head: readHead, waitBeyond, read, items, limit }: FeedPageOptions<Row>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const query = new URL(request.url ?? '/', 'http://door').searchParams;
  const head = await readHead();
  const after = query.get('after');
  let position = 0;
  try {
    if (after !== null) position = decodeCursor(after, head);
  } catch (err) {
    if (err instanceof GraphQLError) return sendJson(response, 410, { error: err.message });
    throw err;
  }
  const waitMs = Math.min(Math.max(Number(query.get('wait')) || 0, 0), FEED_WAIT_SECONDS) * 1_000;
  if (after !== null && position === head.position) await waitBeyond(position, waitMs);
  if (response.destroyed) return;
  // Read before the rows: what comes in between may be sent twice, and is never left out.
  const { position: end } = await readHead();
  const rows = end > position ? await read(position, limit) : [];
  const more = rows.length === limit;
  const last = rows.at(-1)?.position ?? position;
  // Where there are no more of this feed's, the reader may go on from the end of the log.
  const reached = more ? last : Math.max(last, end);
  sendJson(response, 200, {
    cursor: encodeCursor(head.epoch, reached),
    more,
    items: rows.length > 0 ? await items(rows) : [],
  });
}
