import type { SettingsValues } from '@wheelhouse/kit/settings-changes.ts';
import { type Fault, faultAt } from '@wheelhouse/kit/settings-manner.ts';
import { z } from 'zod';
import type { ControlValue } from './design.ts';
import type { ControlRow } from './design-store.ts';
import type { ControlName } from './settings-names.ts';

const ramp = { rampSeconds: z.number().exactOptional() };
/** The group in which a cross-point is set, by the channels that it has: what the Core is sent. */
const group = { inputs: z.string(), outputs: z.string() };

/** What a control is to be set to, as it stands in the change, under the names of the input's fields. */
export const wantedShape = z.union([
  z.strictObject({ value: z.number(), ...ramp }),
  z.strictObject({ position: z.number(), ...ramp }),
  z.strictObject({ mute: z.boolean() }),
  z.strictObject({ text: z.string() }),
  z.strictObject({ trigger: z.literal(true) }),
  z.strictObject({ gainDb: z.number(), ...ramp, ...group }),
  z.strictObject({ delaySeconds: z.number(), ...ramp, ...group }),
  z.strictObject({ mute: z.boolean(), ...group }),
  z.strictObject({ solo: z.boolean(), ...group }),
]);
export type WantedControl = z.output<typeof wantedShape>;
export type WantedCrossPoint = Extract<WantedControl, { inputs: string }>;

export const wantedControls = (wanted: SettingsValues): Record<string, WantedControl> =>
  z.record(z.string(), wantedShape).parse(wanted);

export const isCrossPoint = (wanted: WantedControl): wanted is WantedCrossPoint => 'inputs' in wanted;

/** A control of a request, and where it stands there. */
export type AskedControl = ControlName & {
  path: string;
  setting: string;
  wanted: WantedControl;
  /** What the caller takes it for. */
  expected?: WantedControl;
};

/** How a control is set: the name in the input of what it is set to. */
export const wayOf = (wanted: WantedControl): string =>
  // In no order: a change's values come back from the database in one of its own.
  Object.keys(wanted).find((field) => !['rampSeconds', 'inputs', 'outputs'].includes(field)) ?? '';

/** What is to be set in the control's own unit, under its name in the input. */
function numberIn(wanted: WantedControl): [field: string, value: number] | null {
  if ('value' in wanted) return ['value', wanted.value];
  if ('gainDb' in wanted) return ['gainDb', wanted.gainDb];
  return 'delaySeconds' in wanted ? ['delaySeconds', wanted.delaySeconds] : null;
}

/** What is to be switched, under its name in the input. */
function switchIn(wanted: WantedControl): [field: string, isOn: boolean] | null {
  if ('mute' in wanted) return ['mute', wanted.mute];
  return 'solo' in wanted ? ['solo', wanted.solo] : null;
}

const TRIGGERS = new Set(['Trigger', 'State Trigger']);
const NUMBERS = new Set(['Float', 'Integer', 'Time', 'Boolean', 'Text', 'Unknown']);

/** Whether setting a control does something each time. Of a named control the type is not told, so it may be a trigger. */
export const happensEachTime = (wanted: WantedControl, known: Pick<ControlRow, 'type'> | undefined): boolean =>
  'trigger' in wanted || known === undefined || TRIGGERS.has(known.type);

