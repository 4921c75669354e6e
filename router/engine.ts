import type { Logger } from '@wheelhouse/kit/logger.ts';
import {
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  getVariableValues,
  visit,
} from 'graphql';
import type { RouterContext } from './context.ts';
import type { Conditions } from './execution/collect.ts';
import { copyJson } from './execution/json.ts';
import { PartialAnswer, PlanRun, type PlanRunOptions } from './execution/plan-run.ts';
import { internalFault, requestFault } from './faults.ts';
import type { LoadedSupergraph } from './load.ts';
import { createPlanner, type OnPlan, type Plan, type PlanCacheSize, type PlanRequest } from './planner.ts';
import { valueFaults, variableFaults } from './quotations.ts';
import { undoInError } from './response-names.ts';
import type { SubgraphClient } from './subgraphs/data-source.ts';
import type { SubgraphResponse } from './subgraphs/subgraph-response.ts';
import type { Stage } from './tracing/stage.ts';

export type Variables = Record<string, unknown>;

/** Serves one supergraph. Its state never changes: another supergraph is another engine. */
export type Engine = {
  /** What clients see. */
  schema: GraphQLSchema;
  sdl: string;
  /** @throws GraphQLError when the operation can't be planned */
  plan: (request: PlanRequest, stage?: Stage | null) => Plan;
  /** What is wrong with the variables; empty when they fit. */
  checkVariables: (plan: Plan, variables: Variables) => readonly GraphQLError[];
  /** Runs a plan; never throws. @param letOthers waited for before and after what takes long, with how long the services' long answers were together */
  run: (
    plan: Plan,
    variables: Variables,
    caller: RouterContext,
    letOthers?: (characters: number) => Promise<unknown>,
  ) => Promise<ExecutionResult>;
  /**
   * The results of events of a subscription's upstream, in their order; at once where nothing else has to be fetched. What several
   * need of one service is asked for together. Never throws, and changes nothing in the events.
   */
  runEvents: (
    plan: Plan,
    variables: Variables,
    caller: RouterContext,
    events: readonly SubgraphResponse[],
  ) => ExecutionResult[] | Promise<ExecutionResult[]>;
  /** What was planned last, newest first: what another engine should plan before it is asked. */
  recentPlans: () => PlanRequest[];
  planCache: () => PlanCacheSize;
  /** Operations that run. */
  running: () => number;
  /** Resolves when no operation runs, or after the limit. */
  idle: (limitMs: number) => Promise<void>;
};

export type EngineOptions = {
  loaded: LoadedSupergraph;
  clients: readonly SubgraphClient[];
  logger: Logger;
  onPlan?: OnPlan;
  /** Whether errors may suggest names of the schema. @default true */
  suggests?: boolean;
  /** A number from 0 up to 1 that decides which side of a progressive @override a request takes. @default Math.random */
  random?: () => number;
};

