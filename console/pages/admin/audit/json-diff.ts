/** One place in two values of JSON, and how they differ there. */
export type JsonChange = {
  /** In dots, with the number of an item: `grants.0.role`; empty for the whole. */
  path: string;
  kind: 'ADDED' | 'REMOVED' | 'CHANGED' | 'SAME';
  before: string | null;
  after: string | null;
};

const isBranch = (value: unknown): value is Record<string, unknown> | unknown[] =>
  typeof value === 'object' && value !== null && Object.keys(value).length > 0;

/** The leaves of a value, by their paths, in its own order. */
function leavesOf(value: unknown, path: string, into: Map<string, string>): Map<string, string> {
  if (value === null || value === undefined) return into;
  if (!isBranch(value)) return into.set(path, printJson(value));
  for (const [name, part] of Object.entries(value)) leavesOf(part, path === '' ? name : `${path}.${name}`, into);
  return into;
}

/** A value for people: text as it is, all else as JSON. */
export const printJson = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** How two values differ, leaf by leaf: what is in either of them, those of `before` first. Null, and what is not there, are alike. */
export function jsonChanges(before: unknown, after: unknown): JsonChange[] {
  const [old, next] = [leavesOf(before, '', new Map()), leavesOf(after, '', new Map())];
  return [...new Set([...old.keys(), ...next.keys()])].map((path): JsonChange => {
    const [was, is] = [old.get(path) ?? null, next.get(path) ?? null];
    const kind = was === is ? 'SAME' : was === null ? 'ADDED' : is === null ? 'REMOVED' : 'CHANGED';
    return { path, kind, before: was, after: is };
  });
}
