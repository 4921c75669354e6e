import { Counter, Histogram, type Registry } from 'prom-client';
import { COMPUTING, COST, WAITING } from './buckets.ts';

export type OperationType = 'query' | 'mutation' | 'subscription' | 'unknown';

export type OperationMetrics = {
  operation: (type: OperationType, outcome: 'ok' | 'errors' | 'refused', seconds: number) => void;
  /** A document that was not kept has been parsed and checked. */
  prepared: (seconds: number) => void;
  plan: (cached: boolean, seconds: number) => void;
  /** What an operation was estimated to cost. */
  cost: (cost: number) => void;
  /** Somebody was told to wait. */
  rateLimited: (what: string) => void;
  /** A query or mutation has been run. */
  executed: (seconds: number) => void;
};

/** What operations go through, stage by stage. */
export function operationMetrics(registers: Registry[]): OperationMetrics {
  const operations = new Counter({
    name: 'router_operations_total',
    help: 'Operations by type and outcome: ok, errors (answered with errors), refused (never run)',
    labelNames: ['type', 'outcome'],
    registers,
  });
  const durations = new Histogram({
    name: 'router_operation_seconds',
    help: 'Time from the arrival of an operation to its answer; for subscriptions, to the opening of the stream',
    labelNames: ['type'],
    buckets: WAITING,
    registers,
  });
  const preparing = new Histogram({
    name: 'router_prepare_seconds',
    help: 'Time to parse, limit and validate a document that was not kept from before',
    buckets: COMPUTING,
    registers,
  });
  const plans = new Counter({
    name: 'router_query_plans_total',
    help: 'Query plans asked of the cache, by result: hit or miss',
    labelNames: ['result'],
    registers,
  });
  const planning = new Histogram({
    name: 'router_plan_seconds',
    help: 'Time to make a query plan that was not in the cache',
    buckets: COMPUTING,
    registers,
  });
  const executing = new Histogram({
    name: 'router_execute_seconds',
    help: 'Time to run the plan of a query or mutation, its requests to subgraphs included',
    buckets: WAITING,
    registers,
  });
  const costs = new Histogram({
    name: 'router_operation_cost',
    help: 'What operations were estimated to cost before they were planned, those that cost too much among them',
    buckets: COST,
    registers,
  });
  const waits = new Counter({
    name: 'router_rate_limited_total',
    help: 'Times that a caller was told to wait, by what it had asked for too much of: operations, cost, work, connections, or field:NAME',
    labelNames: ['what'],
    registers,
  });
  return {
    cost: (cost) => costs.observe(cost),
    rateLimited: (what) => waits.inc({ what }),
    operation: (type, outcome, seconds) => {
      operations.inc({ type, outcome });
      durations.observe({ type }, seconds);
    },
    prepared: (seconds) => preparing.observe(seconds),
    plan: (cached, seconds) => {
      plans.inc({ result: cached ? 'hit' : 'miss' });
      if (!cached) planning.observe(seconds);
    },
    executed: (seconds) => executing.observe(seconds),
  };
}
