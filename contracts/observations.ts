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

/** A look that has no answer. A device that was not looked at is not silent: the two never share a value. */
export type Unanswered =
  | { kind: 'silent'; detail: string }
  | { kind: 'couldNotLook'; cause: { code: string; text: string } };

const PROBLEM_CHARACTERS = 300;

/** Why a look has no answer, for people; null when it has one. */
export function problemOf(look: { kind: 'answered' } | Unanswered): string | null {
  if (look.kind === 'answered') return null;
  const problem = look.kind === 'silent' ? look.detail : `${look.cause.code}: ${look.cause.text}`;
  // It may quote what came over the network, and PostgreSQL refuses a whole chunk for one NUL or half a character in it.
  return problem
    .replace(/\p{Cc}+/gu, ' ')
    .slice(0, PROBLEM_CHARACTERS)
    .toWellFormed();
}

/** What the status engine is told of a look without an answer. */
export const findingOfUnanswered = (look: Unanswered): Finding => ({
  kind: look.kind === 'silent' ? 'SILENT' : 'COULD_NOT_LOOK',
  detail: problemOf(look) ?? '',
});

/**
 * The job that tells the status engine what one chunk of a system's sweep found; none where it found nothing. Its id makes it one job, however
 * often the chunk's own is run.
 */
export const observationJobs = (
  system: string,
  chunk: { slotMs: number; keys: readonly string[] },
  observations: Observation[],
): { id: string; payload: Observations }[] =>
  observations.length === 0
    ? []
    : [
        {
          id: `${system}-${chunk.slotMs}-${chunk.keys[0] || 'first'}`,
          payload: { slotMs: chunk.slotMs, observations },
        },
      ];
