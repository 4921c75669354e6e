import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import type { Sealer } from './sealed.ts';
import type { SettingsValues } from './settings-changes.ts';
import type { SettingsChangeRow } from './settings-requests.ts';

/** How long a plan may be applied. */
export const PLAN_VALID_MS = 15 * 60_000;
/** For whom plans are sealed, so that no other sealed text is taken for one. */
const OWNER = 'settings plan';
/** Room for 50 texts of 1,000 characters each, wanted, found and expected, packed and sealed: twice of what these take. */
const MAX_ID_CHARACTERS = 2_000_000;

const values = z.record(z.string(), z.unknown());
const planShape = z.object({
  /** Told from every other plan by this. */
  nonce: z.string(),
  subject: z.string(),
  sent: values,
  kept: values,
  /** What the values were when the plan was made, as far as that was known. */
  before: values,
  /** What the caller took the values for. */
  expected: values,
  settingsVersion: z.number(),
  reason: z.string().nullable(),
  undoes: z.string().nullable(),
  expiresAtMs: z.number(),
});

/** A dry run as it was made: what it would have asked for, and the state for which it holds. */
export type Plan = z.infer<typeof planShape>;

/** A list of days says the same again and again: two years of one, 110 KB of text, are 4 KB when they are packed and sealed. */
const pack = (plan: Plan): string => deflateRawSync(JSON.stringify(plan)).toString('base64');
const unpack = (packed: string): unknown => JSON.parse(inflateRawSync(Buffer.from(packed, 'base64')).toString());

/** The plan as a text that only we can read, and that nobody can alter: it is kept nowhere else. */
export function sealPlan(
  sealer: Sealer,
  plan: Omit<Plan, 'nonce' | 'expiresAtMs'>,
  now: Date,
): { id: string; expiresAt: Date } {
  const expiresAtMs = now.getTime() + PLAN_VALID_MS;
  const id = sealer.seal(pack({ ...plan, nonce: randomUUID(), expiresAtMs }), OWNER);
  return { id, expiresAt: new Date(expiresAtMs) };
}

/** The plan with this id, also one that is over; null when it is none of ours. */
export function openPlan(sealer: Sealer, id: string): Plan | null {
  if (id.length > MAX_ID_CHARACTERS) return null;
  let opened: unknown;
  try {
    // What opens was packed by us.
    opened = unpack(String(sealer.open(id, OWNER)));
  } catch {
    return null;
  }
  return planShape.safeParse(opened).data ?? null;
}

/** The idempotency key of a plan: applied twice, it is answered with the first outcome. */
export const planKey = ({ nonce }: Plan): string => `plan ${nonce}`;

/** What is no longer as it was when a plan was made, for people; empty when nothing moved. */
export const movedSince = (planned: SettingsValues, present: SettingsValues): string[] =>
  Object.keys(planned)
    .filter((name) => !isDeepStrictEqual(planned[name], present[name] ?? null))
    .map((name) => `${name} was ${JSON.stringify(planned[name])}, and is ${JSON.stringify(present[name] ?? null)}`);

/**
 * What becomes of the subject's changes that have not come to their end when a change of these values is made, for people.
 *
 * @param open in the order in which they run
 */
export const effectsOnOpen = (
  open: readonly Pick<SettingsChangeRow, 'id' | 'state' | 'wanted'>[],
  wanted: SettingsValues,
): string[] =>
  open.map((change) => {
    const isSuperseded = change.state === 'PENDING' && Object.keys(change.wanted).every((name) => name in wanted);
    return isSuperseded
      ? `it supersedes the change ${change.id}, which is not begun`
      : `it waits for the change ${change.id}, which has not come to its end`;
  });