/** What is wrong with setting a control of a component to this, by what the Core told of it. */
export function faultOfControl(
  { path, name, wanted }: Pick<AskedControl, 'path' | 'name' | 'wanted'>,
  known: ControlRow | undefined,
): Fault | null {
  const place = isCrossPoint(wanted) ? 'mixer' : 'name';
  if (known === undefined) return faultAt(`${path}.${place}`, 'NOT_FOUND', `the component has no control ${name}`);
  const { type, direction, min, max } = known;
  if (direction === 'READ_ONLY') return faultAt(`${path}.${place}`, 'NOT_SETTABLE', `${name} can be read only`);
  const wrong = (field: string, message: string): Fault =>
    faultAt(`${path}.${field}`, 'INVALID', `${field} ${message}`);
  if ('trigger' in wanted)
    return TRIGGERS.has(type) ? null : wrong('trigger', `is for triggers, and ${name} is a ${type}`);
  const way = wayOf(wanted);
  if (TRIGGERS.has(type)) return wrong(way, `is not for triggers, and ${name} is a ${type}: give trigger`);
  const switched = switchIn(wanted);
  if (switched !== null && type !== 'Boolean') return wrong(switched[0], `is for Booleans, and ${name} is a ${type}`);
  if ('text' in wanted && type !== 'Text') return wrong('text', `is for texts, and ${name} is a ${type}`);
  const number = numberIn(wanted);
  if (number === null) return null;
  const [field, value] = number;
  if (!NUMBERS.has(type)) return wrong(field, `is for numbers, and ${name} is a ${type}`);
  if ((min !== null && value < min) || (max !== null && value > max))
    return faultAt(
      `${path}.${field}`,
      'OUT_OF_RANGE',
      `${field} must be ${min ?? 'any number'} to ${max ?? 'any number'} for ${name}`,
    );
  return null;
}

/** What was read of a control, as it stands in `before` and `readBack`. */
export type ReadControl = ControlValue;
export const readShape = z.object({
  ...{ value: z.number().nullable(), string: z.string().nullable(), position: z.number().nullable() },
});

/** A thousandth of the range, since Cores keep numbers in single precision and some controls have steps. */
const TOLERATED_PART = 0.001;
/** Where the range is not known. */
const TOLERATED = 0.01;

type Known = Pick<ControlRow, 'type' | 'min' | 'max'>;

const widthOf = (known: Known | undefined): number | null =>
  known && known.min !== null && known.max !== null && known.max > known.min ? known.max - known.min : null;

const isWithin = (read: number | null, wanted: number, tolerance: number): boolean =>
  read !== null && Math.abs(read - wanted) <= tolerance;

/** Whether what was read of a control is what is wanted of it. What a trigger did can't be read. */
export function holdsControl(read: ReadControl, wanted: WantedControl, known: Known | undefined): boolean {
  const width = widthOf(known);
  const isWhole = known?.type === 'Integer';
  if ('trigger' in wanted) return false;
  if ('text' in wanted) return read.string === wanted.text;
  const switched = switchIn(wanted);
  if (switched !== null) return read.value !== null && read.value >= 0.5 === switched[1];
  if ('position' in wanted) {
    // A control with steps takes the nearest one.
    const step = isWhole && width !== null ? 0.5 / width : 0;
    return isWithin(read.position, wanted.position, TOLERATED_PART + step);
  }
  const [, value] = numberIn(wanted) ?? ['', Number.NaN];
  if (isWhole) return read.value === Math.round(value);
  const tolerance = width === null ? Math.max(TOLERATED, Math.abs(value) * TOLERATED_PART) : width * TOLERATED_PART;
  return isWithin(read.value, value, tolerance);
}

/** Below what is kept of a text that was read: of a longer one the end is not known. */
const MOST_OF_TEXT = 1_000;

/**
 * What sets a control back to what was read of it, in the way in which it was set, over the same ramp. Null where that is not known, or
 * can't be done.
 */
export function setsBack(read: ReadControl, wanted: WantedControl): WantedControl | null {
  if ('trigger' in wanted) return null;
  const { value, string: words } = read;
  const text = words !== null && words.length < MOST_OF_TEXT ? { text: words } : null;
  if ('text' in wanted) return text;
  // A text's value is no number.
  if (value === null) return 'mute' in wanted || 'solo' in wanted ? null : text;
  if ('mute' in wanted) return { mute: value >= 0.5 };
  return { value, ...('rampSeconds' in wanted ? { rampSeconds: wanted.rampSeconds } : {}) };
}
