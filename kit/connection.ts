import { callerError } from './errors.ts';
import { isStorable } from './unstorable-text.ts';

export const DEFAULT_PAGE = 50;
export const MAX_PAGE = 1000;

export type Page<Node> = {
  nodes: Node[];
  edges: { cursor: string; node: Node }[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
};

/** The number of items asked for. @throws BAD_USER_INPUT unless it is 1 to MAX_PAGE */
export function pageSize(first: number | null | undefined): number {
  const size = first ?? DEFAULT_PAGE;
  if (size < 1 || size > MAX_PAGE)
    throw callerError('BAD_USER_INPUT', `first must be 1 to ${MAX_PAGE}, and is ${size}`, 'first');
  return size;
}

/** A page made of `rows`, which hold one row more than `size` when there is a next page. */
export function pageOf<Node>(rows: Node[], size: number, cursorOf: (node: Node) => string): Page<Node> {
  const nodes = rows.slice(0, size);
  const edges = nodes.map((node) => ({ cursor: cursorOf(node), node }));
  return { nodes, edges, pageInfo: { hasNextPage: rows.length > size, endCursor: edges.at(-1)?.cursor ?? null } };
}

/** Opaque text for the sort key of a list's row. */
export const encodeKey = (parts: readonly string[]): string => Buffer.from(JSON.stringify(parts)).toString('base64url');

const isPart = (part: unknown): part is string => typeof part === 'string' && isStorable(part);

/** The sort key behind a cursor of a list, or null for none. @throws CURSOR_INVALID when the text is not such a cursor */
export function decodeKey(cursor: string | null | undefined, length: number): string[] | null {
  if (cursor === null || cursor === undefined) return null;
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(parts) && parts.length === length && parts.every(isPart)) return parts;
  } catch {
    // Falls through: text that is not JSON is no cursor either.
  }
  throw callerError('CURSOR_INVALID', 'after is not a cursor of this list', 'after');
}
