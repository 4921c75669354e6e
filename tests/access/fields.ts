import { readdir, readFile } from 'node:fs/promises';
import { type FieldRule, ruleOf } from '@wheelhouse/kit/field-rules.ts';
import { readSubgraphSdl } from '@wheelhouse/kit/sdl.ts';
import {
  buildASTSchema,
  type GraphQLArgument,
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

const ROOTS = ['Query', 'Mutation', 'Subscription'];

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

/** An operation that asks for one field and nothing else, as its subgraph gets it. */
export function operationFor(
  field: Field,
  supergraph: GraphQLSchema,
): { query: string; variables: Record<string, unknown> } {
  const type = supergraph.getType(field.type);
  const known = type && 'getFields' in type ? type.getFields()[field.name] : undefined;
  if (known === undefined || !('args' in known)) throw new Error(`the supergraph has no ${field.type}.${field.name}`);
  const needed = known.args.filter((arg: GraphQLArgument) => isNonNullType(arg.type));
  const declared = needed.map(({ name, type: taken }) => `$${name}: ${taken}`);
  const given = needed.map(({ name }) => `${name}: $${name}`);
  const selection = isCompositeType(getNamedType(known.type)) ? '{ __typename }' : '';
  const asked = `field: ${field.name}${given.length > 0 ? `(${given.join(', ')})` : ''} ${selection}`;
  const variables = Object.fromEntries(needed.map(({ name, type: taken }) => [name, valueFor(taken, name)]));
  const isRoot = ROOTS.includes(field.type);
  const all = [...(isRoot ? [] : ['$representations: [_Any!]!']), ...declared];
  const head = `${isRoot ? field.type.toLowerCase() : 'query'} ${all.length > 0 ? `(${all.join(', ')})` : ''}`;
  if (isRoot) return { query: `${head} { ${asked} }`, variables };
  const entity = { __typename: field.type, id: 'x' };
  return {
    query: `${head} { _entities(representations: $representations) { ... on ${field.type} { ${asked} } } }`,
    variables: { representations: [entity], ...variables },
  };
}
