import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { type OperationMetrics, operationMetrics } from './metrics/operations.ts';
import { type SubgraphMetrics, subgraphMetrics } from './metrics/subgraphs.ts';
import { type SubscriptionMetrics, subscriptionMetrics } from './metrics/subscriptions.ts';
import type { PlanCacheSize } from './planner.ts';
import { type Census, NOBODY } from './subscriptions/census.ts';

/** What can be seen of one supergraph that is served. */
export type Watched = {
  keptDocuments: () => number;
  planCache: () => PlanCacheSize;
  /** Queries and mutations that run. */
  running: () => number;
  streams: () => Census;
};

/** What the router tells Prometheus. */
export type RouterMetrics = OperationMetrics &
  SubscriptionMetrics & {
    registry: Registry;
    subgraphs: SubgraphMetrics;
    /** Shows what is served: `replaced` once another is served and it only ends what runs, `closed` when it has. */
    watch: (watched: Watched) => { replaced: () => void; closed: () => void };
    /** Shows how many operations wait for others of their caller to end. */
    waiting: (count: () => number) => void;
    reloaded: (outcome: 'done' | 'refused') => void;
    /** The router stops. */
    draining: () => void;
    spans: (outcome: 'sent' | 'failed', count: number) => void;
  };

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** Several of them as one. */
function together(all: readonly Census[]): Census {
  return {
    live: sumOf(all.map(({ live }) => live)),
    catchingUp: sumOf(all.map(({ catchingUp }) => catchingUp)),
    liveUpstreams: sumOf(all.map(({ liveUpstreams }) => liveUpstreams)),
    catchingUpUpstreams: sumOf(all.map(({ catchingUpUpstreams }) => catchingUpUpstreams)),
    kept: sumOf(all.map(({ kept }) => kept)),
    delivered: sumOf(all.map(({ delivered }) => delivered)),
    mostWaiting: Math.max(0, ...all.map(({ mostWaiting }) => mostWaiting)),
  };
}

function servingGauges(registers: Registry[], current: ReadonlySet<Watched>, draining: ReadonlySet<Watched>): void {
  const gauge = (name: string, help: string, look: (served: Watched | undefined) => number): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(look([...current].at(-1)));
      },
    });
  };
  gauge('router_kept_documents', 'Documents kept parsed and checked', (served) => served?.keptDocuments() ?? 0);
  gauge('router_kept_plans', 'Query plans in the cache', (served) => served?.planCache().plans ?? 0);
  gauge('router_kept_plans_bytes', 'Estimated memory of the query plans in the cache, of 64 MiB at most', (served) => {
    return served?.planCache().bytes ?? 0;
  });
  gauge('router_operations_running', 'Queries and mutations that run', () => {
    return sumOf([...current, ...draining].map(({ running }) => running()));
  });
  gauge('router_supergraphs_draining', 'Supergraphs that were replaced and whose operations have not all ended', () => {
    return draining.size;
  });
}

export function createRouterMetrics(): RouterMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const current = new Set<Watched>();
  const replaced = new Set<Watched>();
  let deliveredBefore = 0;
  const census = (): Census =>
    together([...[...current, ...replaced].map(({ streams }) => streams()), { ...NOBODY, delivered: deliveredBefore }]);
  const reloads = new Counter({
    name: 'router_supergraph_reloads_total',
    help: 'Supergraphs given in the place of the one that was served, by outcome: done or refused',
    labelNames: ['outcome'],
    registers,
  });
  const draining = new Gauge({
    name: 'router_draining',
    help: 'Whether the router stops: 1 while it takes nothing new and lets what runs come to its end',
    registers,
  });
  const spans = new Counter({
    name: 'router_spans_total',
    help: 'Spans for OpenTelemetry by outcome: sent, or failed (the collector did not take them)',
    labelNames: ['outcome'],
    registers,
  });
  servingGauges(registers, current, replaced);
  let countWaiting = (): number => 0;
  new Gauge({
    name: 'router_operations_waiting',
    help: 'Operations that wait until others of the same caller have ended',
    registers,
    collect() {
      this.set(countWaiting());
    },
  });
  return {
    registry,
    ...operationMetrics(registers),
    ...subscriptionMetrics(registers, census),
    subgraphs: subgraphMetrics(registers),
    watch: (shown) => {
      current.add(shown);
      return {
        replaced: () => {
          if (current.delete(shown)) replaced.add(shown);
        },
        closed: () => {
          if (current.delete(shown) || replaced.delete(shown)) deliveredBefore += shown.streams().delivered;
        },
      };
    },
    waiting: (count) => {
      countWaiting = count;
    },
    reloaded: (outcome) => reloads.inc({ outcome }),
    draining: () => draining.set(1),
    spans: (outcome, count) => spans.inc({ outcome }, count),
  };
}
