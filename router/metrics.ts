import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { SubgraphObserver } from './data-source.ts';
import type { EndReason } from './subscriptions/subscriber.ts';

export type OperationType = 'query' | 'mutation' | 'subscription' | 'unknown';

/** What the router tells Prometheus. */
export type RouterMetrics = {
  registry: Registry;
  operation: (type: OperationType, outcome: 'ok' | 'errors' | 'refused', seconds: number) => void;
  plan: (cached: boolean) => void;
  /** For the clients of one supergraph. The breakers shown are those of the last one that asked for it. */
  subgraphs: () => Required<Pick<SubgraphObserver, 'onFetch' | 'onRetry' | 'onShared' | 'onBreaker'>>;
  subscriptionOpened: () => void;
  subscriptionEnded: (reason: EndReason) => void;
  /** Events were completed for one selection, however many share it. */
  events: (count: number) => void;
  reloaded: (outcome: 'done' | 'refused') => void;
};

const BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function createRouterMetrics(): RouterMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
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
    buckets: BUCKETS,
    registers,
  });
  const plans = new Counter({
    name: 'router_query_plans_total',
    help: 'Query plans asked of the cache, by result: hit or miss',
    labelNames: ['result'],
    registers,
  });
  const fetches = new Counter({
    name: 'router_subgraph_fetches_total',
    help: 'Requests to subgraphs by service and outcome, each counted once with all its tries',
    labelNames: ['service', 'outcome'],
    registers,
  });
  const fetchDurations = new Histogram({
    name: 'router_subgraph_fetch_seconds',
    help: 'Time of requests to subgraphs, the wait for a connection and all tries included',
    labelNames: ['service'],
    buckets: BUCKETS,
    registers,
  });
  const retries = new Counter({
    name: 'router_subgraph_retries_total',
    help: 'Queries sent to a subgraph once more after they failed, by service',
    labelNames: ['service'],
    registers,
  });
  const deduplicated = new Counter({
    name: 'router_subgraph_deduplicated_total',
    help: 'Queries that were not sent because the same one of the same caller was under way, by service',
    labelNames: ['service'],
    registers,
  });
  const breakers = new Gauge({
    name: 'router_subgraph_breaker_state',
    help: 'Whether a service is asked: 0 closed (it is), 1 half open (one request tries it), 2 open (it is not)',
    labelNames: ['service'],
    registers,
  });
  const open = new Gauge({ name: 'router_subscriptions_open', help: 'Subscriptions that are open', registers });
  const ends = new Counter({
    name: 'router_subscriptions_ended_total',
    help: 'Subscriptions that have ended, by reason',
    labelNames: ['reason'],
    registers,
  });
  const events = new Counter({
    name: 'router_subscription_events_total',
    help: 'Events completed, once for all subscribers that share a selection',
    registers,
  });
  const reloads = new Counter({
    name: 'router_supergraph_reloads_total',
    help: 'Supergraphs given in the place of the one that was served, by outcome: done or refused',
    labelNames: ['outcome'],
    registers,
  });
  let showsBreakers: symbol | null = null;
  return {
    registry,
    operation: (type, outcome, seconds) => {
      operations.inc({ type, outcome });
      durations.observe({ type }, seconds);
    },
    plan: (cached) => plans.inc({ result: cached ? 'hit' : 'miss' }),
    subgraphs: () => {
      breakers.reset();
      const shown = Symbol('these clients');
      showsBreakers = shown;
      return {
        onFetch: (service, outcome, seconds) => {
          fetches.inc({ service, outcome });
          if (outcome !== 'refused') fetchDurations.observe({ service }, seconds);
        },
        onRetry: (service) => retries.inc({ service }),
        onShared: (service) => deduplicated.inc({ service }),
        onBreaker: (service, phase) => {
          if (showsBreakers === shown) breakers.set({ service }, { closed: 0, halfOpen: 1, open: 2 }[phase]);
        },
      };
    },
    subscriptionOpened: () => open.inc(),
    subscriptionEnded: (reason) => {
      open.dec();
      ends.inc({ reason });
    },
    events: (count) => events.inc(count),
    reloaded: (outcome) => reloads.inc({ outcome }),
  };
}
