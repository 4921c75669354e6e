import type { QueryPlanSelectionNode, ResponsePath } from '@apollo/query-planner';
import { type GraphQLSchema, isAbstractType, isInterfaceType, isObjectType } from 'graphql';

export type JsonObject = Record<string, unknown>;
export type ConcretePath = (string | number)[];
/** An object of the response under construction and where it stands in it. */
export type LocatedEntity = { entity: JsonObject; path: ConcretePath };

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The objects at a plan's path, in which `@` stands for every element of a list, in the order in which the executor sends them. */
export function entitiesAt(root: JsonObject, planPath: ResponsePath): LocatedEntity[] {
  let found: { value: unknown; path: ConcretePath }[] = [{ value: root, path: [] }];
  for (const element of planPath) {
    found = found.flatMap(({ value, path }) => {
      if (element === '@') {
        return Array.isArray(value)
          ? value.map((item: unknown, index) => ({ value: item, path: [...path, index] }))
          : [];
      }
      return isJsonObject(value) && Object.hasOwn(value, element)
        ? [{ value: value[element], path: [...path, element] }]
        : [];
    });
  }
  return found.flatMap(({ value, path }) => (isJsonObject(value) ? [{ entity: value, path }] : []));
}

/** Whether an object's `__typename` is the type or one of its implementations; `unknown` answers for objects without one. */
export function isOfType(schema: GraphQLSchema, entity: JsonObject, condition: string, unknown: boolean): boolean {
  const name = entity.__typename;
  if (typeof name !== 'string') return unknown;
  if (name === condition) return true;
  const type = schema.getType(name);
  const abstract = schema.getType(condition);
  return isAbstractType(abstract) && (isObjectType(type) || isInterfaceType(type)) && schema.isSubType(abstract, type);
}

/**
 * Whether the executor makes a representation of the entity: a type condition fits that leads to `__typename`, and no required
 * field is missing. A nested field may be missing: it is sent as null.
 */
export function isRepresented(schema: GraphQLSchema, entity: JsonObject, requires: QueryPlanSelectionNode[]): boolean {
  let named = false;
  for (const selection of requires) {
    if (selection.kind === 'InlineFragment') {
      const { typeCondition, selections } = selection;
      if (typeCondition === undefined || !isOfType(schema, entity, typeCondition, false)) continue;
      if (isRepresented(schema, entity, [...selections])) named = true;
    } else if (entity[selection.alias ?? selection.name] === undefined) {
      return false;
    } else if (selection.name === '__typename') {
      named = true;
    }
  }
  return named;
}
