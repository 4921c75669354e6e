import { type GraphQLSchema, isObjectType } from 'graphql';
import { isJsonObject, type JsonObject } from './json.ts';

/**
 * Adds what a service brought to the response under construction, in place; `source` may become part of it. A null never
 * replaces what another service brought, nor the name of an interface that of a concrete type: a service that knows an interface as
 * one object (@interfaceObject) names all its objects so, and the planner asks it for their `__typename` all the same.
 *
 * @param schema the whole schema, with what clients may not see
 */
export function mergeInto(schema: GraphQLSchema, target: JsonObject, source: JsonObject): void {
  for (const key of Object.keys(source)) {
    // Assigned to an object it would be its prototype. The planner never sees the name: see response-names.ts.
    if (key === '__proto__') continue;
    const value = source[key];
    const known = Object.hasOwn(target, key) ? target[key] : undefined;
    if (value === undefined) continue;
    if (known === undefined || known === null) target[key] = value;
    else if (value === null) continue;
    else if (key !== '__typename') target[key] = merged(schema, known, value);
    else if (value !== known && typeof value === 'string' && isObjectType(schema.getType(value))) target[key] = value;
  }
}

function merged(schema: GraphQLSchema, known: unknown, value: unknown): unknown {
  if (isJsonObject(known) && isJsonObject(value)) {
    mergeInto(schema, known, value);
    return known;
  }
  if (!Array.isArray(known) || !Array.isArray(value) || known.length !== value.length) return value;
  for (let index = 0; index < known.length; index += 1) {
    const item: unknown = value[index];
    if (known[index] === null || known[index] === undefined) known[index] = item;
    else if (item !== null && item !== undefined) known[index] = merged(schema, known[index], item);
  }
  return known;
}
