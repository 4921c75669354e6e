import type { SampleSource, SampleTables } from '@wheelhouse/kit/sampler.ts';
import { eq } from 'drizzle-orm';
import { displays, sampleMetrics, sampleRuns, sampleSettings, samples, targets } from './tables.ts';

export const sampleTables: SampleTables = { samples, sampleRuns, sampleMetrics, sampleSettings };

/** What is sampled of each display on the hour: what it said last, within the hour before. */
export const sampleSources: readonly SampleSource[] = [
  {
    from: displays,
    join: [{ table: targets, on: eq(targets.deviceId, displays.deviceId) }],
    where: eq(targets.removed, false),
    measuredAt: displays.measuredAt,
    subject: displays.deviceId,
    metrics: {
      brightnessPercent: { column: displays.brightnessPercent, unit: '%' },
      temperatureCelsius: { column: displays.temperatureCelsius, unit: '°C' },
      backlightHours: { column: displays.backlightHours, unit: 'h' },
      ambientLightLux: { column: displays.ambientLightLux, unit: 'lx' },
      roundTripMs: { column: displays.roundTripMs, unit: 'ms' },
    },
    attributes: {
      power: displays.power,
      inputSource: displays.inputSource,
      signalPresent: displays.signalPresent,
      firmware: displays.firmware,
      profile: displays.profile,
    },
    settings: ['power', 'brightnessPercent', 'inputSource'],
  },
];
