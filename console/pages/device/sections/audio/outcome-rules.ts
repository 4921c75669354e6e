import type { SettingsChangePartsFragment } from '../../../../generated/device/sections/audio/graphql.ts';
import type { OutcomeState } from '../settings/change-rules.ts';
import type { Kind, Limits, Reading } from './control-rules.ts';
import { isMute, readingText } from './control-rules.ts';
import { texts } from './texts.ts';

export type Change = SettingsChangePartsFragment;
/** What has become of one control of a change. */
export type Outcome = { change: Change; state: OutcomeState; wanted: Wanted; readBack: ReadBack | null };
/** What was asked for, as the change keeps it: one of the input's fields. */
export type Wanted = Readonly<Record<string, unknown>>;
export type ReadBack = Pick<Reading, 'value' | 'string' | 'position'>;

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

/** The names behind a key, for people. */
export const namesIn = (key: string): string =>
  key
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .join(', ');

function entryOf(json: unknown, key: string): Wanted | null {
  const entry = isRecord(json) && Object.hasOwn(json, key) ? json[key] : null;
  return isRecord(entry) ? entry : null;
}

function readBackOf(change: Change, key: string): ReadBack | null {
  const entry = entryOf(change.readBack, key);
  if (entry === null) return null;
  const { value, string, position } = entry;
  return {
    value: typeof value === 'number' ? value : null,
    string: typeof string === 'string' ? string : null,
    position: typeof position === 'number' ? position : null,
  };
}

const toleranceOf = (limits: Limits | null): number => (limits === null ? 1e-6 : (limits.max - limits.min) * TOLERANCE);

/** Whether what was read of a control is what was wanted of it. What a trigger did can't be read. */
function isAsWanted(wanted: Wanted, readBack: ReadBack | null, limits: Limits | null): boolean {
  const { value, gainDb, delaySeconds, mute, solo, position, text } = wanted;
  if (readBack === null) return false;
  if (typeof text === 'string') return readBack.string === text;
  // A control with steps takes the nearest one.
  if (typeof position === 'number') return readBack.position !== null && Math.abs(readBack.position - position) <= 0.01;
  const isOn = mute ?? solo;
  if (typeof isOn === 'boolean') return readBack.value !== null && readBack.value >= 0.5 === isOn;
  const number = value ?? gainDb ?? delaySeconds;
  return (
    typeof number === 'number' && readBack.value !== null && Math.abs(readBack.value - number) <= toleranceOf(limits)
  );
}

const hasSeveral = (wanted: unknown): boolean => isRecord(wanted) && Object.keys(wanted).length > 1;

/** What has become of a control in a change; null where the change asked nothing of it. Of a mismatch, only those controls did that read otherwise. */
export function outcomeOf(change: Change, key: string, limits: Limits | null, now: number): Outcome | null {
  const wanted = entryOf(change.wanted, key);
  if (wanted === null || change.state === 'PLANNED') return null;
  const readBack = readBackOf(change, key);
  const state = ((): OutcomeState => {
    if (change.state === 'PENDING') return now - Date.parse(change.at) < SENDING_MS ? 'SENDING' : 'PENDING';
    // Of one control alone the service has the say.
    if (change.state !== 'MISMATCH' || !hasSeveral(change.wanted)) return change.state;
    return isAsWanted(wanted, readBack, limits) ? 'APPLIED' : 'MISMATCH';
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

function wantedTextAs(kind: Kind, wanted: Wanted): string {
  if (kind === 'fader' && typeof wanted.value === 'number') return texts.control.decibels(wanted.value);
  if (kind === 'switch' && typeof wanted.mute === 'boolean') return wanted.mute ? texts.control.on : texts.control.off;
  return wantedText(wanted);
}

/** What has become of it, in words. */
export function outcomeText(kind: Kind, { state, wanted, readBack }: Pick<Outcome, 'state' | 'wanted' | 'readBack'>) {
  if (wanted.trigger === true) return texts.trigger.outcomes[state];
  const words = wantedTextAs(kind, wanted);
  if (state !== 'MISMATCH') return texts.outcomes[state](words);
  return texts.outcomes.MISMATCH(words, readBack === null ? texts.control.unknown : readingText(kind, readBack));
}

/** What a control says at present: what was told last, or what was read back after that. */
export function presentReading(reading: Reading, outcome: Outcome | null): Reading {
  const { finishedAt = null } = outcome?.change ?? {};
  const isNewer = finishedAt !== null && Date.parse(finishedAt) > Date.parse(reading.measuredAt);
  const { readBack = null } = outcome ?? {};
  return isNewer && readBack !== null && (readBack.value ?? readBack.string) !== null
    ? { ...reading, ...readBack }
    : reading;
}

/** Whether the control has left what its last change read back, and no change that is known did that. */
export function isMovedSince(reading: Reading, outcome: Outcome | null, limits: Limits | null, now: number): boolean {
  const { readBack = null } = outcome ?? {};
  if (outcome === null || readBack === null || outcome.change.finishedAt === null) return false;
  const at = Date.parse(reading.measuredAt);
  if (at <= Date.parse(outcome.change.finishedAt) || now - at <= HEARSAY_MS) return false;
  if (reading.value === null || readBack.value === null)
    return reading.value === null && readBack.value === null && reading.string !== readBack.string;
  return Math.abs(reading.value - readBack.value) > toleranceOf(limits);
}

/**
 * A value of a change or a plan in words: what was read of a control, or what it was to be set to.
 *
 * @param key of the control
 * @param read what was read of it, which has the unit of what is wanted
 */
export function valueOfControl(key: string, json: unknown, read: unknown): string {
  if (!isRecord(json)) return texts.control.unknown;
  const { value, string, position, mute } = json;
  if ('string' in json) {
    if (typeof string === 'string' && string !== '') return string;
    if (typeof value === 'number') return texts.control.number(value);
    return typeof position === 'number' ? texts.control.percent(position) : texts.control.unknown;
  }
  if (typeof mute === 'boolean' && !isMute(key)) return mute ? texts.control.on : texts.control.off;
  const isLevel = isRecord(read) && /dB$/i.test(String(read.string ?? ''));
  return isLevel && typeof value === 'number' ? texts.control.decibels(value) : wantedText(json);
}
