import { ruleOf } from '@wheelhouse/kit/field-rules.ts';
import { type GraphQLSchema, isInterfaceType, isObjectType } from 'graphql';
import { fieldOf, headOf, neededBy, ROOTS, select } from './fields.ts';

/** A field of the composed graph that is asked for at a root, or has a rule: `Query.devices`, `FidaDisplay.asOf`. */
export type GraphField = {
  type: string;
  name: string;
  /** By what the table of rules knows it: a field that a type has of its interface stands there once, with the interface. */
  declaredAs: string;
};

/** All such fields, by coordinate. */
export function graphFields(supergraph: GraphQLSchema): Map<string, GraphField> {
  const fields = new Map<string, GraphField>();
  for (const type of Object.values(supergraph.getTypeMap())) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const [name, { astNode }] of Object.entries(type.getFields())) {
      const coordinate = `${type.name}.${name}`;
      if (!ROOTS.includes(type.name) && ruleOf(astNode?.directives ?? [], coordinate) === null) continue;
      const owner = type.getInterfaces().find((one) => name in one.getFields()) ?? type;
      fields.set(coordinate, { type: type.name, name, declaredAs: `${owner.name}.${name}` });
    }
  }
  return fields;
}

export type Operation = { query: string; variables: Record<string, unknown> };

/**
 * An operation that a client would send to ask for one field and nothing else.
 *
 * @param field.given its arguments; left out, those that it must have, of nothing that there is
 * @param field.of the device that a field which is at no root is asked of
 */
export function askFor(
  supergraph: GraphQLSchema,
  field: {
    type: string;
    name: string;
    given?: Readonly<Record<string, unknown>>;
    selection?: string | undefined;
    of?: string;
  },
): Operation {
  const { type, name, selection, of } = field;
  const known = fieldOf(supergraph, type, name);
  const { declared, asked, variables } = select(known, field.given ?? neededBy(known), selection);
  if (ROOTS.includes(type)) return { query: `${headOf(type.toLowerCase(), declared)} { ${asked} }`, variables };
  const head = headOf('query', ['$of: ID!', ...declared]);
  return { query: `${head} { device(id: $of) { ... on ${type} { ${asked} } } }`, variables: { of, ...variables } };
}
