import { sweepMetrics } from '@wheelhouse/kit/sweep-metrics.ts';
import { Counter, type Registry } from 'prom-client';

export type Metrics = ReturnType<typeof createMetrics>;

/** What Prometheus can ask of the worker. */
export const createMetrics = (registry: Registry) => ({
  looks: new Counter({
    name: 'wheelhouse_entertainment_looks_total',
    help: 'Looks at pinged devices by outcome: answered, silent, couldNotLook',
    labelNames: ['method', 'outcome'],
    registers: [registry],
  }),
  ...sweepMetrics(registry, 'entertainment'),
});
