import {
  executeSync,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql';

export const isIntrospection = (fieldName: string): boolean => fieldName === '__schema' || fieldName === '__type';

/** What the schema says of itself: the value of one root field, which graphql-js answers. */
export function introspect(
  source: {
    schema: GraphQLSchema;
    operation: OperationDefinitionNode;
    fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  },
  nodes: readonly FieldNode[],
  variableValues: Record<string, unknown>,
): unknown {
  const operation: OperationDefinitionNode = {
    ...source.operation,
    operation: OperationTypeNode.QUERY,
    directives: [],
    selectionSet: { kind: Kind.SELECTION_SET, selections: nodes },
  };
  const document = { kind: Kind.DOCUMENT, definitions: [operation, ...source.fragments.values()] } as const;
  const { data, errors } = executeSync({ schema: source.schema, document, variableValues });
  if (errors !== undefined) throw new Error('The schema could not be introspected', { cause: errors[0] });
  return Object.values(data ?? {})[0] ?? null;
}
