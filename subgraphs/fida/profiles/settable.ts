import { decode } from './decode.ts';
import { asRead, CODE_PATTERN, encode } from './encode.ts';
import type { Decoder, Profile } from './profile.ts';

/** What of a display can be set, where its profile says how. */
export const SETTING_NAMES = ['power', 'brightnessPercent', 'inputSource'] as const;
export type SettingName = (typeof SETTING_NAMES)[number];

/** Values of settings in the graph's units. */
export type SettingValues = { power?: 'ON' | 'OFF'; brightnessPercent?: number; inputSource?: string };

/** What a setting may be on displays of one profile. */
export type SettingRange =
  /** `isWhole` false: what lies between two of the display's own levels becomes the nearer one. */
  | { kind: 'number'; min: number; max: number; isWhole: boolean }
  /** `otherCodes`: how codes that the vendor does not publish are written, or null where there are none. */
  | { kind: 'choice'; choices: string[]; otherCodes: string | null }
  | { kind: 'text'; maxLength: number };

export type Settable = { name: SettingName } & SettingRange;

export type SettingFault = { code: 'OUT_OF_RANGE' | 'WRONG_TYPE' | 'NOT_SETTABLE'; message: string };

const SHOWN_CHARACTERS = 64;

function rangeOf(decoder: Decoder): SettingRange {
  switch (decoder.as) {
    case 'number': {
      const { min, max, divisor } = decoder;
      return { kind: 'number', min: min / divisor, max: max / divisor, isWhole: divisor === 1 };
    }
    case 'share':
      return { kind: 'number', min: 0, max: 100, isWhole: false };
    case 'hexNumber':
      return { kind: 'number', min: decoder.min, max: decoder.max, isWhole: true };
    case 'choice':
      return { kind: 'choice', choices: [...new Set(Object.values(decoder.values))], otherCodes: null };
    case 'hexChoice': {
      const otherCodes = decoder.unlisted === 'showCode' ? 'CODE_ and two hexadecimal digits' : null;
      return { kind: 'choice', choices: [...new Set(Object.values(decoder.values))], otherCodes };
    }
    case 'text':
      return { kind: 'text', maxLength: decoder.maxLength };
    default:
      return decoder satisfies never;
  }
}

/** What can be set on displays of this profile, each with its range or choices, in the order of SETTING_NAMES. */
export function settableOf(profile: Profile): Settable[] {
  return SETTING_NAMES.flatMap((name) => {
    const variable = profile.variables[name];
    return variable?.set ? [{ name, ...rangeOf(variable.decode) }] : [];
  });
}

function show(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(value.length > SHOWN_CHARACTERS ? `${value.slice(0, SHOWN_CHARACTERS)}…` : value);
  }
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** What is wrong with a value of the right kind of setting: the code, and what it must be instead. */
function faultIn(range: SettingRange, value: unknown): { code: SettingFault['code']; due: string } | null {
  switch (range.kind) {
    case 'number': {
      const { min, max, isWhole } = range;
      const due = `a ${isWhole ? 'whole ' : ''}number from ${min} to ${max}`;
      if (typeof value !== 'number' || !(isWhole ? Number.isInteger(value) : Number.isFinite(value))) {
        return { code: 'WRONG_TYPE', due };
      }
      return value < min || value > max ? { code: 'OUT_OF_RANGE', due } : null;
    }
    case 'choice': {
      const { choices, otherCodes } = range;
      const due = `one of ${choices.join(', ')}${otherCodes === null ? '' : `, or ${otherCodes}`}`;
      if (typeof value !== 'string') return { code: 'WRONG_TYPE', due };
      const isKnown = choices.includes(value) || (otherCodes !== null && CODE_PATTERN.test(value));
      return isKnown ? null : { code: 'OUT_OF_RANGE', due };
    }
    case 'text': {
      const due = `text of 1 to ${range.maxLength} characters without control characters or blanks around it`;
      if (typeof value !== 'string') return { code: 'WRONG_TYPE', due };
      const isFine =
        value !== '' && value.length <= range.maxLength && value === value.trim() && !/\p{Cc}/u.test(value);
      return isFine ? null : { code: 'OUT_OF_RANGE', due };
    }
    default:
      return range satisfies never;
  }
}

/** Whether the display would say this where it has nothing to say. */
function meansNone(value: unknown, by: Decoder): boolean {
  const encoded = encode(value, by, () => ({ kind: 'missing' }));
  return encoded !== null && decode(asRead(encoded), by, () => ({ kind: 'missing' })).kind === 'missing';
}

/**
 * Why this value can't be set on displays of this profile, or null when it can: the message names the setting, its range and the
 * profile.
 */
export function settingFault(profile: Profile, name: SettingName, value: unknown): SettingFault | null {
  const variable = profile.variables[name];
  if (!variable?.set) return { code: 'NOT_SETTABLE', message: `${name} can't be set on profile ${profile.id}` };
  const fault = faultIn(rangeOf(variable.decode), value);
  if (fault !== null) {
    const message = `${name} must be ${fault.due} for profile ${profile.id}, and is ${show(value)}`;
    return { code: fault.code, message };
  }
  if (!meansNone(value, variable.decode)) return null;
  const message = `${name} must not be ${show(value)}, by which displays of profile ${profile.id} say that they have none`;
  return { code: 'OUT_OF_RANGE', message };
}
