import type { SettingsValues } from '@wheelhouse/kit/settings-changes.ts';
import { z } from 'zod';
import type { ControlValue } from './design.ts';
import type { ControlRow } from './design-store.ts';
import { type ControlName, settingOf } from './settings-names.ts';

/** A mistake in what is to be set. */
export type Fault = {
  path: (string | number)[];
  code: 'INVALID' | 'OUT_OF_RANGE' | 'NOT_SETTABLE' | 'NOT_FOUND' | 'CONFLICT' | 'FORBIDDEN';
  message: string;
};

export const faultAt = (path: string, code: Fault['code'], message: string): Fault => ({
  path: path.split('.'),
  code,
  message,
});

const MAX_REASON = 500;
const MAX_KEY = 200;
/** Below what the router waits for a subgraph, 10 s if not set otherwise. */
const MAX_WAIT_MS = 8_000;
const DEFAULT_WAIT_MS = 5_000;

/** What a request says besides the values. */
type Manner = {
  reason?: string | null | undefined;
  idempotencyKey?: string | null | undefined;
  expectedSettingsVersion?: number | null | undefined;
  dryRun?: boolean | null | undefined;
  waitMs?: number | null | undefined;
};
export type CheckedManner = {
  reason: string | null;
  idempotencyKey: string | null;
  expectedVersion: number | null;
  isDryRun: boolean;
  waitMs: number;
};

const isLine = (text: string): boolean => text.isWellFormed() && !/\p{Cc}/u.test(text);

/** Checks what a request says besides the values. */
export function checkManner(input: Manner): { manner: CheckedManner; faults: Fault[] } {
  const faults: Fault[] = [];
  const refuse = (field: string, message: string): void => {
    faults.push(faultAt(`input.${field}`, 'INVALID', `${field} ${message}`));
  };
  const reason = input.reason?.trim() || null;
  if (reason !== null && reason.length > MAX_REASON) refuse('reason', `must have at most ${MAX_REASON} characters`);
  else if (reason !== null && !isLine(reason)) refuse('reason', 'must be well-formed text without control characters');
  const idempotencyKey = input.idempotencyKey ?? null;
  if (idempotencyKey !== null && (idempotencyKey.length < 1 || idempotencyKey.length > MAX_KEY))
    refuse('idempotencyKey', `must have 1 to ${MAX_KEY} characters`);
  else if (idempotencyKey !== null && !isLine(idempotencyKey))
    refuse('idempotencyKey', 'must be well-formed text without control characters');
  const expectedVersion = input.expectedSettingsVersion ?? null;
  if (expectedVersion !== null && expectedVersion < 0) refuse('expectedSettingsVersion', 'must be 0 or more');
  const waitMs = input.waitMs ?? DEFAULT_WAIT_MS;
  if (waitMs < 0 || waitMs > MAX_WAIT_MS) refuse('waitMs', `must be 0 to ${MAX_WAIT_MS}`);
  return { manner: { reason, idempotencyKey, expectedVersion, isDryRun: input.dryRun === true, waitMs }, faults };
}

const MAX_CONTROLS = 50;
const MAX_NAME = 200;
const MAX_TEXT = 1_000;
/** A Core's changes run one after the other: a longer ramp would hold the others up for as long. */
const MAX_RAMP_SECONDS = 60;

const WAYS = ['value', 'position', 'mute', 'text', 'trigger'] as const;

/** What a control is to be set to, as it stands in the change. */
const wantedShape = z.union([
  z.strictObject({ value: z.number(), rampSeconds: z.number().exactOptional() }),
  z.strictObject({ position: z.number(), rampSeconds: z.number().exactOptional() }),
  z.strictObject({ mute: z.boolean() }),
  z.strictObject({ text: z.string() }),
  z.strictObject({ trigger: z.literal(true) }),
]);
export type WantedControl = z.output<typeof wantedShape>;

export const wantedControls = (wanted: SettingsValues): Record<string, WantedControl> =>
  z.record(z.string(), wantedShape).parse(wanted);

type ControlInput = {
  component?: string | null | undefined;
  name: string;
  value?: number | null | undefined;
  position?: number | null | undefined;
  mute?: boolean | null | undefined;
  text?: string | null | undefined;
  trigger?: boolean | null | undefined;
  rampSeconds?: number | null | undefined;
};

/** A control of a request, and where it stands there. */
export type AskedControl = ControlName & { path: string; setting: string; wanted: WantedControl };

