import type { FetchNode, PlanNode, QueryPlan, ResponsePath } from '@apollo/query-planner';
import { Kind, parse } from 'graphql';

/** A fetch of a plan, with what is the same each time it runs. */
export type BoundFetch = {
  node: FetchNode;
  /** Response names of the operation's own fields: what is lost with the fetch. Empty for a fetch of entities. */
  rootNames: string[];
};

/** A step of a plan. `path` leads from the root to the objects that it is about; `@` stands for every element of a list. */
export type Step =
  | { kind: 'fetch'; fetch: BoundFetch; path: ResponsePath }
  | { kind: 'sequence' | 'parallel'; steps: Step[] }
  | { kind: 'condition'; variable: string; whenTrue: Step | null; whenFalse: Step | null };

export type BoundPlan = {
  fetches: BoundFetch[];
  /** The subscription's upstream operation, answered by each event. */
  primary: BoundFetch | null;
  /** What is fetched; for a subscription, what is fetched besides the event. Null when there is nothing to fetch. */
  step: Step | null;
};

function rootNamesOf(node: FetchNode): string[] {
  if (node.requires !== undefined) return [];
  return parse(node.operation).definitions.flatMap((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION
      ? definition.selectionSet.selections.flatMap((selection) =>
          selection.kind === Kind.FIELD ? [(selection.alias ?? selection.name).value] : [],
        )
      : [],
  );
}

/** Makes a plan of the planner ready to run any number of times. */
export function bindPlan({ node }: QueryPlan): BoundPlan {
  const fetches: BoundFetch[] = [];
  const bindFetch = (fetchNode: FetchNode): BoundFetch => {
    const fetch = { node: fetchNode, rootNames: rootNamesOf(fetchNode) };
    fetches.push(fetch);
    return fetch;
  };
  const bind = (planNode: PlanNode, path: ResponsePath): Step => {
    switch (planNode.kind) {
      case 'Fetch':
        return { kind: 'fetch', fetch: bindFetch(planNode), path };
      case 'Sequence':
      case 'Parallel':
        return {
          kind: planNode.kind === 'Sequence' ? 'sequence' : 'parallel',
          steps: planNode.nodes.map((inner) => bind(inner, path)),
        };
      case 'Flatten':
        return bind(planNode.node, [...path, ...planNode.path]);
      case 'Condition':
        return {
          kind: 'condition',
          variable: planNode.condition,
          whenTrue: planNode.ifClause ? bind(planNode.ifClause, path) : null,
          whenFalse: planNode.elseClause ? bind(planNode.elseClause, path) : null,
        };
      case 'Defer':
        throw new Error('The planner emitted a Defer node although @defer is off');
    }
  };
  if (node === undefined) return { fetches, primary: null, step: null };
  if (node.kind !== 'Subscription') return { step: bind(node, []), fetches, primary: null };
  const primary = bindFetch(node.primary);
  return { primary, step: node.rest ? bind(node.rest, []) : null, fetches };
}
