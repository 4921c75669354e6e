import type { Reading } from './control-rules.ts';
import type { Change, Outcome, Wanted } from './outcome-rules.ts';
import type { Expected, Wish } from './use-sender.ts';

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What the graph takes as an expected text (subgraphs/qsys/settings-rules.ts). */
const MAX_EXPECTED_TEXT = 1_000;

/** What a control is taken for when it is set in this way, by what it says; null where that can't be said. */
export function expectedOf(wanted: Wish['wanted'], { value, string, position }: Reading): Expected | null {
  if ('value' in wanted) return value === null ? null : { value };
  if ('mute' in wanted) return value === null ? null : { mute: value !== 0 };
  if ('position' in wanted) return position === null ? null : { position };
  if ('text' in wanted)
    return string === null || string.length >= MAX_EXPECTED_TEXT || /\p{Cc}/u.test(string) ? null : { text: string };
  return null;
}

/** What a control was to be set to, as the input of another change; null for a trigger, which is not fired again by itself. */
export function wishOf({ value, gainDb, delaySeconds, mute, solo, position, text }: Wanted): Wish['wanted'] | null {
  const number = value ?? gainDb ?? delaySeconds;
  if (typeof number === 'number') return { value: number };
  if (typeof position === 'number') return { position };
  const isOn = mute ?? solo;
  if (typeof isOn === 'boolean') return { mute: isOn };
  return typeof text === 'string' ? { text } : null;
}

/** Whether there is something to send again: it has come to its end, and did not take. */
export const canSendAgain = ({ state, wanted }: Pick<Outcome, 'state' | 'wanted'>): boolean =>
  ['MISMATCH', 'UNREACHABLE', 'REJECTED'].includes(state) && wishOf(wanted) !== null;

/**
 * Whether a change can be taken back, as the service would see it: it may have changed something, it is known what was before, and of none of
 * its controls is a later change known. What a trigger did can't be taken back.
 */
export function canUndo(change: Change, last: ReadonlyMap<string, Pick<Change, 'id'>>): boolean {
  const { state, wanted, before } = change;
  if (!['APPLIED', 'MISMATCH', 'UNREACHABLE'].includes(state) || !isRecord(wanted) || !isRecord(before)) return false;
  return Object.entries(wanted).every(
    ([key, value]) =>
      isRecord(value) && !('trigger' in value) && isRecord(before[key]) && last.get(key)?.id === change.id,
  );
}
