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
    help: 'Readings of a design with all its components by outcome: read, failed',
    labelNames: ['outcome'],
    registers: [registry],
  }),
  values: new Counter({
    name: 'wheelhouse_qsys_values_total',
    help: 'Values of controls by what was done with them: told (by Cores), written',
    labelNames: ['step'],
    registers: [registry],
  }),
});
