import type { FetchDataRewrite, QueryPlanSelectionNode, ResponsePath } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';
import { isJsonObject, type JsonObject } from './json.ts';
import { mergeInto } from './merge.ts';
import { isOfType } from './of-type.ts';
import { applyRewrites } from './rewrites.ts';

export type ConcretePath = (string | number)[];

/**
 * The objects at a plan's path, in which `@` stands for every element of a list. Nulls, and lists that are not there, are left
 * out.
 *
 * @param visit called with each object in its order, and with its place in the response; the place is only good during the call
 */
export function visitEntities(
  root: JsonObject,
  planPath: ResponsePath,
  visit: (entity: JsonObject, place: ConcretePath) => void,
): void {
  const place: ConcretePath = [];
  const descend = (value: unknown, depth: number): void => {
    const element = planPath[depth];
    if (element === undefined) {
      if (isJsonObject(value)) visit(value, place);
    } else if (element === '@') {
      if (!Array.isArray(value)) return;
      for (let index = 0; index < value.length; index += 1) {
        place.push(index);
        descend(value[index], depth + 1);
        place.pop();
      }
    } else if (isJsonObject(value) && Object.hasOwn(value, element)) {
      place.push(element);
      descend(value[element], depth + 1);
      place.pop();
    }
  };
  descend(root, 0);
}

export type EntitySource = {
  /** The whole schema, with what clients may not see. */
  schema: GraphQLSchema;
  /** Names that are part of some key. */
  keyNames: ReadonlySet<string>;
  /** Whether nothing has failed so far: what is missing was not asked for then. */
  isWhole: boolean;
};

/** What `selections` take of a value; undefined when a required field is missing. */
function take(source: EntitySource, value: unknown, selections: readonly QueryPlanSelectionNode[]): unknown {
  if (Array.isArray(value)) return value.map((item) => take(source, item, selections) ?? null);
  if (!isJsonObject(value)) return null;
  const taken: JsonObject = {};
  return takeInto(source, value, selections, taken) ? taken : undefined;
}

function takeInto(
  source: EntitySource,
  entity: JsonObject,
  selections: readonly QueryPlanSelectionNode[],
  taken: JsonObject,
): boolean {
  const { schema, keyNames, isWhole } = source;
  for (const selection of selections) {
    if (selection.kind === 'InlineFragment') {
      const { typeCondition, selections: inner } = selection;
      if (typeCondition === undefined || !isOfType(schema, entity, typeCondition, false)) continue;
      // A field that is missing there leaves out what the fragment would add, and nothing else.
      const part: JsonObject = {};
      if (takeInto(source, entity, inner, part)) mergeInto(schema, taken, part);
      continue;
    }
    const name = selection.alias ?? selection.name;
    const value = Object.hasOwn(entity, name) ? entity[name] : undefined;
    if (value === undefined) {
      // The planner requires what only skipped fields need; a fetch that did not fail did not bring it because nobody asked.
      if (isWhole && !keyNames.has(selection.name)) continue;
      return false;
    }
    // A nested field may be missing: it is sent as null.
    taken[name] = selection.selections === undefined ? value : (take(source, value, selection.selections) ?? null);
  }
  return true;
}

/**
 * The entity as the service that is asked for more of it knows it, or null where it has no such form: no type condition fits,
 * a required field is missing, or there is no key.
 */
export function representationOf(
  source: EntitySource,
  entity: JsonObject,
  requires: readonly QueryPlanSelectionNode[],
  rewrites: FetchDataRewrite[] | undefined,
): JsonObject | null {
  const representation: JsonObject = {};
  if (!takeInto(source, entity, requires, representation) || typeof representation.__typename !== 'string') return null;
  // The planner's conditions can leave nothing but the type: without a key no service can tell which entity is meant.
  if (Object.keys(representation).length < 2) return null;
  if (rewrites !== undefined) applyRewrites(source.schema, rewrites, representation);
  return representation;
}
