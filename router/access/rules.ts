import { admits, type FieldRule, ruleBy } from '@wheelhouse/kit/field-rules.ts';
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLError,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import type { Application, Feature } from '../refusals.ts';
import { type Caller, isAnonymous } from './caller.ts';
import { forbidden, unauthenticated } from './faults.ts';

/** What fields ask of their callers, by coordinate: `Query.auditLog`. All rules of a field must let them in. */
export type Rules = ReadonlyMap<string, readonly FieldRule[]>;

/**
 * The rules that a supergraph has on fields, under whatever names it links them by. Composition puts those of several subgraphs on one field, and
 * those of all types that implement an interface on its fields.
 *
 * @throws Error that names the field, for a rule that would let everybody in
 */
export function readRules(features: readonly Feature[], all: readonly Application[]): Rules {
  const localNames = new Map(features.map(({ name, localName }) => [localName, name]));
  const rules = new Map<string, FieldRule[]>();
  for (const { directive, coordinate } of all) {
    const rule = ruleBy(localNames.get(directive.name.value) ?? '', directive, coordinate);
    if (rule !== null) rules.set(coordinate, [...(rules.get(coordinate) ?? []), rule]);
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
  // Composition writes on a field of an interface what all its types ask; of old it did not (GHSA-mx7m-j9xf-62hw): what any of them asks counts then.
  const ruledBy = (parent: GraphQLCompositeType, field: string): string[] => {
    const own = `${parent.name}.${field}`;
    if (rules.has(own) || !isInterfaceType(parent)) return rules.has(own) ? [own] : [];
    return schema
      .getPossibleTypes(parent)
      .map(({ name }) => `${name}.${field}`)
      .filter((coordinate) => rules.has(coordinate));
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
        for (const coordinate of ruledBy(parent, selection.name.value)) found.add(coordinate);
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
  return coordinates.flatMap((coordinate) => {
    const broken = (rules.get(coordinate) ?? []).filter((rule) => !admits(rule, caller.asserted));
    if (broken.length === 0) return [];
    if (isAnonymous(caller))
      return [{ coordinate, fault: unauthenticated(`${coordinate} is for those who have signed in`) }];
    return broken.flatMap((rule) =>
      rule.kind === 'scopes' ? { coordinate, fault: forbidden(coordinate, rule.anyOf) } : [],
    );
  });
}
