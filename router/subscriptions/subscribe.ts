import { IDENTITY_HEADER } from '@wheelhouse/kit/identity.ts';
import { type ExecutionResult, GraphQLError, type GraphQLSchema, getOperationAST, Kind, parse, visit } from 'graphql';
import type { Access } from '../access/access.ts';
import type { Guard } from '../access/rules.ts';
import type { Admit } from '../admission.ts';
import { identityOf, type OperationContext } from '../context.ts';
import type { Engine, Variables } from '../engine.ts';
import type { BoundFetch } from '../execution/bound-plan.ts';
import { planningFault, withoutHttp } from '../faults.ts';
import type { RouterMetrics } from '../metrics.ts';
import type { PreparedOperation } from '../pipeline.ts';
import type { Plan } from '../planner.ts';
import type { Tracing } from '../tracing/stage.ts';
import type { Hub } from './hub.ts';
import type { Subscriber } from './subscriber.ts';
import type { Standing, Upstreams } from './upstream.ts';

/** The argument by which a subscription goes on behind a cursor. */
const CURSOR_ARGUMENT = 'after';

/** What is the same for all who subscribe with one plan. */
type Sharing = {
  id: number;
  /** The variable that holds the cursor; null when none does. */
  cursorVariable: string | null;
  isShareable: boolean;
  /** Whether the operation's own text has a cursor. */
  hasCursor: boolean;
};

/** Whether a subscription field is a log: one that takes no cursor may begin with a state that each subscriber must get. */
const isLog = (schema: GraphQLSchema, field: string): boolean =>
  schema
    .getSubscriptionType()
    ?.getFields()
    [field]?.args.some(({ name }) => name === CURSOR_ARGUMENT) ?? false;

/**
 * How the upstream operation uses a cursor: only of a log, and only where the cursor does nothing else, subscribers with different
 * ones want the same.
 */
function cursorUse(schema: GraphQLSchema, primary: BoundFetch, fetches: readonly BoundFetch[]): Omit<Sharing, 'id'> {
  const document = parse(primary.node.operation);
  const [field] = getOperationAST(document)?.selectionSet.selections ?? [];
  if (field?.kind !== Kind.FIELD || !isLog(schema, field.name.value))
    return { cursorVariable: null, isShareable: false, hasCursor: false };
  const value = field.arguments?.find(({ name }) => name.value === CURSOR_ARGUMENT)?.value;
  if (value === undefined || value.kind === Kind.NULL)
    return { cursorVariable: null, isShareable: true, hasCursor: false };
  if (value.kind !== Kind.VARIABLE) return { cursorVariable: null, isShareable: false, hasCursor: true };
  const cursorVariable = value.name.value;
  let uses = 0;
  visit(document, {
    VariableDefinition: () => false,
    Variable: ({ name }) => {
      if (name.value === cursorVariable) uses += 1;
    },
  });
  const others = fetches.filter(({ node }) => node !== primary.node);
  const isAlone = uses === 1 && !others.some(({ node }) => node.variableUsages?.includes(cursorVariable));
  return { cursorVariable, isShareable: isAlone, hasCursor: false };
}

/**
 * As whom a stream is opened, and as whom what belongs to its events is fetched. Where there are accounts, as somebody who may do what the
 * caller may and has no name, so that all who may do the same share it.
 */
function standingOf(
  access: Access | null,
  caller: OperationContext,
): { standing: Standing; asks: Pick<OperationContext, 'headers' | 'asserted'> } {
  if (access === null || caller.caller == null) {
    const headers = identityOf(caller.headers);
    return { standing: { key: JSON.stringify(headers), headersFor: () => headers }, asks: { headers } };
  }
  const rights = access.rightsOf(caller.caller);
  const { sub, grants } = rights;
  const headersFor = (service: string) => ({ [IDENTITY_HEADER]: access.vouch(rights, service) });
  return {
    standing: { key: JSON.stringify([sub, grants]), headersFor },
    asks: { headers: {}, asserted: rights },
  };
}

export type Subscribe = (
  prepared: PreparedOperation,
  operationName: string | null | undefined,
  variables: Variables,
  caller: OperationContext,
) => Promise<Subscriber | ExecutionResult>;

/**
 * Starts subscriptions: each is planned once, its upstream operation opened in the subgraph that owns the field, or shared with
 * those that asked for the same, and the rest of the plan run for each event.
 *
 * @returns gives the stream, or a result with errors when the subscription can't start
 */
