import { type Operation, operationFromDocument } from '@apollo/federation-internals';
import { type QueryPlan, QueryPlanner } from '@apollo/query-planner';
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { withCertainSelections } from './certain-selections.ts';
import { type BoundPlan, bindPlan } from './execution/bound-plan.ts';
import type { Conditions } from './execution/collect.ts';
import { compileShape, type Shape } from './execution/shape.ts';
import { planningLimitExceeded } from './faults.ts';
import type { LoadedSupergraph } from './load.ts';
import { type Disguise, disguise } from './response-names.ts';
import type { Stage } from './tracing/stage.ts';

/** Memory for plans per supergraph: some four hundred operations of 1 KB, more than the clients of an estate have. */
const PLANS_BYTES = 64 * 1024 * 1024;
/** A plan that would take more than this share of the cache is made anew each time. */
const LARGEST_SHARE = 1 / 8;
/** Heap per character, measured on operations of the shortest names, where the parsed form and its tokens weigh most. */
const BYTES_PER_SOURCE_CHARACTER = 140;
const BYTES_PER_PLAN_CHARACTER = 4;

/** What a plan takes of the heap, rather too much than too little. */
const weightOf = ({ document }: PlanRequest, plan: QueryPlan): number =>
  BYTES_PER_SOURCE_CHARACTER * (document.loc?.end ?? 0) + BYTES_PER_PLAN_CHARACTER * JSON.stringify(plan).length;

/**
 * How far the planner looks: where what plan-weight.ts measures is not what makes an operation hard. Without the first limit some
 * three hundred characters fill the heap: each time that an operation comes back to an interface which several services know, the
 * ways to fetch it multiply. What docs and clients of the own graph ask has less than five.
 */
const EFFORT = { pathsLimit: 200, maxEvaluatedPlans: 1_000 };
const TOO_MANY_WAYS = /^Too many options generated/;

/** Answers of one operation whose shapes are kept: @skip and @include can make two to the power of their variables. */
const KEPT_SHAPES = 16;

/** An operation that is ready to run any number of times. */
export type Plan = BoundPlan & {
  /** The document as it was planned: see response-names.ts. */
  document: DocumentNode;
  operation: OperationDefinitionNode;
  /** Variables that decide @skip and @include, with their defaults. */
  conditionDefaults: Conditions;
  shapeFor: (conditions: Conditions) => Shape;
  disguised: Disguise;
};

/** Told of each plan that was asked for, and how long making it took; 0 where there was one. */
export type OnPlan = (cached: boolean, seconds: number) => void;

export type PlanCacheSize = { plans: number; bytes: number };

export type PlanRequest = { document: DocumentNode; queryHash: string; operationName: string | null | undefined };

function conditionDefaultsOf(document: DocumentNode, { variableDefinitions }: OperationDefinitionNode): Conditions {
  const defaults = new Map<string, boolean>();
  visit(document, {
    Directive: ({ name, arguments: args }) => {
      const value = name.value === 'skip' || name.value === 'include' ? args?.[0]?.value : undefined;
      if (value?.kind !== Kind.VARIABLE) return;
      const definition = variableDefinitions?.find(({ variable }) => variable.name.value === value.name.value);
      // Fragments of other operations in the document have variables of their own.
      if (definition === undefined) return;
      const { defaultValue } = definition;
      defaults.set(value.name.value, defaultValue?.kind === Kind.BOOLEAN && defaultValue.value);
    },
  });
  return defaults;
}

/** The shapes of an operation's answers, each compiled when it is first needed. */
function shapesOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  disguised: Disguise,
): Plan['shapeFor'] {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }
  const shapes = new LRUCache<string, Shape>({ max: KEPT_SHAPES });
  return (conditions) => {
    const key = conditions.size === 0 ? '' : [...conditions.values()].map(Number).join('');
    const known = shapes.get(key);
    if (known !== undefined) return known;
    const shape = compileShape({ schema, operation, fragments, disguised, conditions });
    shapes.set(key, shape);
    return shape;
  };
}

/**
 * Plans operations, each distinct one once. A progressive @override is decided by chance for each request, so its outcome is
 * part of the cache's key.
 *
 * @param options.random a number from 0 up to 1
 * @returns `plan` throws a GraphQLError when the operation can't be planned; `recent` has what was planned, newest first
 */
export function createPlanner(
  { supergraph, apiSchema, schema, overridePercent, plannerNames }: LoadedSupergraph,
  { random, onPlan }: { random: () => number; onPlan?: OnPlan | undefined },
): {
  plan: (request: PlanRequest, stage?: Stage | null) => Plan;
  recent: () => PlanRequest[];
  size: () => PlanCacheSize;
} {
  const planner = new QueryPlanner(supergraph, { debug: EFFORT });
  const plans = new LRUCache<string, { plan: Plan; request: PlanRequest }>({
    maxSize: PLANS_BYTES,
    maxEntrySize: PLANS_BYTES * LARGEST_SHARE,
  });

  const planned = (operation: Operation, overrideConditions: Map<string, boolean>): QueryPlan => {
    try {
      return planner.buildQueryPlan(operation, { overrideConditions });
    } catch (err) {
      if (err instanceof Error && TOO_MANY_WAYS.test(err.message)) throw planningLimitExceeded();
      throw err;
    }
  };

  const make = (
    { document: asked, operationName }: PlanRequest,
    overrideConditions: Map<string, boolean>,
  ): { plan: Plan; queryPlan: QueryPlan } => {
    const named = operationName == null ? {} : { operationName };
    const { document, disguised } = disguise(asked, plannerNames);
    const queryPlan = planned(
      operationFromDocument(apiSchema, withCertainSelections(document), { ...named, validate: false }),
      overrideConditions,
    );
    const bound = bindPlan(queryPlan);
    if (bound.fetches.some(({ node }) => node.requires && node.variableUsages?.includes('representations'))) {
      throw new GraphQLError(
        'The variable "$representations" has a meaning of its own in federation: give it another name',
      );
    }
    const operation = getOperationAST(document, operationName);
    if (operation == null) throw new GraphQLError('The document does not have the operation');
    const shapeFor = shapesOf(schema, document, operation, disguised);
    const conditionDefaults = conditionDefaultsOf(document, operation);
    return { queryPlan, plan: { ...bound, document, operation, conditionDefaults, shapeFor, disguised } };
  };

  const plan = (request: PlanRequest, stage: Stage | null = null): Plan => {
    const taken = [...overridePercent].map(([label, percent]) => [label, random() * 100 < percent] as const);
    const sides = taken.map(([, isTaken]) => (isTaken ? 1 : 0)).join('');
    const key = `${request.queryHash} ${sides} ${request.operationName ?? ''}`;
    const known = plans.get(key);
    const planning = stage?.begin('router.plan', { 'router.cached': known !== undefined });
    try {
      if (known !== undefined) {
        onPlan?.(true, 0);
        return known.plan;
      }
      const startedAtMs = performance.now();
      const made = make(request, new Map(taken));
      plans.set(key, { plan: made.plan, request }, { size: weightOf(request, made.queryPlan) });
      onPlan?.(false, (performance.now() - startedAtMs) / 1_000);
      return made.plan;
    } finally {
      planning?.end();
    }
  };
  return {
    plan,
    recent: () => [...plans.values()].map(({ request }) => request),
    size: () => ({ plans: plans.size, bytes: plans.calculatedSize }),
  };
}
