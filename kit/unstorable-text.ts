import {
  defaultFieldResolver,
  type GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  isIntrospectionType,
  isObjectType,
} from 'graphql';
import { callerError, causesOf } from './errors.ts';

/** Whether PostgreSQL can hold a text: without U+0000, and without halves of surrogate pairs, which UTF-8 has not. */
export const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

/** How PostgreSQL refuses others: as they are (22021), and in JSON for an escape (22P05) or half of a pair (22P02). */
const REFUSALS = ['22021', '22P05', '22P02'];

/** Where in arguments a text stands that PostgreSQL can't hold, as a path in dots; null where there is none. */
function unstorableIn(value: unknown, path: readonly string[] = []): string | null {
  if (typeof value === 'string') return isStorable(value) ? null : path.join('.');
  if (typeof value !== 'object' || value === null) return null;
  for (const [name, inner] of Object.entries(value)) {
    const found = unstorableIn(inner, [...path, name]);
    if (found !== null) return found;
  }
  return null;
}

export const unstorableText = (field: string): GraphQLError =>
  callerError('BAD_USER_INPUT', `${field} may hold no character U+0000 and no half of a surrogate pair`, field);

/** What a caller is told of an error of a field with these arguments: an error of PostgreSQL as the mistake that it is where it is one. */
function toldOf(err: unknown, args: unknown): unknown {
  if (![...causesOf(err)].some(({ code }) => typeof code === 'string' && REFUSALS.includes(code))) return err;
  const field = unstorableIn(args);
  if (field === null) return err;
  return unstorableText(field);
}

type Resolver = GraphQLFieldResolver<unknown, unknown>;

const telling =
  (resolve: Resolver): Resolver =>
  (source, args, context, info) => {
    const fail = (err: unknown): never => {
      throw toldOf(err, args);
    };
    try {
      const value = resolve(source, args, context, info);
      return value instanceof Promise ? value.catch(fail) : value;
    } catch (err) {
      return fail(err);
    }
  };

/**
 * Has the fields of a schema that take arguments say which of them holds a text that PostgreSQL refuses. Statements need not look at each text
 * for that, and what a store checks by itself it still refuses in words of its own.
 */
export function nameUnstorableTexts(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type) || !isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      if (field.args.length === 0) continue;
      if (field.subscribe !== undefined) field.subscribe = telling(field.subscribe);
      field.resolve = telling(field.resolve ?? defaultFieldResolver);
    }
  }
}
