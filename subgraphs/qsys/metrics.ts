import { Counter, Histogram, type Registry } from 'prom-client';

export type Metrics = ReturnType<typeof createMetrics>;

/** What Prometheus can ask of the worker. */
export const createMetrics = (registry: Registry) => ({
  looks: new Counter({
    name: 'wheelhouse_qsys_looks_total',
    help: 'Looks at Cores by outcome: answered, silent, couldNotLook',
    labelNames: ['outcome'],
    registers: [registry],
  }),
  lateness: new Histogram({
    name: 'wheelhouse_qsys_look_lateness_seconds',
    help: 'How long after its place in the slot a look began',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 15, 60],
    registers: [registry],
  }),
  lateChunks: new Counter({
    name: 'wheelhouse_qsys_late_chunks_total',
    help: 'Chunks of Cores that were left out because their slot was over',
    registers: [registry],
  }),
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
