import { z } from 'zod';
import type { ControlDefinition } from './design.ts';
import { ERROR, QrcError } from './errors.ts';

/** What a control is set to. Numbers, toggles (0, 1) and a status' code stand in `number`, texts in `text`. */
export type ControlState = { readonly number: number; readonly text: string };

/** A control's value as QRC tells it. */
export type Reading = { Value: number; String: string; Position: number };

/** What a client may give for a control. The vendor's own client sends `String` for texts, too. */
export const givenSchema = z.object({
  Value: z.union([z.number(), z.string(), z.boolean()]).optional(),
  String: z.string().optional(),
  Position: z.number().optional(),
});
export type Given = z.infer<typeof givenSchema>;

type Of<K extends ControlDefinition['kind']> = Extract<ControlDefinition, { kind: K }>;

const within = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/** As the vendor's emulator writes them: "-6.0dB", "20.0dB", "-100dB". */
export function numberText({ type, unit }: Of<'number'>, value: number): string {
  if (type === 'Integer') return `${value}${unit}`;
  if (type === 'Time' && Math.abs(value) < 1) return `${(value * 1_000).toFixed(1)}ms`;
  return `${value.toFixed(Math.abs(value) >= 100 ? 0 : 1)}${unit}`;
}

export function initialState(control: ControlDefinition): ControlState {
  switch (control.kind) {
    case 'number':
      return { number: control.value, text: '' };
    case 'toggle':
      return { number: control.value ? 1 : 0, text: '' };
    case 'text':
      return { number: 0, text: control.value };
    case 'trigger':
      return { number: 0, text: '' };
    case 'status':
      return { number: control.code, text: control.text };
    default:
      return control satisfies never;
  }
}

/** A Core's values have 32 bits, and are told with 8 decimals: -42.1 as -42.09999847, at 0.48250001 of -100 to 20. */
const toldValue = (number: number): number => told(Math.fround(number));
const told = (number: number): number => Number(number.toFixed(8));

export function readingOf(control: ControlDefinition, { number, text }: ControlState): Reading {
  switch (control.kind) {
    case 'number': {
      // Linear: 0 dB of -100 to 20 is at 0.8333.
      const position = (Math.fround(number) - control.min) / (control.max - control.min);
      return { Value: toldValue(number), String: numberText(control, number), Position: told(position) };
    }
    case 'toggle':
      return { Value: number, String: number === 1 ? control.on : control.off, Position: number };
    case 'text': {
      const at = Math.max(0, control.choices?.indexOf(text) ?? 0);
      return { Value: at, String: text, Position: told(at / Math.max(1, (control.choices?.length ?? 1) - 1)) };
    }
    case 'trigger':
      return { Value: 0, String: '', Position: 0 };
    case 'status':
      return { Value: number, String: text, Position: 0 };
    default:
      return control satisfies never;
  }
}

export const isReadOnly = (control: ControlDefinition): boolean =>
  control.kind === 'status' || (control.kind !== 'trigger' && control.isReadOnly);

const refuse = (control: ControlDefinition, what: string): QrcError =>
  new QrcError(ERROR.invalidParams, `Control '${control.name}' ${what}`);

function numberFrom(control: Of<'number'>, { Value, String: text, Position }: Given): number {
  const given = Value ?? text;
  if (given === undefined) return control.min + within(Position ?? 0, 0, 1) * (control.max - control.min);
  // A unit may follow: "-6.0dB".
  const number = typeof given === 'string' ? Number.parseFloat(given) : Number(given);
  if (!Number.isFinite(number)) throw refuse(control, `takes a number, not '${given}'`);
  return number;
}

const ON = ['true', 'on', 'yes', '1'];
const OFF = ['false', 'off', 'no', '0'];

function toggleFrom(control: Of<'toggle'>, { Value, String: text, Position }: Given): boolean {
  const given = Value ?? text ?? Position ?? 0;
  // From 0.5 on it counts as true.
  if (typeof given !== 'string') return Number(given) >= 0.5;
  const word = given.toLowerCase();
  if (word === control.on.toLowerCase() || ON.includes(word)) return true;
  if (word === control.off.toLowerCase() || OFF.includes(word)) return false;
  throw refuse(control, `takes '${control.on}' or '${control.off}', not '${given}'`);
}

function textFrom(control: Of<'text'>, { Value, String: text, Position }: Given): string {
  const { choices } = control;
  if (choices === undefined) return String(text ?? Value ?? '');
  const at = Value === undefined && text === undefined ? (Position ?? 0) * (choices.length - 1) : Value;
  const chosen = text ?? (typeof at === 'number' ? choices[Math.round(at)] : String(at));
  if (chosen === undefined || !choices.includes(chosen)) throw refuse(control, `takes one of: ${choices.join(', ')}`);
  return chosen;
}

/**
 * The state that a control takes when a client gives it this. Numbers outside of its range become the nearest in it.
 *
 * @throws QrcError invalidParams
 */
export function stateFrom(control: ControlDefinition, given: Given): ControlState {
  const { Value, String: text, Position } = given;
  if (control.kind === 'trigger') return { number: 0, text: '' };
  if (Value === undefined && text === undefined && Position === undefined) {
    throw refuse(control, 'was given no Value, Position or String');
  }
  switch (control.kind) {
    case 'number': {
      const number = within(numberFrom(control, given), control.min, control.max);
      return { number: control.type === 'Integer' ? Math.round(number) : number, text: '' };
    }
    case 'toggle':
      return { number: toggleFrom(control, given) ? 1 : 0, text: '' };
    case 'text':
      return { number: 0, text: textFrom(control, given) };
    case 'status':
      return { number: Number(Value ?? 0), text: text ?? '' };
    default:
      return control satisfies never;
  }
}

const TYPES = { toggle: 'Boolean', text: 'Text', trigger: 'Trigger', status: 'Status' } as const;

/** A control as Component.GetControls tells it. */
export function descriptionOf(control: ControlDefinition, state: ControlState) {
  const reading = readingOf(control, state);
  const direction = isReadOnly(control) ? 'Read Only' : 'Read/Write';
  if (control.kind !== 'number') {
    const choices = control.kind === 'text' && control.choices !== undefined ? { Choices: control.choices } : {};
    return { Name: control.name, Type: TYPES[control.kind], ...reading, ...choices, Direction: direction };
  }
  const { name, type, min, max } = control;
  return {
    Name: name,
    Type: type,
    Value: reading.Value,
    ValueMin: min,
    ValueMax: max,
    StringMin: numberText(control, min),
    StringMax: numberText(control, max),
    String: reading.String,
    Position: reading.Position,
    Direction: direction,
  };
}
