import { type DocumentNode, type FieldNode, GraphQLError, Kind, parse, visit } from 'graphql';
import { type Application, stringArgument } from './refusals.ts';

/**
 * Names under which the planner fetches keys and required fields beside what the client asked for, and whether with arguments.
 * It never renames its own, so a client's `id: name` or `comments(limit: 1)` would be merged with them without a word.
 */
export type PlannerNames = ReadonlyMap<string, { hasArguments: boolean; isInKey: boolean }>;

export function plannerNames(applications: readonly Application[]): PlannerNames {
  const names = new Map([
    ['__typename', { hasArguments: false, isInKey: true }],
    // No field has this name, but an alias may; assigned to an object it would be lost.
    ['__proto__', { hasArguments: false, isInKey: false }],
  ]);
  for (const { directive } of applications) {
    for (const argument of ['key', 'requires']) {
      const fieldSet = stringArgument(directive, argument);
      if (fieldSet === null) continue;
      visit(parse(`{ ${fieldSet} }`), {
        Field: ({ name, arguments: args }) => {
          const known = names.get(name.value);
          const hasArguments = (args ?? []).length > 0 || known?.hasArguments === true;
          names.set(name.value, { hasArguments, isInKey: argument === 'key' || known?.isInKey === true });
        },
      });
    }
  }
  return names;
}

/** Names given to fields for planning -> the names that the client asked for. */
export type Disguise = ReadonlyMap<string, string>;

const responseNameOf = ({ alias, name }: FieldNode): string => (alias ?? name).value;

/** The document with every response name that would meet one of the planner's own replaced, and how to undo it. */
export function disguise(document: DocumentNode, names: PlannerNames): { document: DocumentNode; disguised: Disguise } {
  const meets = (field: FieldNode): boolean => {
    const responseName = responseNameOf(field);
    const own = names.get(responseName);
    if (own === undefined) return false;
    return responseName !== field.name.value || own.hasArguments || (field.arguments ?? []).length > 0;
  };
  const asked = new Set<string>();
  let isNeeded = false;
  visit(document, {
    Field: (field) => {
      asked.add(responseNameOf(field));
      isNeeded ||= meets(field);
    },
  });
  const disguised = new Map<string, string>();
  if (!isNeeded) return { document, disguised };
  let suffix = '_asked';
  while ([...asked].some((name) => name.endsWith(suffix))) suffix += '_';
  return {
    disguised,
    document: visit(document, {
      Field: {
        leave: (field) => {
          if (!meets(field)) return undefined;
          const value = `${responseNameOf(field)}${suffix}`;
          disguised.set(value, responseNameOf(field));
          return { ...field, alias: { kind: Kind.NAME, value } };
        },
      },
    }),
  };
}

/** The error with the names that the client asked for, in its path and in the executor's texts. */
export function undoInError(error: GraphQLError, disguised: Disguise): GraphQLError {
  if (disguised.size === 0) return error;
  let { message } = error;
  for (const [name, asked] of disguised) message = message.replaceAll(name, asked);
  const path = error.path?.map((element) =>
    typeof element === 'string' ? (disguised.get(element) ?? element) : element,
  );
  return new GraphQLError(message, { path, extensions: error.extensions });
}