export function createSubscribe(options: {
  engine: Engine;
  /** null where there are no accounts. */
  access: Access | null;
  guard: Guard;
  upstreams: Upstreams;
  hub: Hub;
  metrics: RouterMetrics;
  admit: Admit;
  tracing: Tracing | null;
}): Subscribe {
  const { engine, access, guard, admit, upstreams, hub, metrics, tracing } = options;
  const known = new WeakMap<Plan, Sharing>();
  let planIds = 0;
  const sharingOf = (plan: Plan, primary: BoundFetch): Sharing => {
    const found = known.get(plan);
    if (found !== undefined) return found;
    const made = { id: planIds++, ...cursorUse(engine.schema, primary, plan.fetches) };
    known.set(plan, made);
    return made;
  };
  /** Values of variables in a fixed order, less the cursor's. */
  const pick = (variables: Variables, names: readonly string[], cursor: string | null): Variables =>
    Object.fromEntries(
      names.filter((name) => name !== cursor && Object.hasOwn(variables, name)).map((name) => [name, variables[name]]),
    );

  return async (prepared, operationName, variables, caller) => {
    const startedAt = performance.now();
    const { stage } = caller;
    const ended = (outcome: 'ok' | 'refused'): void => {
      metrics.operation('subscription', outcome, (performance.now() - startedAt) / 1000);
      stage?.endOperation({ type: 'subscription', name: prepared.operation.name?.value, outcome });
    };
    const refuse = (errors: readonly GraphQLError[]): ExecutionResult => {
      ended('refused');
      return { errors: errors.map(withoutHttp) };
    };
    try {
      const { document, operation: asked } = prepared;
      const forbidden = guard(document, asked, caller.caller ?? null);
      if (forbidden.length > 0) return refuse(forbidden);
      const admitted = await admit({ document, operation: asked, variables }, caller);
      if (admitted instanceof GraphQLError) return refuse([admitted]);
      const plan = engine.plan({ ...prepared, operationName }, stage);
      const faults = engine.checkVariables(plan, variables);
      if (faults.length > 0) return refuse(faults);
      const { primary } = plan;
      if (primary === null) throw new Error('the plan of a subscription has no upstream');
      const { id, cursorVariable, isShareable, hasCursor } = sharingOf(plan, primary);
      const { serviceName, operation, operationName: upstreamName, variableUsages = [] } = primary.node;
      const { standing, asks } = standingOf(access, caller);
      const fixed = pick(variables, variableUsages, cursorVariable);
      const after = cursorVariable === null ? null : (variables[cursorVariable] ?? null);
      const defined = (plan.operation.variableDefinitions ?? []).map(({ variable }) => variable.name.value);
      const subscribing = stage?.begin('router.subscribe', { 'router.service': serviceName }) ?? null;
      const place = subscribing?.place ?? null;
      let isOpened = false;
      const stream = hub.subscribe({
        caller: caller.caller ?? null,
        countedAs: caller.countedAs,
        feedKey: JSON.stringify([serviceName, operation, fixed, standing.key]),
        isShareable,
        after: typeof after === 'string' ? after : null,
        replays: hasCursor || typeof after === 'string',
        projectionKey: `${id} ${JSON.stringify(pick(variables, defined, cursorVariable))}`,
        projection: {
          fetchesMore: plan.step !== null,
          process: (events, signal) => {
            const completing = tracing?.event(place, serviceName, events.length) ?? null;
            const results = engine.runEvents(plan, variables, { ...asks, signal, stage: completing }, events);
            completing?.endEvents(results);
            return results;
          },
          onCompleted: metrics.events,
        },
        open: (cursor, sink) => {
          isOpened = true;
          const placed = cursorVariable === null || cursor === null ? {} : { [cursorVariable]: cursor };
          const request = { query: operation, operationName: upstreamName, variables: { ...fixed, ...placed } };
          return upstreams.subscribe(serviceName, request, standing, sink);
        },
      });
      subscribing?.set({ 'router.shared': !isOpened });
      subscribing?.end('message' in stream ? 'refused' : 'ok');
      if ('message' in stream) return refuse([stream]);
      ended('ok');
      return stream;
    } catch (err) {
      return refuse([planningFault(err)]);
    }
  };
}
