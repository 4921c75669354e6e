import {
  type DirectiveNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  NoSchemaIntrospectionCustomRule,
  OperationTypeNode,
  type SelectionSetNode,
  specifiedRules,
  validate,
} from 'graphql';
import { requestFault } from './faults.ts';
import { withoutValue } from './quotations.ts';

/** All that graphql-js says when its budget for comparing fields, or for following fragments, is spent. */
const BUDGET_SPENT = 'Validation aborted.';

const RULES_WITHOUT_INTROSPECTION = [NoSchemaIntrospectionCustomRule, ...specifiedRules];
const INTROSPECTION = /introspection has been disabled/;

/**
 * What is wrong with a document by the rules of GraphQL.
 *
 * @param introspection whether the schema may be asked for; where it may not, no error tells of it by suggesting names either
 */
export function documentFaults(schema: GraphQLSchema, document: DocumentNode, introspection = true): GraphQLError[] {
  // graphql-js throws out of validate() where a variable decides on a root field of a subscription: this is looked for first.
  const conditions = conditionsOnSubscriptions(document);
  if (conditions.length > 0) return conditions;
  return faultsFound(schema, document, introspection).map(({ message, nodes }) => {
    if (message === BUDGET_SPENT) {
      return requestFault('The operation repeats too many fields to be checked: split it', 'VALIDATION_LIMIT_EXCEEDED');
    }
    return INTROSPECTION.test(message)
      ? requestFault('This graph does not tell about itself here', 'INTROSPECTION_DISABLED', { nodes: nodes ?? null })
      : requestFault(withoutValue(message), 'GRAPHQL_VALIDATION_FAILED', { nodes: nodes ?? null });
  });
}

function faultsFound(schema: GraphQLSchema, document: DocumentNode, introspection: boolean): readonly GraphQLError[] {
  try {
    return introspection
      ? validate(schema, document)
      : validate(schema, document, RULES_WITHOUT_INTROSPECTION, { hideSuggestions: true });
  } catch (err) {
    if (err instanceof GraphQLError) return [err];
    const cause = err instanceof RangeError ? ': it is nested too deeply' : '';
    return [new GraphQLError(`The operation can not be checked${cause}`)];
  }
}

const isCondition = ({ name }: DirectiveNode): boolean => name.value === 'skip' || name.value === 'include';

/** @skip and @include at the root of subscriptions, which the specification forbids (5.2.4.1, Single Root Field). */
function conditionsOnSubscriptions(document: DocumentNode): GraphQLError[] {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }
  const visited = new Set<string>();
  const inSet = ({ selections }: SelectionSetNode): DirectiveNode[] =>
    selections.flatMap((selection) => {
      const own = (selection.directives ?? []).filter(isCondition);
      if (selection.kind === Kind.FIELD) return own;
      if (selection.kind === Kind.INLINE_FRAGMENT) return [...own, ...inSet(selection.selectionSet)];
      const name = selection.name.value;
      const fragment = visited.has(name) ? undefined : fragments.get(name);
      visited.add(name);
      return fragment === undefined ? own : [...own, ...inSet(fragment.selectionSet)];
    });
  return document.definitions.flatMap((node) => {
    if (node.kind !== Kind.OPERATION_DEFINITION || node.operation !== OperationTypeNode.SUBSCRIPTION) return [];
    return inSet(node.selectionSet).map((directive) =>
      requestFault(
        `The root field of a subscription must not have @${directive.name.value}: decide before you subscribe`,
        'GRAPHQL_VALIDATION_FAILED',
        { nodes: directive },
      ),
    );
  });
}
