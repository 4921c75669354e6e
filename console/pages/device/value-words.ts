import { nameForPeople } from '../../data/names.ts';
import { namesIn, valueOfControl } from './sections/audio/outcome-rules.ts';
import { differencesOf } from './sections/settings/change-rules.ts';
import type { HoursException, OpeningHours } from './sections/settings/hours-rules.ts';
import { texts } from './sections/settings/texts.ts';

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isWindow = (value: unknown): boolean =>
  isRecord(value) && typeof value.on === 'string' && typeof value.off === 'string';
const isHours = (value: unknown): value is OpeningHours[] =>
  Array.isArray(value) && value.every((each) => isWindow(each) && typeof each.weekday === 'string');
const isExceptions = (value: unknown): value is HoursException[] =>
  Array.isArray(value) &&
  value.every(
    (each) =>
      isRecord(each) && typeof each.date === 'string' && Array.isArray(each.windows) && each.windows.every(isWindow),
  );

/** What is wanted or read of a control of a Core (docs/graph.md). */
const CONTROL_FIELDS = ['value', 'string', 'position', 'mute', 'solo', 'text', 'trigger', 'gainDb', 'delaySeconds'];
const isControl = (value: unknown): boolean => isRecord(value) && CONTROL_FIELDS.some((field) => field in value);

/** A setting's name for people: that of a control is made of two. */
export const settingWords = (name: string): string => (name.includes('/') ? namesIn(name) : nameForPeople(name, null));

/**
 * A value of a setting for people, whatever system it is of; as JSON where it is nothing that is known here.
 *
 * @param read what was read of the same setting, which tells the unit of what is wanted
 */
export function valueWords(name: string, value: unknown, read: unknown = null): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(Number(value.toPrecision(6)));
  if ((name === 'hoursOfOperation' && isHours(value)) || (name === 'hoursExceptions' && isExceptions(value)))
    return (
      differencesOf(name, [], value)
        .map(({ part, after }) => `${part} ${after}`)
        .join('; ') || texts.hours.noWindows
    );
  return isControl(value) ? valueOfControl(name, value, read) : (JSON.stringify(value) ?? '');
}
