import { sweepMetrics } from '@wheelhouse/kit/sweep-metrics.ts';
import { Counter, type Registry } from 'prom-client';

export type Metrics = ReturnType<typeof createMetrics>;

/** What Prometheus can ask of the worker. */
export const createMetrics = (registry: Registry) => ({
  looks: new Counter({
    name: 'wheelhouse_fida_looks_total',
    help: 'Looks at displays by outcome: answered, silent, couldNotLook',
    labelNames: ['outcome'],
    registers: [registry],
  }),
  ...sweepMetrics(registry, 'fida'),
});
