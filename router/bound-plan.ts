import type { FetchDataRewrite, FetchNode, PlanNode, QueryPlan } from '@apollo/query-planner';
import { Kind, parse } from 'graphql';

/** A fetch of a plan, with what the router does for it in the executor's place. */
export type BoundFetch = {
  /** What the executor knows the fetch by: it chooses the data source by service name, and we need to know the fetch. */
  id: string;
  node: FetchNode;
  rewrites: FetchDataRewrite[];
  /** Response names of the operation's own fields: what is lost with the fetch. Empty for a fetch of entities. */
  rootNames: string[];
};

export type BoundPlan = {
  /** What the executor runs. A subscription's is `Sequence[primary, rest]`: the executor refuses a Subscription node. */
  plan: QueryPlan;
  fetches: BoundFetch[];
  /** The subscription's upstream operation, answered by each event. */
  primary: BoundFetch | null;
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

/** Makes a plan ready to run: each fetch gets an id of its own as its service name, and its output rewrites become ours. */
export function bindPlan(queryPlan: QueryPlan): BoundPlan {
  const fetches: BoundFetch[] = [];
  const bindFetch = (node: FetchNode): FetchNode => {
    const id = `${fetches.length}`;
    fetches.push({ id, node, rewrites: node.outputRewrites ?? [], rootNames: rootNamesOf(node) });
    const { outputRewrites: _, ...rest } = node;
    return { ...rest, serviceName: id };
  };
  const bind = (node: PlanNode): PlanNode => {
    switch (node.kind) {
      case 'Fetch':
        return bindFetch(node);
      case 'Sequence':
      case 'Parallel':
        return { ...node, nodes: node.nodes.map(bind) };
      case 'Flatten':
        return { ...node, node: bind(node.node) };
      case 'Condition':
        return {
          ...node,
          ...(node.ifClause && { ifClause: bind(node.ifClause) }),
          ...(node.elseClause && { elseClause: bind(node.elseClause) }),
        };
      case 'Defer':
        throw new Error('The planner emitted a Defer node although @defer is off');
    }
  };
  const { node } = queryPlan;
  if (node === undefined) return { plan: queryPlan, fetches, primary: null };
  if (node.kind !== 'Subscription') return { plan: { kind: 'QueryPlan', node: bind(node) }, fetches, primary: null };
  const nodes = [bindFetch(node.primary), ...(node.rest ? [bind(node.rest)] : [])];
  return { plan: { kind: 'QueryPlan', node: { kind: 'Sequence', nodes } }, fetches, primary: fetches[0] ?? null };
}
