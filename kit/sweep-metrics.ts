import { Counter, Histogram, type Registry } from 'prom-client';

export type SweepMetrics = ReturnType<typeof sweepMetrics>;

/** What Prometheus can ask of a service's sweep; the counter of its looks is the service's own, since it knows what they find. */
export const sweepMetrics = (registry: Registry, service: string) => ({
  lateness: new Histogram({
    name: `wheelhouse_${service}_look_lateness_seconds`,
    help: 'How long after its place in the slot a look began',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 15, 60],
    registers: [registry],
  }),
  lateChunks: lateChunksOf(registry, service),
});

/** The same of a service whose looks have no places of their own. */
export const lateChunksOf = (registry: Registry, service: string) =>
  new Counter({
    name: `wheelhouse_${service}_late_chunks_total`,
    help: 'Chunks that were left out because their slot was over',
    registers: [registry],
  });
