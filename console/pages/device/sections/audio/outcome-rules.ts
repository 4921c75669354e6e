import type { AudioChangePartsFragment } from '../../../../generated/device/sections/audio/graphql.ts';
import type { OutcomeState } from '../settings/change-rules.ts';
import type { Kind, Limits, Reading } from './control-rules.ts';
import { readingText } from './control-rules.ts';
import { texts } from './texts.ts';

export type Change = AudioChangePartsFragment;
/** What has become of one control of a change. */
export type Outcome = { change: Change; state: OutcomeState; wanted: Wanted; readBack: ReadBack | null };
/** What was asked for, as the change keeps it: one of the input's fields. */
export type Wanted = Readonly<Record<string, unknown>>;
export type ReadBack = Pick<Reading, 'value' | 'string'>;

/** As long as a display's: what is open for longer waits for something. */
const SENDING_MS = 20_000;
/** A read value is what was asked for within this part of the range (docs/graph.md). */
const TOLERANCE = 1 / 1000;
/** For so long a move may belong to a change that the page has yet to hear of. */
const HEARSAY_MS = 6_000;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const escaped = (part: string): string => part.replaceAll('~', '~0').replaceAll('/', '~1');

/** Under what a control stands in `wanted`, `before` and `readBack` (docs/graph.md). */
export const keyOf = (component: string, name: string): string => `${escaped(component)}/${escaped(name)}`;

function entryOf(json: unknown, key: string): Wanted | null {
  const entry = isRecord(json) && Object.hasOwn(json, key) ? json[key] : null;
  return isRecord(entry) ? entry : null;
}

function readBackOf(change: Change, key: string): ReadBack | null {
  const entry = entryOf(change.readBack, key);
  if (entry === null) return null;
  const { value, string } = entry;
  return { value: typeof value === 'number' ? value : null, string: typeof string === 'string' ? string : null };
}

const toleranceOf = (limits: Limits | null): number => (limits === null ? 1e-6 : (limits.max - limits.min) * TOLERANCE);

/** The value that a wish comes to; null where it is not given as one. */
function wantedValue({ value, gainDb, mute, position }: Wanted, limits: Limits | null): number | null {
  if (typeof mute === 'boolean') return mute ? 1 : 0;
  if (typeof value === 'number') return value;
  if (typeof gainDb === 'number') return gainDb;
  return typeof position === 'number' && limits !== null ? limits.min + position * (limits.max - limits.min) : null;
}

/** What has become of a control in a change; null where the change asked nothing of it. Of a mismatch, only those controls did that read otherwise. */
export function outcomeOf(change: Change, key: string, limits: Limits | null, now: number): Outcome | null {
  const wanted = entryOf(change.wanted, key);
  if (wanted === null || change.state === 'PLANNED') return null;
  const readBack = readBackOf(change, key);
  const state = ((): OutcomeState => {
    if (change.state === 'PENDING') return now - Date.parse(change.at) < SENDING_MS ? 'SENDING' : 'PENDING';
    if (change.state !== 'MISMATCH') return change.state;
    const value = wantedValue(wanted, limits);
    const isAsWanted =
      value !== null && typeof readBack?.value === 'number' && Math.abs(readBack.value - value) <= toleranceOf(limits);
    return isAsWanted ? 'APPLIED' : 'MISMATCH';
  })();
  return { change, state, wanted, readBack };
}

/** The last change that asked something of each control. @param changes newest first */
export function lastChanges(changes: readonly Change[]): ReadonlyMap<string, Change> {
  const last = new Map<string, Change>();
  for (const change of changes)
    if (isRecord(change.wanted) && change.state !== 'PLANNED')
      for (const key of Object.keys(change.wanted)) if (!last.has(key)) last.set(key, change);
  return last;
}

/** What was asked for, in words. */
export function wantedText(wanted: Wanted): string {
  const { value, gainDb, delaySeconds, mute, solo, position, text } = wanted;
  if (typeof mute === 'boolean') return mute ? texts.control.muted : texts.control.unmuted;
  if (typeof solo === 'boolean') return solo ? texts.control.on : texts.control.off;
  if (typeof gainDb === 'number') return texts.control.decibels(gainDb);
  if (typeof delaySeconds === 'number') return texts.control.seconds(delaySeconds);
  if (typeof position === 'number') return texts.control.percent(position);
  if (typeof text === 'string') return `“${text}”`;
  return typeof value === 'number' ? texts.control.number(value) : texts.control.fired;
}

const wantedTextAs = (kind: Kind, wanted: Wanted): string =>
  kind === 'fader' && typeof wanted.value === 'number' ? texts.control.decibels(wanted.value) : wantedText(wanted);

/** What has become of it, in words. */
export function outcomeText(kind: Kind, { state, wanted, readBack }: Pick<Outcome, 'state' | 'wanted' | 'readBack'>) {
  const words = wantedTextAs(kind, wanted);
  if (state !== 'MISMATCH') return texts.outcomes[state](words);
  return texts.outcomes.MISMATCH(words, readBack === null ? texts.control.unknown : readingText(kind, readBack));
}

/** What a control says at present: what was told last, or what was read back after that. */
export function presentReading(reading: Reading, outcome: Outcome | null): Reading {
  const { finishedAt = null } = outcome?.change ?? {};
  const isNewer = finishedAt !== null && Date.parse(finishedAt) > Date.parse(reading.measuredAt);
  return isNewer && typeof outcome?.readBack?.value === 'number' ? { ...reading, ...outcome.readBack } : reading;
}

/** Whether the control has left what its last change read back, and no change that is known did that. */
export function isMovedSince(reading: Reading, outcome: Outcome | null, limits: Limits | null, now: number): boolean {
  const readBack = outcome?.readBack?.value ?? null;
  if (outcome === null || readBack === null || reading.value === null || outcome.change.finishedAt === null)
    return false;
  const at = Date.parse(reading.measuredAt);
  const isAfter = at > Date.parse(outcome.change.finishedAt) && now - at > HEARSAY_MS;
  return isAfter && Math.abs(reading.value - readBack) > toleranceOf(limits);
}
