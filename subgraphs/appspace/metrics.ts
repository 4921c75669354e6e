import { lateChunksOf } from '@wheelhouse/kit/sweep-metrics.ts';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export type Metrics = ReturnType<typeof createMetrics>;

/** What Prometheus can ask of the worker. */
export const createMetrics = (registry: Registry) => ({
  requests: new Counter({
    name: 'wheelhouse_appspace_requests_total',
    help: 'Requests to Appspace by path and outcome: the HTTP status, or what was wrong',
    labelNames: ['path', 'outcome'],
    registers: [registry],
  }),
  listingSeconds: new Histogram({
    name: 'wheelhouse_appspace_listing_seconds',
    help: 'How long it took to list all players',
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers: [registry],
  }),
  listedPlayers: new Gauge({
    name: 'wheelhouse_appspace_listed_players',
    help: 'Players in the last list that Appspace gave',
    registers: [registry],
  }),
  looks: new Counter({
    name: 'wheelhouse_appspace_looks_total',
    help: 'Looks at players by outcome: told, couldNotLook',
    labelNames: ['outcome'],
    registers: [registry],
  }),
  lateChunks: lateChunksOf(registry, 'appspace'),
});
