import type { SampleSource, SampleTables } from '@wheelhouse/kit/sampler.ts';
import { eq } from 'drizzle-orm';
import { lights, sampleMetrics, sampleRuns, sampleSettings, samples, targets } from './tables.ts';

export const sampleTables: SampleTables = { samples, sampleRuns, sampleMetrics, sampleSettings };

/** What is sampled of each light on the hour: what it answered last, within the hour before. */
export const sampleSources: readonly SampleSource[] = [
  {
    from: lights,
    join: [{ table: targets, on: eq(targets.deviceId, lights.deviceId) }],
    where: eq(targets.removed, false),
    measuredAt: lights.measuredAt,
    subject: lights.deviceId,
    metrics: { roundTripMs: { column: lights.roundTripMs, unit: 'ms' } },
    attributes: {},
  },
];
