import type { ExecutionResult, GraphQLError } from 'graphql';
import type { RouterContext } from './context.ts';
import type { Engine, Variables } from './engine.ts';
import { EventStream } from './event-stream.ts';
import { planningFault, withoutHttp } from './faults.ts';
import type { RouterMetrics } from './metrics.ts';
import type { PreparedOperation } from './pipeline.ts';
import type { SubgraphResponse } from './subgraph-response.ts';
import type { Upstreams } from './upstream.ts';

/** Events of one subscription whose other fields are fetched at the same time: enough to hide a round trip, few enough to be fair. */
const EVENTS_IN_PARALLEL = 8;

/**
 * Starts a subscription: planned once, its upstream operation opened in the subgraph that owns the field, and the rest of the plan
 * run for each event.
 *
 * @returns the stream, or a result with errors when the subscription can't start
 */
export function subscribeTo(
  options: { engine: Engine; upstreams: Upstreams; metrics: RouterMetrics; subscriptionQueue: number },
  prepared: PreparedOperation,
  operationName: string | null | undefined,
  variables: Variables,
  caller: RouterContext,
): EventStream<SubgraphResponse, ExecutionResult> | ExecutionResult {
  const { engine, upstreams, metrics } = options;
  const startedAt = performance.now();
  const refuse = (errors: readonly GraphQLError[]): ExecutionResult => {
    metrics.operation('subscription', 'refused', (performance.now() - startedAt) / 1000);
    return { errors: errors.map(withoutHttp) };
  };
  try {
    const plan = engine.plan({ ...prepared, operationName });
    const faults = engine.checkVariables(plan, variables);
    if (faults.length > 0) return refuse(faults);
    if (plan.primary === null) throw new Error('the plan of a subscription has no upstream');
    const { node } = plan.primary;
    const used = (node.variableUsages ?? []).filter((name) => Object.hasOwn(variables, name));
    const stream = new EventStream<SubgraphResponse, ExecutionResult>({
      open: (sink) => {
        const free = upstreams.subscribe(
          node.serviceName,
          {
            query: node.operation,
            operationName: node.operationName,
            variables: Object.fromEntries(used.map((name) => [name, variables[name]])),
          },
          caller.headers,
          sink,
        );
        metrics.subscriptionOpened();
        return () => {
          free();
          metrics.subscriptionClosed();
        };
      },
      process: async (event, signal) => {
        metrics.event();
        return engine.runEvent(plan, variables, { headers: caller.headers, signal }, event);
      },
      capacity: options.subscriptionQueue,
      parallel: EVENTS_IN_PARALLEL,
    });
    metrics.operation('subscription', 'ok', (performance.now() - startedAt) / 1000);
    return stream;
  } catch (err) {
    return refuse([planningFault(err)]);
  }
}