function checkControl(input: ControlInput, path: string): AskedControl | Fault[] {
  const faults: Fault[] = [];
  const refuse = (field: string, message: string, code: Fault['code'] = 'INVALID'): void => {
    faults.push(faultAt(`${path}.${field}`, code, `${field} ${message}`));
  };
  const component = input.component ?? null;
  for (const [field, name] of [
    ['name', input.name],
    ['component', component],
  ] as const) {
    if (name === null) continue;
    if (name.length < 1 || name.length > MAX_NAME) refuse(field, `must have 1 to ${MAX_NAME} characters`);
    else if (!isLine(name)) refuse(field, 'must be well-formed text without control characters');
  }
  const given = WAYS.filter((way) => input[way] !== null && input[way] !== undefined);
  const [way] = given;
  if (way === undefined || given.length > 1) {
    const what = given.length > 1 ? `, and not ${given.join(' and ')} together` : '';
    faults.push(faultAt(path, 'INVALID', `give exactly one of ${WAYS.join(', ')}${what}`));
    return faults;
  }
  const { position, rampSeconds } = input;
  if (way === 'position' && (position ?? 0) >= 0 === false) refuse('position', 'must be 0 to 1', 'OUT_OF_RANGE');
  else if (way === 'position' && (position ?? 0) > 1) refuse('position', 'must be 0 to 1', 'OUT_OF_RANGE');
  if (way === 'text' && (input.text ?? '').length > MAX_TEXT)
    refuse('text', `must have at most ${MAX_TEXT} characters`);
  else if (way === 'text' && !isLine(input.text ?? ''))
    refuse('text', 'must be well-formed text without control characters');
  if (way === 'trigger' && input.trigger !== true) refuse('trigger', 'must be true, or left out');
  if (typeof rampSeconds === 'number') {
    if (way !== 'value' && way !== 'position') refuse('rampSeconds', `is not used with ${way}`);
    else if (rampSeconds < 0 || rampSeconds > MAX_RAMP_SECONDS)
      refuse('rampSeconds', `must be 0 to ${MAX_RAMP_SECONDS}`, 'OUT_OF_RANGE');
  }
  if (faults.length > 0) return faults;
  const wanted = wantedShape.parse({ [way]: input[way], ...(rampSeconds ? { rampSeconds } : {}) });
  return { component, name: input.name, path, setting: settingOf({ component, name: input.name }), wanted };
}

/** Checks the controls of a request as far as that is possible without knowing the Core. */
export function checkControls(inputs: readonly ControlInput[]): { asked: AskedControl[]; faults: Fault[] } {
  if (inputs.length < 1 || inputs.length > MAX_CONTROLS) {
    const message = `controls must have 1 to ${MAX_CONTROLS} items, and has ${inputs.length}`;
    return { asked: [], faults: [faultAt('input.controls', 'INVALID', message)] };
  }
  const asked: AskedControl[] = [];
  const faults: Fault[] = [];
  const places = new Map<string, string>();
  for (const [index, input] of inputs.entries()) {
    const path = `input.controls.${index}`;
    const checked = checkControl(input, path);
    if (Array.isArray(checked)) {
      faults.push(...checked);
      continue;
    }
    const first = places.get(checked.setting);
    if (first !== undefined)
      faults.push(faultAt(`${path}.name`, 'INVALID', `name is that of ${first} already: a control can be set once`));
    else asked.push(checked);
    places.set(checked.setting, path);
  }
  return { asked, faults };
}

const TRIGGERS = new Set(['Trigger', 'State Trigger']);
const NUMBERS = new Set(['Float', 'Integer', 'Time', 'Boolean', 'Text', 'Unknown']);

/** Whether setting a control does something each time. Of a named control the type is not told, so it may be a trigger. */
export const happensEachTime = (wanted: WantedControl, known: Pick<ControlRow, 'type'> | undefined): boolean =>
  'trigger' in wanted || known === undefined || TRIGGERS.has(known.type);

/** What is wrong with setting a control of a component to this, by what the Core told of it. */
export function faultOfControl({ path, name, wanted }: AskedControl, known: ControlRow | undefined): Fault | null {
  if (known === undefined) return faultAt(`${path}.name`, 'NOT_FOUND', `the component has no control ${name}`);
  const { type, direction, min, max } = known;
  if (direction === 'READ_ONLY') return faultAt(`${path}.name`, 'NOT_SETTABLE', `${name} can be read only`);
  const wrong = (field: string, message: string): Fault =>
    faultAt(`${path}.${field}`, 'INVALID', `${field} ${message}`);
  if ('trigger' in wanted)
    return TRIGGERS.has(type) ? null : wrong('trigger', `is for triggers, and ${name} is a ${type}`);
  const [way = ''] = Object.keys(wanted);
  if (TRIGGERS.has(type)) return wrong(way, `is not for triggers, and ${name} is a ${type}: give trigger`);
  if ('mute' in wanted && type !== 'Boolean') return wrong('mute', `is for Booleans, and ${name} is a ${type}`);
  if ('text' in wanted && type !== 'Text') return wrong('text', `is for texts, and ${name} is a ${type}`);
  if (!('value' in wanted)) return null;
  if (!NUMBERS.has(type)) return wrong('value', `is for numbers, and ${name} is a ${type}`);
  if ((min !== null && wanted.value < min) || (max !== null && wanted.value > max))
    return faultAt(
      `${path}.value`,
      'OUT_OF_RANGE',
      `value must be ${min ?? 'any number'} to ${max ?? 'any number'} for ${name}`,
    );
  return null;
}

/** What was read of a control, as it stands in `before` and `readBack`. */
export type ReadControl = ControlValue;

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
  if ('mute' in wanted) return read.value !== null && read.value >= 0.5 === wanted.mute;
  if ('position' in wanted) {
    // A control with steps takes the nearest one.
    const step = isWhole && width !== null ? 0.5 / width : 0;
    return isWithin(read.position, wanted.position, TOLERATED_PART + step);
  }
  if (isWhole) return read.value === Math.round(wanted.value);
  const tolerance =
    width === null ? Math.max(TOLERATED, Math.abs(wanted.value) * TOLERATED_PART) : width * TOLERATED_PART;
  return isWithin(read.value, wanted.value, tolerance);
}
