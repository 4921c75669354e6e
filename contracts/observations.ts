import { z } from 'zod';

/** The queue on which every system tells the status engine what its probes found. */
export const OBSERVATIONS_QUEUE = 'observations';

/** What one probe found. "It did not answer" and "we could not look" never share a value. */
export const findingShape = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('ANSWERED'),
    /** What is wrong with the device by its own account, for people; empty when all is well. */
    problems: z.array(z.string()),
  }),
  z.object({ kind: z.literal('SILENT'), detail: z.string() }),
  z.object({ kind: z.literal('COULD_NOT_LOOK'), detail: z.string() }),
]);

export const observationsShape = z.object({
  /** When the sweep was due, as milliseconds since the epoch: misses are counted by slot. */
  slotMs: z.number(),
  observations: z.array(
    z.object({
      deviceId: z.string(),
      /** When the device was looked at, as milliseconds since the epoch. */
      atMs: z.number(),
      finding: findingShape,
    }),
  ),
});

export type Finding = z.infer<typeof findingShape>;
export type Observations = z.infer<typeof observationsShape>;
export type Observation = Observations['observations'][number];
