import { isJsonObject, type JsonObject } from './json.ts';

/**
 * Adds what a service brought to the response under construction, in place; `source` may become part of it. A null never
 * replaces what another service brought.
 */
export function mergeInto(target: JsonObject, source: JsonObject): void {
  for (const key of Object.keys(source)) {
    // Assigned to an object it would be its prototype. The planner never sees the name: see response-names.ts.
    if (key === '__proto__') continue;
    const value = source[key];
    const known = Object.hasOwn(target, key) ? target[key] : undefined;
    if (value === undefined) continue;
    if (known === undefined || known === null) target[key] = value;
    else if (value !== null) target[key] = merged(known, value);
  }
}

function merged(known: unknown, value: unknown): unknown {
  if (isJsonObject(known) && isJsonObject(value)) {
    mergeInto(known, value);
    return known;
  }
  if (!Array.isArray(known) || !Array.isArray(value) || known.length !== value.length) return value;
  for (let index = 0; index < known.length; index += 1) {
    const item: unknown = value[index];
    if (known[index] === null || known[index] === undefined) known[index] = item;
    else if (item !== null && item !== undefined) known[index] = merged(known[index], item);
  }
  return known;
}
