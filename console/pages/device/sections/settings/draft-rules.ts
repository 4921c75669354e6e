import type { DisplaySettingsQuery } from '../../../../generated/device/sections/settings/graphql.ts';
import {
  type HoursException,
  hoursOf,
  mapWeek,
  type OpeningHours,
  parseWindows,
  printWindows,
  WEEKDAYS,
  type Week,
  type Weekday,
  type Window,
  weekFaults,
  weekOf,
} from './hours-rules.ts';

export const SETTINGS = ['power', 'brightnessPercent', 'inputSource', 'hoursOfOperation', 'hoursExceptions'] as const;
export type SettingName = (typeof SETTINGS)[number];

export type Display = Extract<NonNullable<DisplaySettingsQuery['device']>, { __typename: 'FidaDisplay' }>;
export type Settable = NonNullable<Display['settable']>[number];

/** What holds at present; null is what is not known, or cannot be. */
export type DisplayValues = {
  power: 'ON' | 'OFF' | null;
  brightnessPercent: number | null;
  inputSource: string | null;
  hoursOfOperation: readonly OpeningHours[];
  hoursExceptions: readonly HoursException[];
};

/** A day that is otherwise than its weekday, as it is being typed. `key` tells it from the others while its date is not whole. */
export type TypedException = { key: string; date: string; text: string };

/** What was edited, as it was typed: what is not understood yet stays in its field. Left out: not touched. */
export type Draft = {
  power?: 'ON' | 'OFF';
  brightness?: string;
  inputSource?: string;
  week?: Readonly<Record<Weekday, string>>;
  exceptions?: readonly TypedException[];
};

/** What the draft asks for, in the shape of `setDisplaySettings`. */
export type DraftInput = {
  power?: 'ON' | 'OFF';
  brightnessPercent?: number;
  inputSource?: string;
  hoursOfOperation?: OpeningHours[];
  hoursExceptions?: HoursException[];
};

export type FieldFault =
  | 'notANumber'
  | 'notWhole'
  | 'outOfRange'
  | 'empty'
  | 'tooLong'
  | 'windows'
  | 'tooMany'
  | 'overlap'
  | 'date'
  | 'dateTwice';

export type ReadDraft = {
  /** What differs from what holds; a value with a fault is left out. */
  input: DraftInput;
  edited: readonly SettingName[];
  /** By field: a setting, a weekday, or the key of an exception. */
  faults: Readonly<Record<string, FieldFault>>;
};

export const valuesOf = (display: Display): DisplayValues => ({
  power: display.power ?? null,
  brightnessPercent: display.brightnessPercent ?? null,
  inputSource: display.inputSource ?? null,
  hoursOfOperation: display.hoursOfOperation ?? [],
  hoursExceptions: display.hoursExceptions ?? [],
});

export const typedWeek = (hours: readonly OpeningHours[]): Record<Weekday, string> => {
  const week = weekOf(hours);
  return mapWeek((weekday) => printWindows(week[weekday]));
};
export const typedExceptions = (exceptions: readonly HoursException[]): TypedException[] =>
  exceptions.map(({ date, windows }) => ({ key: date, date, text: printWindows(windows) }));

/** The windows of the days that are understood; the others are as if they were closed, so that the rest can be drawn. */
export const drawnWeek = (typed: Readonly<Record<Weekday, string>>): Week =>
  mapWeek((weekday) => parseWindows(typed[weekday]) ?? []);

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
const plainHours = (hours: readonly OpeningHours[]): OpeningHours[] => hoursOf(weekOf(hours));
const plainExceptions = (exceptions: readonly HoursException[]): HoursException[] =>
  exceptions
    .map(({ date, windows }) => ({ date, windows: windows.map(({ on, off }): Window => ({ on, off })) }))
    .sort((a, b) => (a.date < b.date ? -1 : 1));

function brightnessFault(text: string, range: Settable | undefined): FieldFault | null {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) return 'notANumber';
  if (range?.isWhole === true && !Number.isInteger(value)) return 'notWhole';
  return value < (range?.min ?? 0) || value > (range?.max ?? 100) ? 'outOfRange' : null;
}

