import { z } from 'zod';

/** The queue on which a service is told which of its samples are archived for good, and need be kept no longer. */
export const samplesSealedQueue = (service: string): string => `samples-sealed-${service}`;

/** What the archive has of a service's samples. A service removes what all three of these allow, and never more. */
export const sealedSamplesShape = z.object({
  /** The epoch of the samples' log that was read: another database's has another one, and keeps its samples. */
  epoch: z.string(),
  /** The archive has all rows up to this position, itself among them. */
  throughPosition: z.number().int().nonnegative(),
  /** Samples of hours from this instant on stay. RFC 3339, UTC. */
  before: z.iso.datetime(),
});

export type SealedSamples = z.infer<typeof sealedSamplesShape>;
