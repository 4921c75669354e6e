import { readdir, readFile } from 'node:fs/promises';
import { type FieldRule, ruleOf } from '@wheelhouse/kit/field-rules.ts';
import { readSubgraphSdl } from '@wheelhouse/kit/sdl.ts';
import {
  buildASTSchema,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  Kind,
  parse,
  type TypeNode,
} from 'graphql';

export const ROOTS = ['Query', 'Mutation', 'Subscription'];

/** A field of a root type, or one with a rule of its own. */
export type Field = {
  /** The subgraph that resolves it. */
  service: string;
  type: string;
  name: string;
  rule: FieldRule | null;
  returns: TypeNode;
};

const subgraphs = new URL('../../subgraphs/', import.meta.url);

/** All fields of all subgraphs that are asked for at a root, or have a rule: `Query.devices`, `Device.history`. */
export async function readFields(): Promise<Map<string, Field>> {
  const fields = new Map<string, Field>();
  for (const service of await readdir(subgraphs)) {
    for (const definition of parse(await readSubgraphSdl(new URL(`${service}/`, subgraphs))).definitions) {
      if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.OBJECT_TYPE_EXTENSION) continue;
      const type = definition.name.value;
      for (const { name, directives, type: returns } of definition.fields ?? []) {
        const coordinate = `${type}.${name.value}`;
        const rule = ruleOf(directives ?? [], coordinate);
        if (ROOTS.includes(type) || rule !== null)
          fields.set(coordinate, { service, type, name: name.value, rule, returns });
      }
    }
  }
  return fields;
}

export async function readSupergraph(): Promise<GraphQLSchema> {
  const sdl = await readFile(new URL('../../supergraph.graphql', import.meta.url), 'utf8');
  return buildASTSchema(parse(sdl), { assumeValidSDL: true });
}

/** What each scalar takes. `from` lies before `to`. */
const VALUES: Record<string, (name: string) => unknown> = {
  DateTime: (name) => (name === 'to' ? '2026-11-21T00:00:00Z' : '2026-11-20T00:00:00Z'),
  Date: () => '2026-11-20',
  Int: () => 1,
  Float: () => 1,
  Boolean: () => true,
  JSON: () => ({}),
};

/** A value that a type takes, with no more than it must have. */
function valueFor(type: GraphQLInputType, name: string): unknown {
  if (isNonNullType(type)) return valueFor(type.ofType, name);
  if (isListType(type)) return [valueFor(type.ofType, name)];
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (!isInputObjectType(type)) return (VALUES[type.name] ?? (() => 'x'))(name);
  const needed = Object.values(type.getFields()).filter((field) => isNonNullType(field.type));
  return Object.fromEntries(needed.map((field) => [field.name, valueFor(field.type, field.name)]));
}

/** A field as its schema has it. @throws Error where it has none */
export function fieldOf(supergraph: GraphQLSchema, typeName: string, name: string): GraphQLField<unknown, unknown> {
  const type = supergraph.getType(typeName);
  const known = type && 'getFields' in type ? type.getFields()[name] : undefined;
  if (known === undefined || !('args' in known)) throw new Error(`the supergraph has no ${typeName}.${name}`);
  return known;
}

/** One field, asked for as `field`, with arguments that are variables. */
export type Selection = { declared: string[]; asked: string; variables: Record<string, unknown> };

/** @param given the arguments, as values; @param selection what to tell of it, left out where it has no fields */
export function select(
  field: GraphQLField<unknown, unknown>,
  given: Readonly<Record<string, unknown>>,
  selection = '__typename',
): Selection {
  const named = field.args.filter(({ name }) => name in given);
  const args = named.map(({ name }) => `${name}: $${name}`);
  const told = isCompositeType(getNamedType(field.type)) ? `{ ${selection} }` : '';
  return {
    declared: named.map(({ name, type }) => `$${name}: ${type}`),
    asked: `field: ${field.name}${args.length > 0 ? `(${args.join(', ')})` : ''} ${told}`,
    variables: { ...given },
  };
}

/** Values for the arguments that a field must have: of the right type, and of nothing that there is. */
export const neededBy = (field: GraphQLField<unknown, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    field.args
      .filter((arg: GraphQLArgument) => isNonNullType(arg.type))
      .map(({ name, type }) => [name, valueFor(type, name)]),
  );

export const headOf = (kind: string, declared: readonly string[]): string =>
  `${kind} ${declared.length > 0 ? `(${declared.join(', ')})` : ''}`;

/** An operation that asks for one field and nothing else, as its subgraph gets it. */
export function operationFor(
  { type, name }: Field,
  supergraph: GraphQLSchema,
): { query: string; variables: Record<string, unknown> } {
  const field = fieldOf(supergraph, type, name);
  const { declared, asked, variables } = select(field, neededBy(field));
  if (ROOTS.includes(type)) return { query: `${headOf(type.toLowerCase(), declared)} { ${asked} }`, variables };
  const head = headOf('query', ['$representations: [_Any!]!', ...declared]);
  const representations = [{ __typename: type, id: 'x' }];
  return {
    query: `${head} { _entities(representations: $representations) { ... on ${type} { ${asked} } } }`,
    variables: { representations, ...variables },
  };
}
