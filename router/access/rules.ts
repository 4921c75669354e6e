import {
  type ConstDirectiveNode,
  type ConstValueNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLError,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import type { Application, Feature } from '../refusals.ts';
import { type Caller, isAnonymous } from './caller.ts';
import { forbidden, unauthenticated } from './faults.ts';

/** What a field asks of its caller: all scopes of one of the lists; of an empty list of lists, only to have signed in. */
export type Rule = { scopes: readonly (readonly string[])[] };
/** By coordinate: `Query.auditLog`. */
export type Rules = ReadonlyMap<string, Rule>;

const texts = (value: ConstValueNode): string[] =>
  value.kind === Kind.LIST ? value.values.flatMap((item) => (item.kind === Kind.STRING ? item.value : [])) : [];

function scopesOf({ arguments: args }: ConstDirectiveNode): string[][] {
  const value = args?.find(({ name }) => name.value === 'scopes')?.value;
  return value?.kind === Kind.LIST ? value.values.map(texts) : [];
}

/** The rules that a supergraph has on fields (`@authenticated` and `@requiresScopes`, under the names that it links them by). */
export function readRules(features: readonly Feature[], all: readonly Application[]): Rules {
  const localNames = new Map(features.map(({ name, localName }) => [localName, name]));
  const rules = new Map<string, Rule>();
  for (const { directive, coordinate } of all) {
    const name = localNames.get(directive.name.value);
    if (name === 'authenticated' && !rules.has(coordinate)) rules.set(coordinate, { scopes: [] });
    if (name === 'requiresScopes') rules.set(coordinate, { scopes: scopesOf(directive) });
  }
  return rules;
}

/** Why a caller may not have what an operation selects; empty when they may. */
export type Guard = (
  document: DocumentNode,
  operation: OperationDefinitionNode,
  caller: Caller | null,
) => readonly GraphQLError[];

/** The name of a root field as it is, and of others with that of their type: `removeThing`, `Thing.past`. */
const shortOf = (coordinate: string): string => coordinate.replace(/^(Query|Mutation|Subscription)\./, '');

/**
 * Looks at each operation once, and at each caller's scopes each time.
 *
 * @param onRefused told of each field that a caller may not have
 */
export function createGuard(
  schema: GraphQLSchema,
  rules: Rules,
  onRefused?: (caller: Caller, what: string, code: string) => void,
): Guard {
  const guarded = new WeakMap<OperationDefinitionNode, string[]>();
  return (document, operation, caller) => {
    // Without accounts there are no rules: such a supergraph is refused.
    if (caller === null || rules.size === 0) return [];
    const fields = guarded.get(operation) ?? guardedFields(schema, rules, document, operation);
    guarded.set(operation, fields);
    const refused = faultsOf(rules, fields, caller);
    for (const { coordinate, fault } of refused)
      onRefused?.(caller, shortOf(coordinate), String(fault.extensions.code));
    return refused.map(({ fault }) => fault);
  };
}

/** The fields with a rule that an operation selects, whatever its conditions say. */
export function guardedFields(
  schema: GraphQLSchema,
  rules: Rules,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): string[] {
  const fragments = new Map(
    document.definitions.flatMap((node): [string, FragmentDefinitionNode][] =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [],
    ),
  );
  const found = new Set<string>();
  const seen = new Set<string>();
  const typeNamed = (name: string): GraphQLCompositeType | null => {
    const type = schema.getType(name);
    return isCompositeType(type) ? type : null;
  };
  const visit = ({ selections }: SelectionSetNode, parent: GraphQLCompositeType | null): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = fragments.get(selection.name.value);
        if (fragment === undefined || seen.has(fragment.name.value)) continue;
        seen.add(fragment.name.value);
        visit(fragment.selectionSet, typeNamed(fragment.typeCondition.name.value));
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const { typeCondition } = selection;
        visit(selection.selectionSet, typeCondition === undefined ? parent : typeNamed(typeCondition.name.value));
      } else if (parent !== null) {
        const coordinate = `${parent.name}.${selection.name.value}`;
        if (rules.has(coordinate)) found.add(coordinate);
        const field = 'getFields' in parent ? parent.getFields()[selection.name.value] : undefined;
        const type = field === undefined ? undefined : getNamedType(field.type);
        if (selection.selectionSet !== undefined) visit(selection.selectionSet, isCompositeType(type) ? type : null);
      }
    }
  };
  visit(operation.selectionSet, schema.getRootType(operation.operation) ?? null);
  return [...found];
}

/** Why a caller may not have these fields; empty when they may, somewhere at least: services know what stands where. */
function faultsOf(
  rules: Rules,
  coordinates: readonly string[],
  caller: Caller,
): { coordinate: string; fault: GraphQLError }[] {
  const scopes = new Set(caller.asserted.grants.flatMap((grant) => grant.scopes));
  return coordinates.flatMap((coordinate) => {
    const rule = rules.get(coordinate);
    if (
      rule === undefined ||
      (rule.scopes.length > 0 && rule.scopes.some((all) => all.every((one) => scopes.has(one))))
    )
      return [];
    if (isAnonymous(caller))
      return [{ coordinate, fault: unauthenticated(`${coordinate} is for those who have signed in`) }];
    return rule.scopes.length === 0 ? [] : [{ coordinate, fault: forbidden(coordinate, rule.scopes) }];
  });
}