function inputFault(text: string, range: Settable | undefined): FieldFault | null {
  if (text.trim() === '') return 'empty';
  return typeof range?.maxLength === 'number' && text.length > range.maxLength ? 'tooLong' : null;
}

function exceptionFaults(exceptions: readonly TypedException[]): Record<string, FieldFault> {
  const faults: Record<string, FieldFault> = {};
  for (const { key, date, text } of exceptions) {
    const windows = parseWindows(text);
    if (!/^\d{4}-\d\d-\d\d$/.test(date)) faults[key] = 'date';
    else if (exceptions.some((other) => other.key !== key && other.date === date)) faults[key] = 'dateTwice';
    else if (windows === null) faults[key] = 'windows';
    else if (windows.length > 4) faults[key] = 'tooMany';
  }
  return faults;
}

/** What a draft asks for of a display whose values are these, and what of it can't be understood or is out of range. */
export function readDraft(draft: Draft, values: DisplayValues, settable: readonly Settable[]): ReadDraft {
  const rangeOf = (name: SettingName): Settable | undefined => settable.find((setting) => setting.name === name);
  const input: DraftInput = {};
  const faults: Record<string, FieldFault> = {};
  const edited: SettingName[] = [];
  if (draft.power !== undefined && draft.power !== values.power) {
    edited.push('power');
    input.power = draft.power;
  }
  if (draft.brightness !== undefined) {
    const fault = brightnessFault(draft.brightness, rangeOf('brightnessPercent'));
    if (fault !== null) faults.brightnessPercent = fault;
    else if (Number(draft.brightness) !== values.brightnessPercent) input.brightnessPercent = Number(draft.brightness);
    if (fault !== null || input.brightnessPercent !== undefined) edited.push('brightnessPercent');
  }
  if (draft.inputSource !== undefined && draft.inputSource !== values.inputSource) {
    edited.push('inputSource');
    const fault = inputFault(draft.inputSource, rangeOf('inputSource'));
    if (fault !== null) faults.inputSource = fault;
    else input.inputSource = draft.inputSource;
  }
  if (draft.week !== undefined) {
    const { week } = draft;
    const unread = WEEKDAYS.filter((weekday) => parseWindows(week[weekday]) === null);
    const drawn = drawnWeek(week);
    const hours = hoursOf(drawn);
    Object.assign(faults, weekFaults(drawn), Object.fromEntries(unread.map((weekday) => [weekday, 'windows'])));
    if (unread.length > 0 || !isSame(hours, plainHours(values.hoursOfOperation))) {
      edited.push('hoursOfOperation');
      if (!WEEKDAYS.some((weekday) => weekday in faults)) input.hoursOfOperation = hours;
    }
  }
  if (draft.exceptions !== undefined) {
    const found = exceptionFaults(draft.exceptions);
    const exceptions = plainExceptions(
      draft.exceptions.map(({ date, text }) => ({ date, windows: parseWindows(text) ?? [] })),
    );
    Object.assign(faults, found);
    const isFaulty = Object.keys(found).length > 0;
    if (isFaulty || !isSame(exceptions, plainExceptions(values.hoursExceptions))) {
      edited.push('hoursExceptions');
      if (!isFaulty) input.hoursExceptions = exceptions;
    }
  }
  return { input, edited, faults };
}

/** The draft without what holds by now anyway: what was applied is edited no longer, what cannot be understood stays. */
export function settled(draft: Draft, { edited }: ReadDraft): Draft {
  const { power, brightness, inputSource, week, exceptions } = draft;
  const isEdited = (name: SettingName): boolean => edited.includes(name);
  return {
    ...(power !== undefined && isEdited('power') && { power }),
    ...(brightness !== undefined && isEdited('brightnessPercent') && { brightness }),
    ...(inputSource !== undefined && isEdited('inputSource') && { inputSource }),
    ...(week !== undefined && isEdited('hoursOfOperation') && { week }),
    ...(exceptions !== undefined && isEdited('hoursExceptions') && { exceptions }),
  };
}
