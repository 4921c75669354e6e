import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { SubgraphObserver } from '../subgraphs/data-source.ts';
import { WAITING } from './buckets.ts';

/** For the clients of one supergraph. The breakers shown are those of the last one that asked for it. */
export type SubgraphMetrics = () => Required<Pick<SubgraphObserver, 'onFetch' | 'onRetry' | 'onShared' | 'onBreaker'>>;

/** How subgraphs are asked, and how they answer. */
export function subgraphMetrics(registers: Registry[]): SubgraphMetrics {
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
    buckets: WAITING,
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
  let showsBreakers: symbol | null = null;
  return () => {
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
  };
}
