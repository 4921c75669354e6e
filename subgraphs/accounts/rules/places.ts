import { decodeKey, encodeKey } from '@wheelhouse/kit/connection.ts';
import { callerError } from '@wheelhouse/kit/errors.ts';

/** A place in a list that is ordered by when its items were made, and among those of one instant by id. */
export type Place = { at: Date; id: string };

export const cursorAt = ({ createdAt, id }: { createdAt: Date; id: string }): string =>
  encodeKey([createdAt.toISOString(), id]);

/** The place behind a cursor; null for none. @throws CURSOR_INVALID */
export function placeAt(after: string | null | undefined): Place | null {
  const [at, id] = decodeKey(after, 2) ?? [];
  if (at === undefined || id === undefined) return null;
  if (Number.isNaN(Date.parse(at))) throw callerError('CURSOR_INVALID', 'after is not a cursor of this list', 'after');
  return { at: new Date(at), id };
}
