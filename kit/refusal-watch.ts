import {
  defaultFieldResolver,
  GraphQLError,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  isIntrospectionType,
  isObjectType,
} from 'graphql';
import { hasRule } from './field-rules.ts';
import type { Asserted } from './identity.ts';
import type { Refusals } from './refusals.ts';

export type RefusalWatch = {
  note: Refusals['note'];
  /** Codes that are refusals besides FORBIDDEN and UNAUTHENTICATED. */
  codes?: readonly string[];
  /** What was wanted, by the arguments; never a secret. @default their id, or that of `input` */
  aboutOf?: (args: Readonly<Record<string, unknown>>, what: string) => string | null;
};

type Resolver = GraphQLFieldResolver<unknown, { identity: Asserted }>;

const REFUSED = ['FORBIDDEN', 'UNAUTHENTICATED'];

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const idIn = (args: Readonly<Record<string, unknown>>): string | null => {
  if (typeof args.id === 'string') return args.id;
  return isRecord(args.input) && typeof args.input.id === 'string' ? args.input.id : null;
};

/** The codes of what a payload refuses, and the payloads of many that it may have. */
function* codesIn(payload: unknown): Generator<string> {
  if (!isRecord(payload)) return;
  const { userErrors, results } = payload;
  for (const fault of Array.isArray(userErrors) ? userErrors : [])
    if (isRecord(fault) && typeof fault.code === 'string') yield fault.code;
  for (const one of Array.isArray(results) ? results : []) yield* codesIn(one);
}

/**
 * Tells of all that fields refuse because of who asks: of the fields of root types, and of those with a rule (kit/field-rules.ts), whose errors
 * and `userErrors` are looked at whatever the caller selects of them.
 */
export function watchRefusals(schema: GraphQLSchema, { note, codes = [], aboutOf = idIn }: RefusalWatch): void {
  const known = new Set([...REFUSED, ...codes]);
  const watched =
    (resolve: Resolver, what: string): Resolver =>
    (source, args, context, info) => {
      const tell = (code: unknown): void => {
        if (typeof code === 'string' && known.has(code))
          note({ identity: context.identity, what, code, about: aboutOf(args, what) });
      };
      const look = (result: unknown): unknown => {
        for (const code of codesIn(result)) tell(code);
        return result;
      };
      const failed = (err: unknown): never => {
        if (err instanceof GraphQLError) tell(err.extensions.code);
        throw err;
      };
      try {
        const result = resolve(source, args, context, info);
        return result instanceof Promise ? result.then(look, failed) : look(result);
      } catch (err) {
        return failed(err);
      }
    };
  const watch = (field: GraphQLField<unknown, { identity: Asserted }>, what: string): void => {
    if (field.subscribe !== undefined) field.subscribe = watched(field.subscribe, what);
    else field.resolve = watched(field.resolve ?? defaultFieldResolver, what);
  };
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || isIntrospectionType(type)) continue;
    const isRoot = roots.includes(type);
    for (const field of Object.values(type.getFields()))
      if (isRoot || hasRule(field)) watch(field, isRoot ? field.name : `${type.name}.${field.name}`);
  }
}
