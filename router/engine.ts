import { executeQueryPlan } from '@apollo/gateway';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import { type ExecutionResult, GraphQLError, type GraphQLSchema, getVariableValues, visit } from 'graphql';
import type { RouterContext } from './context.ts';
import type { SubgraphClient } from './data-source.ts';
import { internalFault, requestFault } from './faults.ts';
import type { LoadedSupergraph } from './load.ts';
import { PlanRun } from './plan-run.ts';
import { createPlanner, type Plan, type PlanRequest } from './planner.ts';
import { undoInData, undoInError } from './response-names.ts';
import type { SubgraphResponse } from './subgraph-response.ts';

/** What graphql-js makes of the runtime's RangeError. */
const STACK_OVERFLOW = 'Maximum call stack size exceeded';

export type Variables = Record<string, unknown>;

/** Serves one supergraph. Its state never changes: another supergraph is another engine. */
export type Engine = {
  /** What clients see. */
  schema: GraphQLSchema;
  sdl: string;
  /** @throws GraphQLError when the operation can't be planned */
  plan: (request: PlanRequest) => Plan;
  /** What is wrong with the variables; empty when they fit. */
  checkVariables: (plan: Plan, variables: Variables) => readonly GraphQLError[];
  /** Runs a plan; never throws. `event` is what a subscription's upstream sent. */
  run: (plan: Plan, variables: Variables, caller: RouterContext, event?: SubgraphResponse) => Promise<ExecutionResult>;
};

export type EngineOptions = {
  loaded: LoadedSupergraph;
  clients: readonly SubgraphClient[];
  logger: Logger;
  onPlan?: (cached: boolean) => void;
  /** A number from 0 up to 1 that decides which side of a progressive @override a request takes. @default Math.random */
  random?: () => number;
};

export function createEngine({ loaded, clients, logger, onPlan, random = Math.random }: EngineOptions): Engine {
  const { apiSchema, schema, supergraphSchema } = loaded;
  const plan = createPlanner(loaded, { random, onPlan });
  const clientOf = new Map(clients.map((client) => [client.name, client]));

  const checkVariables: Engine['checkVariables'] = ({ operationContext, conditionVariables }, variables) => {
    const definitions = operationContext.operation.variableDefinitions ?? [];
    const { errors, coerced } = getVariableValues(schema, definitions, variables, { maxErrors: 50 });
    if (errors !== undefined) {
      return errors.map(({ message, nodes }) => {
        const text = message.startsWith(STACK_OVERFLOW) ? 'The variables are nested too deeply' : message;
        return requestFault(text, 'BAD_USER_INPUT', { nodes: nodes ?? null });
      });
    }
    // A nullable variable with a default may stand where a Boolean is required, and a caller may then send null.
    const empty = conditionVariables.filter((name) => name in coerced && coerced[name] === null);
    return empty.map((name) => {
      return requestFault(`Variable "$${name}" decides @skip or @include and must not be null`, 'BAD_USER_INPUT');
    });
  };

  const run: Engine['run'] = async (planned, variables, caller, event) => {
    const fetchSubgraph: ConstructorParameters<typeof PlanRun>[2] = (name, request) => {
      const client = clientOf.get(name);
      if (client === undefined) throw new Error(`no client for the subgraph ${name}`);
      return client.fetch(request, caller);
    };
    const planRun = new PlanRun(planned, supergraphSchema, fetchSubgraph, event);
    try {
      // The executor reads these three; the rest of Apollo's request context exists only behind its own server.
      const context = { request: { variables }, logger, metrics: {} } as unknown as Parameters<
        typeof executeQueryPlan
      >[2];
      const { plan: queryPlan, operationContext, disguised } = planned;
      const result = await executeQueryPlan(
        queryPlan,
        planRun.serviceMap,
        context,
        operationContext,
        supergraphSchema,
        apiSchema,
      );
      for (const err of result.errors ?? []) logger.warn({ err }, 'a response could not be completed');
      const errors = [
        ...planRun.errors,
        ...nullsIn(result).filter(({ path }) => !planRun.explains(path ?? [])),
        ...(result.errors ?? []).map(() => invalid('A service answered with a value that does not fit its type')),
      ].map((error) => undoInError(error, disguised));
      const data = undoInData(result.data ?? null, disguised);
      const unplanned = queryPlan.node === undefined ? unresolvable(data, operationContext) : [];
      if (unplanned.length > 0) return { data: null, errors: unplanned };
      return { data, ...(errors.length > 0 && { errors }) };
    } catch (err) {
      logger.error({ err }, 'an operation failed inside the router');
      return { data: null, errors: [internalFault()] };
    }
  };

  return { schema, sdl: loaded.sdl, plan, checkVariables, run };
}

const invalid = (message: string, path?: GraphQLError['path']): GraphQLError =>
  new GraphQLError(message, { path, extensions: { code: 'SUBGRAPH_INVALID_RESPONSE' } });

/** Values that don't fit their type and nulls where none may be: the executor puts these aside. */
function nullsIn({ extensions }: ExecutionResult): GraphQLError[] {
  const found: unknown = extensions?.valueCompletion;
  if (!Array.isArray(found)) return [];
  return found.flatMap((error) => (error instanceof GraphQLError ? [invalid(error.message, error.path)] : []));
}

/** Fields for which the planner found nothing to fetch: an interface none of whose types its subgraph knows. */
function unresolvable(
  data: Record<string, unknown> | null,
  { operation, fragments }: Plan['operationContext'],
): GraphQLError[] {
  const mayBeNull = new Set<string>();
  for (const definition of [operation, ...Object.values(fragments)]) {
    visit(definition, {
      Field: ({ alias, name }) => {
        if (name.value === '__type') mayBeNull.add((alias ?? name).value);
      },
    });
  }
  return Object.entries(data ?? {}).flatMap(([name, value]) =>
    value === null && !mayBeNull.has(name) ? [invalid(`No service can resolve the field "${name}"`, [name])] : [],
  );
}
