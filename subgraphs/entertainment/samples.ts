import type { SampleSource, SampleTables } from '@wheelhouse/kit/sampler.ts';
import { eq } from 'drizzle-orm';
import { pinged, sampleMetrics, sampleRuns, sampleSettings, samples, targets } from './tables.ts';

export const sampleTables: SampleTables = { samples, sampleRuns, sampleMetrics, sampleSettings };

/** What is sampled of each device on the hour: what the last look that could be taken found, within the hour before. */
export const sampleSources: readonly SampleSource[] = [
  {
    from: pinged,
    join: [{ table: targets, on: eq(targets.deviceId, pinged.deviceId) }],
    where: eq(targets.removed, false),
    measuredAt: pinged.measuredAt,
    subject: pinged.deviceId,
    metrics: {
      roundTripTimeMs: { column: pinged.roundTripTimeMs, unit: 'ms' },
      lossRatio: { column: pinged.lossRatio, unit: null },
    },
    attributes: {},
  },
];
