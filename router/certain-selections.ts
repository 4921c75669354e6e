import { type DocumentNode, type FragmentDefinitionNode, Kind, type SelectionSetNode, visit } from 'graphql';

const TYPE_NAME = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } } as const;

/**
 * The document with the type name asked of every object whose fields @skip and @include may all leave out. The planner would
 * leave out the object with them, and nobody could tell one without fields from one that is not there.
 */
export function withCertainSelections(document: DocumentNode): DocumentNode {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }
  const known = new Map<SelectionSetNode, boolean>();
  const isCertain = (set: SelectionSetNode): boolean => {
    const found = known.get(set);
    if (found !== undefined) return found;
    const certain = set.selections.some((selection) => {
      if (selection.directives?.some(({ name }) => name.value === 'skip' || name.value === 'include')) return false;
      if (selection.kind === Kind.FIELD) return true;
      if (selection.kind === Kind.INLINE_FRAGMENT) return isCertain(selection.selectionSet);
      const fragment = fragments.get(selection.name.value);
      return fragment !== undefined && isCertain(fragment.selectionSet);
    });
    known.set(set, certain);
    return certain;
  };
  return visit(document, {
    Field: {
      enter: (field) => {
        const { selectionSet } = field;
        if (selectionSet === undefined || isCertain(selectionSet)) return undefined;
        return { ...field, selectionSet: { ...selectionSet, selections: [...selectionSet.selections, TYPE_NAME] } };
      },
    },
  });
}
