import type { SampleSource, SampleTables } from '@wheelhouse/kit/sampler.ts';
import { eq, isNull } from 'drizzle-orm';
import { deviceStatuses, devices, sampleMetrics, sampleRuns, sampleSettings, samples } from './tables.ts';

export const sampleTables: SampleTables = { samples, sampleRuns, sampleMetrics, sampleSettings };

/**
 * What is sampled of each device on the hour: what it was called, where it stood, and how it was. So the past is known beyond the
 * status log's retention.
 */
export const sampleSources: readonly SampleSource[] = [
  {
    from: devices,
    join: [{ table: deviceStatuses, on: eq(deviceStatuses.deviceId, devices.id) }],
    where: isNull(devices.removedAt),
    subject: devices.id,
    metrics: {},
    attributes: {
      name: devices.name,
      site: devices.site,
      system: devices.system,
      status: deviceStatuses.status,
    },
  },
];
