import { sweepMetrics } from '@wheelhouse/kit/sweep-metrics.ts';
import { Counter, type Registry } from 'prom-client';

export type Metrics = ReturnType<typeof createMetrics>;

/** What Prometheus can ask of the worker. */
export const createMetrics = (registry: Registry) => ({
  looks: new Counter({
    name: 'wheelhouse_qsys_looks_total',
    help: 'Looks at Cores by outcome: answered, silent, couldNotLook',
    labelNames: ['outcome'],
    registers: [registry],
  }),
  ...sweepMetrics(registry, 'qsys'),
  designReads: new Counter({
    name: 'wheelhouse_qsys_design_reads_total',
    help: 'Readings of a design with all its components, or of what has changed in it, by outcome: read (as a whole), failed',
    labelNames: ['outcome'],
    registers: [registry],
  }),
});
