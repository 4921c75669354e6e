import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  isTypeDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { stringArgument } from './refusals.ts';

/** How much more there is to find out for each entity of several services that stands within another. */
const GROWTH = 3;
/** No limit is near this one. */
const MOST = 1e9;

/** Names of types that more than one service can be asked for by a key: where the planner has a choice. */
export function sharedEntities(supergraph: DocumentNode): ReadonlySet<string> {
  const names = supergraph.definitions.flatMap((definition) => {
    if (!isTypeDefinitionNode(definition)) return [];
    const keyed = (definition.directives ?? []).filter(
      (directive) => directive.name.value === 'join__type' && stringArgument(directive, 'key') !== null,
    );
    const services = new Set(keyed.map((directive) => stringArgument(directive, 'graph')));
    return services.size > 1 ? [definition.name.value] : [];
  });
  return new Set(names);
}

/**
 * How hard an operation is to plan: each selection of an entity that several services know counts, three times as much for each
 * other one that it stands in. The time that planning takes goes with that, and not with the length of the text: the ways to fetch
 * an entity multiply with those to fetch the one around it.
 */
function planWeight(
  schema: GraphQLSchema,
  entities: ReadonlySet<string>,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): number {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }
  const known = new Map<string, number>();
  const ofFragment = (name: string, within: number): number => {
    const key = `${name} ${within}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const fragment = fragments.get(name);
    const weight = fragment === undefined ? 0 : ofSet(fragment.selectionSet, fragment.typeCondition.name.value, within);
    known.set(key, weight);
    return weight;
  };
  const ofSet = ({ selections }: SelectionSetNode, parent: string, within: number): number => {
    let weight = 0;
    for (const selection of selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) weight += ofFragment(selection.name.value, within);
      else if (selection.kind === Kind.INLINE_FRAGMENT) {
        weight += ofSet(selection.selectionSet, selection.typeCondition?.name.value ?? parent, within);
      } else if (selection.selectionSet !== undefined) {
        const type = schema.getType(parent);
        const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[selection.name.value] : undefined;
        const named = field && getNamedType(field.type);
        if (!isCompositeType(named)) continue;
        const isEntity = entities.has(named.name);
        weight += isEntity ? GROWTH ** within : 0;
        weight += ofSet(selection.selectionSet, named.name, within + (isEntity ? 1 : 0));
      }
    }
    return Math.min(weight, MOST);
  };
  const root = schema.getRootType(operation.operation);
  return root == null ? 0 : ofSet(operation.selectionSet, root.name, 0);
}

/** The same of the hardest operation of a document. */
export function documentPlanWeight(
  schema: GraphQLSchema,
  entities: ReadonlySet<string>,
  document: DocumentNode,
): number {
  const weights = document.definitions.map((node) =>
    node.kind === Kind.OPERATION_DEFINITION ? planWeight(schema, entities, document, node) : 0,
  );
  return Math.max(0, ...weights);
}
