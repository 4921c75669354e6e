import type { FetchDataRewrite } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';
import { isJsonObject, type JsonObject } from './json.ts';
import { isOfType } from './of-type.ts';

const TYPE_CONDITION = '... on ';

/**
 * Gives renamed fields back the names that the client asked for: the planner aliases fields whose types differ between the
 * possible types of a subgraph's selection. Apollo's executor loses 0, false and "" on this way, therefore it is done here.
 */
export function applyRewrites(schema: GraphQLSchema, rewrites: FetchDataRewrite[], data: unknown): void {
  for (const rewrite of rewrites) {
    const last = rewrite.path.at(-1);
    if (last === undefined) continue;
    visitAt(schema, data, rewrite.path.slice(0, -1), (holder) => {
      if (rewrite.kind === 'ValueSetter') {
        holder[last] = rewrite.setValueTo;
      } else if (Object.hasOwn(holder, last)) {
        holder[rewrite.renameKeyTo] = holder[last];
        delete holder[last];
      }
    });
  }
}

function visitAt(schema: GraphQLSchema, value: unknown, path: string[], visit: (holder: JsonObject) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) visitAt(schema, item, path, visit);
    return;
  }
  if (!isJsonObject(value)) return;
  const [first, ...rest] = path;
  if (first === undefined) {
    visit(value);
  } else if (!first.startsWith(TYPE_CONDITION)) {
    visitAt(schema, value[first], rest, visit);
    // Not every object carries its __typename; the planner relies on the rewrite being applied then.
  } else if (isOfType(schema, value, first.slice(TYPE_CONDITION.length), true)) {
    visitAt(schema, value, rest, visit);
  }
}

/** The client's names along an error's path that a subgraph gave with the planner's aliases. */
export function renamePath(rewrites: FetchDataRewrite[], path: (string | number)[]): (string | number)[] {
  const names = new Map(
    rewrites.flatMap((rewrite) => {
      const last = rewrite.path.at(-1);
      return rewrite.kind === 'KeyRenamer' && last !== undefined ? [[last, rewrite.renameKeyTo] as const] : [];
    }),
  );
  return names.size === 0
    ? path
    : path.map((element) => (typeof element === 'string' ? (names.get(element) ?? element) : element));
}
