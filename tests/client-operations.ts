import { readFileSync } from 'node:fs';
import { Supergraph } from '@apollo/federation-internals';
import {
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');

/** The graph as clients see it. */
export const apiSchema: GraphQLSchema = Supergraph.build(read('../supergraph.graphql'), {
  // What is asked of callers does not change what there is.
  supportedFeatures: null,
})
  .apiSchema()
  .toGraphQLJSSchema();

/** The operations that outside clients are written against, each as a document of its own, by name. */
export const operations: ReadonlyMap<string, DocumentNode> = new Map(
  parse(read('operations.graphql')).definitions.map((definition): [string, DocumentNode] => {
    const { name } = definition as OperationDefinitionNode;
    return [name?.value ?? '', { kind: Kind.DOCUMENT, definitions: [definition] }];
  }),
);

/** The operation without what the graph does not have yet: fields, fragments on types, and variables that only those used. */
export function withoutMissing(document: DocumentNode, schema: GraphQLSchema): string {
  const typeInfo = new TypeInfo(schema);
  const known = visit(
    document,
    visitWithTypeInfo(typeInfo, {
      InlineFragment: (node) =>
        node.typeCondition && !schema.getType(node.typeCondition.name.value) ? null : undefined,
      Field: () => (typeInfo.getFieldDef() ? undefined : null),
    }),
  );
  const used = new Set<string>();
  visit(known, {
    VariableDefinition: () => false,
    Variable: (node) => void used.add(node.name.value),
  });
  return print(visit(known, { VariableDefinition: (node) => (used.has(node.variable.name.value) ? undefined : null) }));
}

/** Every field of every type that clients can reach, as coordinates, with its description. */
export function describedCoordinates(schema: GraphQLSchema): Map<string, string | null | undefined> {
  const found = new Map<string, string | null | undefined>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__') || ['String', 'Boolean', 'Int', 'Float', 'ID'].includes(type.name)) continue;
    const isRoot = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].includes(
      type as never,
    );
    if (!isRoot) found.set(type.name, type.description);
    if ('getFields' in type) {
      for (const field of Object.values(type.getFields())) found.set(`${type.name}.${field.name}`, field.description);
    }
    if ('getValues' in type)
      for (const value of type.getValues()) found.set(`${type.name}.${value.name}`, value.description);
  }
  return found;
}
