// Cursors of logs, without the database: who only reads cursors, as the router does, need not load it.
import type { GraphQLError } from 'graphql';
import { callerError } from './errors.ts';

/** Where a log stands: the last position handed out, the highest one that was pruned, and the epoch that its cursors carry. */
export type LogHead = { epoch: string; position: number; floor: number };

export const encodeCursor = (epoch: string, position: number): string =>
  Buffer.from(`${epoch}:${position}`).toString('base64url');

/** What a cursor says, whatever log it comes from; null when the text is no cursor. */
export function readCursor(cursor: string): Pick<LogHead, 'epoch' | 'position'> | null {
  const match = /^([0-9a-f]{8}):(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString('utf8'));
  return match?.[1] === undefined ? null : { epoch: match[1], position: Number(match[2]) };
}

/**
 * The position behind a cursor.
 *
 * @throws CURSOR_INVALID when it is no cursor, comes from another log, or lies ahead of the log; CURSOR_EXPIRED when rows behind
 * it were pruned
 */
export function decodeCursor(cursor: string, head: LogHead, field = 'after'): number {
  const read = readCursor(cursor);
  if (read === null) throw callerError('CURSOR_INVALID', `${field} is not a cursor`, field);
  if (read.epoch !== head.epoch) throw callerError('CURSOR_INVALID', `${field} is a cursor of another log`, field);
  if (read.position > head.position)
    throw callerError('CURSOR_INVALID', `${field} lies in the future of this log`, field);
  if (read.position < head.floor) throw cursorExpired(field);
  return read.position;
}

/** What a reader is told who asks for rows that were pruned. `field` is the argument that names where it stands. */
export const cursorExpired = (field = 'after'): GraphQLError =>
  callerError(
    'CURSOR_EXPIRED',
    `${field} is older than what the log still holds: read the present state, and go on from a new cursor`,
    field,
  );
