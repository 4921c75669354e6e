import {
  type ArgumentNode,
  type DirectiveNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  getNamedType,
  isInputObjectType,
  Kind,
  type OperationDefinitionNode,
  type ValueNode,
  valueFromASTUntyped,
} from 'graphql';
import type { Cost, Reckoning } from './formula.ts';
import { type ListSize, UNSIZED_LIST, type Weights } from './weights.ts';

type Arguments = readonly ArgumentNode[] | undefined;
type Definition = Pick<OperationDefinitionNode, 'variableDefinitions'>;

/** The value of a literal or a variable, as it was sent: it is not yet known whether it fits. */
function read(node: ValueNode, operation: Definition): { now: unknown } | ((reckoning: Reckoning) => unknown) {
  if (node.kind !== Kind.VARIABLE) {
    let hasVariable = false;
    const look = (value: ValueNode): void => {
      if (value.kind === Kind.VARIABLE) hasVariable = true;
      else if (value.kind === Kind.LIST) value.values.forEach(look);
      else if (value.kind === Kind.OBJECT) for (const field of value.fields) look(field.value);
    };
    look(node);
    return hasVariable ? ({ variables }) => valueFromASTUntyped(node, variables) : { now: valueFromASTUntyped(node) };
  }
  const name = node.name.value;
  const defined = operation.variableDefinitions?.find(({ variable }) => variable.name.value === name);
  const fallback = defined?.defaultValue === undefined ? undefined : valueFromASTUntyped(defined.defaultValue);
  return ({ variables }) => (Object.hasOwn(variables, name) ? variables[name] : fallback);
}

const fromValue = (node: ValueNode, operation: Definition, toCost: (value: unknown) => number): Cost => {
  const value = read(node, operation);
  return typeof value === 'function' ? (reckoning) => toCost(value(reckoning)) : toCost(value.now);
};

/** How long a list is, by its slicing arguments; the greatest counts where several are given. */
export function sizeOf(
  field: GraphQLField<unknown, unknown>,
  size: ListSize,
  given: Arguments,
  operation: Definition,
): Cost {
  const assumed = size.assumedSize ?? UNSIZED_LIST;
  const toSize = (value: unknown): number | null =>
    typeof value === 'number' && Number.isFinite(value) ? Math.max(0, value) : null;
  const readers = size.slicingArguments.flatMap((name) => {
    const node = given?.find((argument) => argument.name.value === name)?.value;
    if (node !== undefined) return [read(node, operation)];
    const fallback = field.args.find((argument) => argument.name === name)?.defaultValue;
    return fallback === undefined ? [] : [{ now: fallback as unknown }];
  });
  const greatest = (values: readonly unknown[]): number => {
    const sizes = values.map(toSize).filter((value) => value !== null);
    return sizes.length === 0 ? assumed : Math.max(...sizes);
  };
  if (readers.every((reader) => typeof reader !== 'function')) {
    return greatest(readers.map((reader) => ('now' in reader ? reader.now : null)));
  }
  return (reckoning) =>
    greatest(readers.map((reader) => (typeof reader === 'function' ? reader(reckoning) : reader.now)));
}

/** 0 where @skip or @include leave a selection out, else 1. */
export function conditionOf(directives: readonly DirectiveNode[] | undefined, operation: Definition): Cost[] {
  return (directives ?? []).flatMap(({ name, arguments: args }) => {
    const isSkip = name.value === 'skip';
    const value = args?.[0]?.value;
    if ((!isSkip && name.value !== 'include') || value === undefined) return [];
    return [fromValue(value, operation, (given) => ((given === true) === isSkip ? 0 : 1))];
  });
}

/** What the values given for an argument cost: each item of a list on its own. */
export function argumentsCost(
  coordinate: string,
  definitions: readonly GraphQLArgument[],
  given: Arguments,
  weights: Weights,
  operation: Definition,
): Cost[] {
  if (!weights.hasInputWeights) return [];
  const ofValue = (type: GraphQLInputType, weight: number, value: unknown): number => {
    if (value === null || value === undefined) return 0;
    if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + ofValue(type, weight, item), 0);
    const named = getNamedType(type);
    if (!isInputObjectType(named) || typeof value !== 'object') return weight;
    const own = Object.entries(value).map(([name, inner]) => {
      const field = Object.hasOwn(named.getFields(), name) ? named.getFields()[name] : undefined;
      return field === undefined ? 0 : ofValue(field.type, weights.weightOf(`${named.name}.${name}`) ?? 0, inner);
    });
    return own.reduce((sum, cost) => sum + cost, weight);
  };
  return (given ?? []).flatMap(({ name, value }) => {
    const argument = definitions.find((definition) => definition.name === name.value);
    if (argument === undefined) return [];
    const weight = weights.weightOf(`${coordinate}(${argument.name}:)`) ?? 0;
    return [fromValue(value, operation, (found) => ofValue(argument.type, weight, found))];
  });
}