export function createEngine({
  loaded,
  clients,
  logger,
  onPlan,
  suggests = true,
  random = Math.random,
}: EngineOptions): Engine {
  const { schema, supergraphSchema, plannerNames } = loaded;
  const keyNames = new Set([...plannerNames].flatMap(([name, { isInKey }]) => (isInKey ? name : [])));
  const planner = createPlanner(loaded, { random, onPlan });
  let running = 0;
  let whenIdle: (() => void)[] = [];
  const ended = (): void => {
    running -= 1;
    if (running > 0) return;
    for (const resolve of whenIdle) resolve();
    whenIdle = [];
  };
  const clientOf = new Map(clients.map((client) => [client.name, client]));

  const checkVariables: Engine['checkVariables'] = ({ operation, conditionDefaults }, variables) => {
    const definitions = operation.variableDefinitions ?? [];
    const { errors, coerced } = getVariableValues(schema, definitions, variables, {
      maxErrors: 50,
      hideSuggestions: !suggests,
    });
    if (errors !== undefined)
      return variableFaults(errors, () => valueFaults(schema, definitions, variables, !suggests));
    // A nullable variable with a default may stand where a Boolean is required, and a caller may then send null.
    const empty = [...conditionDefaults.keys()].filter((name) => name in coerced && coerced[name] === null);
    return empty.map((name) => {
      return requestFault(`Variable "$${name}" decides @skip or @include and must not be null`, 'BAD_USER_INPUT');
    });
  };

  const complete = (planned: Plan, answer: PartialAnswer, options: PlanRunOptions): ExecutionResult => {
    const { data, errors: misfits = [] } = planned.shapeFor(options.conditions)(answer.root, options.variables);
    const unexplained = misfits.filter(({ path }) => !answer.explains(path ?? [], planned.disguised));
    const errors = [...answer.errors.map((error) => undoInError(error, planned.disguised)), ...unexplained];
    const unplanned = planned.fetches.length === 0 ? unresolvable(data ?? null, planned.document) : [];
    if (unplanned.length > 0) return { data: null, errors: unplanned };
    return errors.length > 0 ? { data: data ?? null, errors } : { data: data ?? null };
  };

  const failed = (err: unknown): ExecutionResult => {
    logger.error({ err }, 'an operation failed inside the router');
    return { data: null, errors: [internalFault()] };
  };

  const optionsOf = (planned: Plan, variables: Variables, caller: RouterContext): PlanRunOptions => ({
    supergraphSchema,
    keyNames,
    variables,
    conditions: conditionsOf(planned, variables),
    fetchSubgraph: (name, request) => {
      const client = clientOf.get(name);
      if (client === undefined) throw new Error(`no client for the subgraph ${name}`);
      return client.fetch(request, caller);
    },
  });

  const run: Engine['run'] = async (planned, variables, caller, letOthers) => {
    running += 1;
    try {
      const options = optionsOf(planned, variables, caller);
      const planRun = new PlanRun(options);
      if (planned.step !== null) await planRun.run(planned.step);
      const [answer = new PartialAnswer()] = planRun.answers;
      const { longCharacters } = planRun;
      if (longCharacters === 0) return complete(planned, answer, options);
      await letOthers?.(longCharacters);
      const result = complete(planned, answer, options);
      await letOthers?.(longCharacters);
      return result;
    } catch (err) {
      return failed(err);
    } finally {
      ended();
    }
  };

  const runEvents: Engine['runEvents'] = (planned, variables, caller, events) => {
    const allFailed = (err: unknown): ExecutionResult[] => {
      const result = failed(err);
      return events.map(() => result);
    };
    try {
      const { primary, step } = planned;
      if (primary === null) throw new Error('the plan of a subscription has no upstream');
      const options = optionsOf(planned, variables, caller);
      const planRun = new PlanRun(options, events.length);
      // An event may be shared with other subscriptions: what is added to it stays with this run.
      const isChanged = step !== null || (primary.node.outputRewrites ?? []).length > 0;
      for (const [index, answer] of planRun.answers.entries()) {
        const event = events[index] ?? {};
        planRun.take(answer, primary, isChanged ? copyJson(event) : event);
      }
      const completeAll = (): ExecutionResult[] => planRun.answers.map((answer) => complete(planned, answer, options));
      return step === null ? completeAll() : planRun.run(step).then(completeAll).catch(allFailed);
    } catch (err) {
      return allFailed(err);
    }
  };

  const idle: Engine['idle'] = async (limitMs) => {
    if (running === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    whenIdle.push(resolve);
    const limit = setTimeout(resolve, limitMs);
    await promise;
    clearTimeout(limit);
  };

  return {
    schema,
    sdl: loaded.sdl,
    plan: planner.plan,
    recentPlans: planner.recent,
    planCache: planner.size,
    running: () => running,
    checkVariables,
    run,
    runEvents,
    idle,
  };
}

const invalid = (message: string, path?: GraphQLError['path']): GraphQLError =>
  new GraphQLError(message, { path, extensions: { code: 'SUBGRAPH_INVALID_RESPONSE' } });

/** The values of the variables that decide @skip and @include; those without a value have their default. */
function conditionsOf({ conditionDefaults }: Plan, variables: Variables): Conditions {
  if (conditionDefaults.size === 0) return conditionDefaults;
  const conditions = new Map(conditionDefaults);
  for (const name of conditions.keys()) {
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (typeof value === 'boolean') conditions.set(name, value);
  }
  return conditions;
}

/** Fields for which the planner found nothing to fetch: an interface none of whose types its subgraph knows. */
function unresolvable(data: Record<string, unknown> | null, document: DocumentNode): GraphQLError[] {
  const mayBeNull = new Set<string>();
  visit(document, {
    Field: ({ alias, name }) => {
      if (name.value === '__type') mayBeNull.add((alias ?? name).value);
    },
  });
  return Object.entries(data ?? {}).flatMap(([name, value]) =>
    value === null && !mayBeNull.has(name) ? [invalid(`No service can resolve the field "${name}"`, [name])] : [],
  );
}
