import { type GraphQLSchema, isAbstractType, isInterfaceType, isObjectType } from 'graphql';
import type { JsonObject } from './json.ts';

/** Whether an object's `__typename` is the type or one of its implementations; `unknown` answers for objects without one. */
export function isOfType(schema: GraphQLSchema, entity: JsonObject, condition: string, unknown: boolean): boolean {
  const name = entity.__typename;
  if (typeof name !== 'string') return unknown;
  if (name === condition) return true;
  const type = schema.getType(name);
  const abstract = schema.getType(condition);
  return isAbstractType(abstract) && (isObjectType(type) || isInterfaceType(type)) && schema.isSubType(abstract, type);
}
