import { dateIn } from '../../../../data/zone-rules.ts';
import type {
  DeviceTimelineQuery,
  TimelineSettingsFragment,
} from '../../../../generated/device/sections/timeline/graphql.ts';
import { valueWords } from '../../value-words.ts';

/** Something that happened, with its cursor, which no other has. */
export type Entry = NonNullable<NonNullable<DeviceTimelineQuery['device']>['changes']>['edges'][number];
export type Event = Entry['node'];
export type Change = TimelineSettingsFragment;

/** A setting of a change. Texts are null where nothing is known. */
export type SettingRow = {
  name: string;
  before: string | null;
  wanted: string;
  readBack: string | null;
  /** Whether what was read back is not what was wanted. */
  differs: boolean;
};

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};

/** A value of a setting for people: texts bare, all else as JSON. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(Number(value.toPrecision(6))) : (JSON.stringify(value) ?? '');
}

/** Whether two values are the same, whatever the order of their fields. */
export function isSame(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((each, at) => isSame(each, other[at]));
  const [left, right] = [recordOf(one), recordOf(other)];
  const names = Object.keys(left);
  if (names.length === 0 || names.length !== Object.keys(right).length)
    return Object.is(one, other) || shown(one) === shown(other);
  return names.every((name) => name in right && isSame(left[name], right[name]));
}

/** What a change asked for, by name, with what was before and what was read back. */
export function settingRows({
  wanted,
  before,
  readBack,
  state,
}: Pick<Change, 'wanted' | 'before' | 'readBack' | 'state'>): SettingRow[] {
  const [old, read] = [recordOf(before), recordOf(readBack)];
  const textOf = (name: string, value: unknown): string | null =>
    value === undefined || value === null ? null : valueWords(name, value);
  return Object.entries(recordOf(wanted))
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => ({
      ...{
        name,
        before: textOf(name, old[name]),
        wanted: valueWords(name, value, old[name]),
        readBack: textOf(name, read[name]),
      },
      // A value that was rounded within what the device can hold is APPLIED all the same: it is the graph that judges.
      differs: state === 'MISMATCH' && name in read && !isSame(read[name], value),
    }));
}

const isFired = (value: unknown): boolean => recordOf(value).trigger === true;
/** Whether a change fired triggers, which nobody can take back. */
export const hasTriggers = ({ wanted }: Pick<Change, 'wanted'>): boolean =>
  Object.values(recordOf(wanted)).some(isFired);

/** Whether a change may have changed something, and knows what was before: what else is against taking it back, the graph says. */
export const mayBeUndone = ({ state, before, wanted }: Pick<Change, 'state' | 'before' | 'wanted'>): boolean =>
  (state === 'APPLIED' || state === 'MISMATCH' || state === 'UNREACHABLE') &&
  Object.keys(recordOf(before)).length > 0 &&
  !Object.values(recordOf(wanted)).every(isFired);

/** Of changes, newest first, the ids of those that may be taken back: a later one that set the same settings is in the way. */
export function undoable(changes: readonly Pick<Change, 'id' | 'state' | 'before' | 'wanted'>[]): Set<string> {
  const setSince = new Set<string>();
  const found = new Set<string>();
  for (const change of changes) {
    const names = Object.keys(recordOf(change.wanted));
    if (mayBeUndone(change) && !names.some((name) => setSince.has(name))) found.add(change.id);
    // Of one that nobody could be reached for it is not known whether it set anything: the graph says so where it matters.
    if (['APPLIED', 'MISMATCH', 'PENDING'].includes(change.state)) for (const name of names) setSince.add(name);
  }
  return found;
}

/** Entries under the day on which they were, in their order. */
export function byDay<Each extends { node: { at: string } }>(
  entries: readonly Each[],
  zone: string,
): { day: string; entries: Each[] }[] {
  const days = Map.groupBy(entries, ({ node }) => dateIn(new Date(node.at), zone));
  return [...days].map(([day, each]) => ({ day, entries: each }));
}
