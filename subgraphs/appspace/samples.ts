import type { SampleSource, SampleTables } from '@wheelhouse/kit/sampler.ts';
import { eq } from 'drizzle-orm';
import { players, sampleMetrics, sampleRuns, sampleSettings, samples, targets } from './tables.ts';

export const sampleTables: SampleTables = { samples, sampleRuns, sampleMetrics, sampleSettings };

/** What is sampled of each player on the hour: what Appspace last told of it, within the hour before. Players have no numbers. */
export const sampleSources: readonly SampleSource[] = [
  {
    from: players,
    join: [{ table: targets, on: eq(targets.deviceId, players.deviceId) }],
    where: eq(targets.removed, false),
    measuredAt: players.measuredAt,
    subject: players.deviceId,
    metrics: {},
    attributes: {
      playerState: players.state,
      channelName: players.channelName,
      onAir: players.onAir,
      playerVersion: players.playerVersion,
    },
  },
];
