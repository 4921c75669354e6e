import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql';

/** Stands for a value with which something is not as it mostly is: graphql-js has to say what comes of it. */
export const UNUSUAL = Symbol('unusual');
/** @returns what stands in the answer, or UNUSUAL. @throws what a scalar or a getter throws */
export type Complete = (value: unknown) => unknown;

/** What graphql-js calls, waits for, or makes an error of. */
const isActive = (value: unknown): boolean =>
  typeof value === 'function' ||
  (typeof value === 'object' && value !== null && (value instanceof Error || 'then' in value));

const leafOf =
  (type: GraphQLLeafType): Complete =>
  (value) => {
    if (value === null || value === undefined) return null;
    return isActive(value) ? UNUSUAL : (type.serialize(value) ?? UNUSUAL);
  };

const nonNull =
  (inner: Complete): Complete =>
  (value) =>
    inner(value) ?? UNUSUAL;

const listOf =
  (element: Complete): Complete =>
  (value) => {
    if (value === null || value === undefined) return null;
    if (!Array.isArray(value)) return UNUSUAL;
    const completed: unknown[] = [];
    // By index, since graphql-js sees the holes too.
    for (let index = 0; index < value.length; index += 1) {
      const item = element(value[index]);
      if (item === UNUSUAL) return UNUSUAL;
      completed.push(item);
    }
    return completed;
  };

type Field = { answered: string; name: string; complete: Complete };

const objectOf =
  (fields: readonly Field[]): Complete =>
  (value) => {
    if (value === null || value === undefined) return null;
    if (typeof value !== 'object' || isActive(value)) return UNUSUAL;
    const held = value as Record<string, unknown>;
    // Not without a prototype as those of graphql-js: V8 makes and writes such objects several times slower.
    const completed: Record<string, unknown> = {};
    for (const { answered, name, complete } of fields) {
      const item = complete(held[name]);
      if (item === UNUSUAL) return UNUSUAL;
      completed[answered] = item;
    }
    return completed;
  };

type Source = { schema: GraphQLSchema; fragments: Readonly<Record<string, FragmentDefinitionNode>> };

/** The nodes that are selected of a type, by response name; null where a directive has a say. */
function selectedOf(
  { schema, fragments }: Source,
  type: GraphQLObjectType,
  sets: readonly SelectionSetNode[],
): Map<string, FieldNode[]> | null {
  const fields = new Map<string, FieldNode[]>();
  const visited = new Set<string>();
  const applies = (name: string | undefined): boolean => {
    const condition = name === undefined ? type : schema.getType(name);
    return condition === type || (isAbstractType(condition) && schema.isSubType(condition, type));
  };
  const collect = ({ selections }: SelectionSetNode): boolean =>
    selections.every((selection) => {
      if ((selection.directives ?? []).length > 0) return false;
      if (selection.kind === Kind.FIELD) {
        const answered = (selection.alias ?? selection.name).value;
        fields.set(answered, [...(fields.get(answered) ?? []), selection]);
        return true;
      }
      const isSpread = selection.kind === Kind.FRAGMENT_SPREAD;
      const fragment = isSpread ? fragments[selection.name.value] : selection;
      if (fragment === undefined || (isSpread && visited.has(selection.name.value))) return true;
      if (isSpread) visited.add(selection.name.value);
      return applies(fragment.typeCondition?.name.value) ? collect(fragment.selectionSet) : true;
    });
  return sets.every(collect) ? fields : null;
}

/** How values of a type are completed; null unless all that is selected of them are their own properties. */
export function completerOf(source: Source, type: GraphQLOutputType, nodes: readonly FieldNode[]): Complete | null {
  if (isNonNullType(type) || isListType(type)) {
    const inner = completerOf(source, type.ofType, nodes);
    return inner && (isNonNullType(type) ? nonNull(inner) : listOf(inner));
  }
  if (isLeafType(type)) return leafOf(type);
  if (!isObjectType(type) || type.isTypeOf) return null;
  const selected = selectedOf(
    source,
    type,
    nodes.flatMap(({ selectionSet }) => selectionSet ?? []),
  );
  if (selected === null) return null;
  const fields: Field[] = [];
  for (const [answered, own] of selected) {
    const name = own[0]?.name.value ?? '';
    const field = type.getFields()[name];
    // Assigned to an object, __proto__ would be its prototype.
    if (answered === '__proto__') return null;
    if (name === '__typename') {
      fields.push({ answered, name, complete: () => type.name });
      continue;
    }
    if (field === undefined || field.resolve !== undefined || field.args.length > 0) return null;
    const complete = completerOf(source, field.type, own);
    if (complete === null) return null;
    fields.push({ answered, name, complete });
  }
  return objectOf(fields);
}
