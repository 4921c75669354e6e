import type { SampleSource, SampleTables } from '@wheelhouse/kit/sampler.ts';
import { eq } from 'drizzle-orm';
import { cores, sampleMetrics, sampleRuns, sampleSettings, samples, targets } from './tables.ts';

export const sampleTables: SampleTables = { samples, sampleRuns, sampleMetrics, sampleSettings };

/** What is sampled of each Core on the hour: what it said last, within the hour before. */
export const sampleSources: readonly SampleSource[] = [
  {
    from: cores,
    join: [{ table: targets, on: eq(targets.deviceId, cores.deviceId) }],
    where: eq(targets.removed, false),
    measuredAt: cores.measuredAt,
    subject: cores.deviceId,
    metrics: {
      roundTripMs: { column: cores.roundTripMs, unit: 'ms' },
    },
    attributes: {
      engineState: cores.engineState,
      designName: cores.designName,
      platform: cores.platform,
    },
  },
];
