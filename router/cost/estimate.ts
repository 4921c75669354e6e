import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  print,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import type { Variables } from '../engine.ts';
import { type Cost, greatestOf, reckon, sumOf, timesOf } from './formula.ts';
import { argumentsCost, conditionOf, sizeOf } from './values.ts';
import { type ListSize, UNSIZED_LIST, type Weights } from './weights.ts';

/** What any mutation costs besides what it answers: a transaction. */
const MUTATION = 10;
/** What a question about the schema costs: answered here, and long. */
const INTROSPECTION = 100;

/** Lists within what a field returns that have its size. */
type Sized = { fields: ReadonlySet<string>; size: Cost; key: string };
/** Cost by the object type that is there. */
type ByType = Map<string, Cost>;

/** The same for lists of the same size, so that a fragment which many of them spread is compiled once. */
function sizeKey(coordinate: string, { sizedFields, slicingArguments }: ListSize, node: FieldNode, size: Cost): string {
  if (typeof size === 'number') return `${sizedFields.join()} ${size}`;
  const slicing = (node.arguments ?? []).filter(({ name }) => slicingArguments.includes(name.value));
  return `${coordinate} ${slicing.map(print).join()}`;
}

/** What an operation is estimated to cost. What does not depend on variables is reckoned once for each document. */
export type CostEstimate = (document: DocumentNode, operation: OperationDefinitionNode, variables: Variables) => number;

/** Compiles the selections of one operation; fragments once for each size that they may inherit. */
function compile(
  schema: GraphQLSchema,
  weights: Weights,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Cost {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }
  const compiled = new Map<string, ByType>();

  const typesOf = (type: GraphQLNamedType): string[] =>
    isAbstractType(type) ? schema.getPossibleTypes(type).map(({ name }) => name) : [type.name];

  const weightOfType = (type: GraphQLNamedType): number =>
    weights.weightOf(type.name) ?? (isCompositeType(type) ? 1 : 0);

  /** What an interface says holds for its types, unless they say something themselves. */
  const said = <T>(type: GraphQLCompositeType, field: string, look: (coordinate: string) => T | undefined) => {
    const own = look(`${type.name}.${field}`);
    if (own !== undefined || !(isObjectType(type) || isInterfaceType(type))) return own;
    return type
      .getInterfaces()
      .map((each) => look(`${each.name}.${field}`))
      .find((found) => found !== undefined);
  };

  const ofField = (node: FieldNode, parent: GraphQLCompositeType, sized: Sized | null): Cost => {
    const name = node.name.value;
    if (name === '__typename') return 0;
    if (name.startsWith('__')) return INTROSPECTION;
    const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
    if (field === undefined) return 0;
    const listSize = said(parent, name, weights.listSizeOf);
    const size = listSize === undefined ? UNSIZED_LIST : sizeOf(field, listSize, node.arguments, operation);
    const type = getNamedType(field.type);
    const isList = isListType(getNullableType(field.type));
    const passesSizeOn = (listSize?.sizedFields.length ?? 0) > 0;
    const sizes =
      listSize !== undefined && passesSizeOn
        ? { fields: new Set(listSize.sizedFields), size, key: sizeKey(`${parent.name}.${name}`, listSize, node, size) }
        : null;
    const times = !isList ? 1 : sized?.fields.has(name) ? sized.size : passesSizeOn ? UNSIZED_LIST : size;
    const own = said(parent, name, weights.weightOf) ?? weightOfType(type);
    const inner = node.selectionSet && isCompositeType(type) ? ofSet(node.selectionSet, type, sizes) : 0;
    const isMutation = operation.operation === 'mutation' && parent === schema.getMutationType();
    return sumOf([
      timesOf(times, sumOf([own, inner])),
      ...argumentsCost(`${parent.name}.${name}`, field.args, node.arguments, weights, operation),
      isMutation ? MUTATION : 0,
    ]);
  };

  const ofFragment = (name: string, sized: Sized | null): ByType => {
    const key = `${name} ${sized?.key ?? ''}`;
    const known = compiled.get(key);
    if (known !== undefined) return known;
    const fragment = fragments.get(name);
    const type = fragment && schema.getType(fragment.typeCondition.name.value);
    const costs = fragment && isCompositeType(type) ? byType(fragment.selectionSet, type, sized) : new Map();
    compiled.set(key, costs);
    return costs;
  };

  const ofSelection = (node: SelectionNode, parent: GraphQLCompositeType, sized: Sized | null): ByType => {
    if (node.kind === Kind.FRAGMENT_SPREAD) return ofFragment(node.name.value, sized);
    if (node.kind === Kind.FIELD) {
      const cost = ofField(node, parent, sized);
      return new Map(typesOf(parent).map((type) => [type, cost]));
    }
    const condition = node.typeCondition && schema.getType(node.typeCondition.name.value);
    return byType(node.selectionSet, isCompositeType(condition) ? condition : parent, sized);
  };

  const byType = (set: SelectionSetNode, parent: GraphQLCompositeType, sized: Sized | null): ByType => {
    const all = new Map<string, Cost[]>(typesOf(parent).map((type) => [type, []]));
    for (const selection of set.selections) {
      const conditions = conditionOf(selection.directives, operation);
      for (const [type, cost] of ofSelection(selection, parent, sized)) {
        all.get(type)?.push(conditions.reduce<Cost>((product, condition) => timesOf(condition, product), cost));
      }
    }
    return new Map([...all].map(([type, costs]) => [type, sumOf(costs)]));
  };

  const ofSet = (set: SelectionSetNode, parent: GraphQLCompositeType, sized: Sized | null): Cost =>
    greatestOf([...new Set(byType(set, parent, sized).values())]);

  const root = schema.getRootType(operation.operation);
  return root === undefined || root === null ? 0 : ofSet(operation.selectionSet, root, null);
}

/** Estimates by the rules of the cost specification: objects cost 1 and leaves nothing, unless the schema says otherwise. */
export function createCostEstimate(schema: GraphQLSchema, weights: Weights): CostEstimate {
  const known = new WeakMap<OperationDefinitionNode, Cost>();
  return (document, operation, variables) => {
    let cost = known.get(operation);
    if (cost === undefined) {
      cost = compile(schema, weights, document, operation);
      known.set(operation, cost);
    }
    return reckon(cost, { variables, known: new Map() });
  };
}
