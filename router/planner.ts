import { operationFromDocument } from '@apollo/federation-internals';
import { buildOperationContext } from '@apollo/gateway';
import { QueryPlanner } from '@apollo/query-planner';
import { type DocumentNode, GraphQLError, Kind, visit } from 'graphql';
import { LRUCache } from 'lru-cache';
import { type BoundPlan, bindPlan } from './bound-plan.ts';
import type { LoadedSupergraph } from './load.ts';
import { type Disguise, disguise } from './response-names.ts';

/** Memory for plans per supergraph: some four hundred operations of 1 KB, more than the clients of an estate have. */
const PLANS_BYTES = 64 * 1024 * 1024;
/** A plan that would take more than this share of the cache is made anew each time. */
const LARGEST_SHARE = 1 / 8;
/** Heap per character, measured on operations of the shortest names, where the parsed form and its tokens weigh most. */
const BYTES_PER_SOURCE_CHARACTER = 140;
const BYTES_PER_PLAN_CHARACTER = 4;

/** What a plan takes of the heap, rather too much than too little. */
const weightOf = ({ document }: PlanRequest, { plan }: Plan): number =>
  BYTES_PER_SOURCE_CHARACTER * (document.loc?.end ?? 0) + BYTES_PER_PLAN_CHARACTER * JSON.stringify(plan).length;

/** An operation that is ready to run any number of times. */
export type Plan = BoundPlan & {
  operationContext: ReturnType<typeof buildOperationContext>;
  /** Variables that decide @skip and @include. */
  conditionVariables: string[];
  disguised: Disguise;
};

export type PlanRequest = { document: DocumentNode; queryHash: string; operationName: string | null | undefined };

function conditionVariablesOf(document: DocumentNode): string[] {
  const names = new Set<string>();
  visit(document, {
    Directive: ({ name, arguments: args }) => {
      const value = name.value === 'skip' || name.value === 'include' ? args?.[0]?.value : undefined;
      if (value?.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  return [...names];
}

/**
 * Plans operations, each distinct one once. A progressive @override is decided by chance for each request, so its outcome is
 * part of the cache's key.
 *
 * @param options.random a number from 0 up to 1
 * @throws GraphQLError (the function it returns) when the operation can't be planned
 */
export function createPlanner(
  { supergraph, apiSchema, schema, overridePercent, plannerNames }: LoadedSupergraph,
  { random, onPlan }: { random: () => number; onPlan?: ((cached: boolean) => void) | undefined },
): (request: PlanRequest) => Plan {
  const planner = new QueryPlanner(supergraph);
  const plans = new LRUCache<string, Plan>({ maxSize: PLANS_BYTES, maxEntrySize: PLANS_BYTES * LARGEST_SHARE });

  const make = ({ document: asked, operationName }: PlanRequest, overrideConditions: Map<string, boolean>): Plan => {
    const named = operationName == null ? {} : { operationName };
    const { document, disguised } = disguise(asked, plannerNames);
    const operation = operationFromDocument(apiSchema, document, { ...named, validate: false });
    const bound = bindPlan(planner.buildQueryPlan(operation, { overrideConditions }));
    if (bound.fetches.some(({ node }) => node.requires && node.variableUsages?.includes('representations'))) {
      throw new GraphQLError(
        'The variable "$representations" has a meaning of its own in federation: give it another name',
      );
    }
    return {
      ...bound,
      operationContext: buildOperationContext({ schema, operationDocument: document, ...named }),
      conditionVariables: conditionVariablesOf(document),
      disguised,
    };
  };

  return (request) => {
    const taken = [...overridePercent].map(([label, percent]) => [label, random() * 100 < percent] as const);
    const sides = taken.map(([, isTaken]) => (isTaken ? 1 : 0)).join('');
    const key = `${request.queryHash} ${sides} ${request.operationName ?? ''}`;
    const known = plans.get(key);
    onPlan?.(known !== undefined);
    if (known !== undefined) return known;
    const made = make(request, new Map(taken));
    plans.set(key, made, { size: weightOf(request, made) });
    return made;
  };
}
