import type { Limits, Reading, TypedKind } from './control-rules.ts';
import { texts } from './texts.ts';
import type { Wish } from './use-sender.ts';

/** What a typed control takes. A position is typed as a percentage of the range. */
export type Takes = { kind: TypedKind; limits: Limits | null; isWhole: boolean };

const MAX_TEXT = 1_000;
/** Cores keep numbers in single precision: what lies behind that is none of theirs. */
const SIGNIFICANT_DIGITS = 7;
const shortest = (value: number): string => String(Number(value.toPrecision(SIGNIFICANT_DIGITS)));

/** What is in the field while nobody types. */
export function typedText(kind: TypedKind, { value, string, position }: Reading): string {
  if (kind === 'text') return string ?? '';
  if (kind === 'position') return position === null ? '' : shortest(position * 100);
  return value === null ? '' : shortest(value);
}

/** Between which numbers something is typed; null where there are no limits, and for a text. */
export const rangeOf = ({ kind, limits }: Pick<Takes, 'kind' | 'limits'>): Limits | null =>
  kind === 'position' ? { min: 0, max: 100 } : kind === 'text' ? null : limits;

/** What was typed as what is sent, or what is wrong with it. */
export function parseTyped(text: string, takes: Takes): Wish['wanted'] | { fault: string } {
  const { kind, isWhole } = takes;
  if (kind === 'text') return text.length > MAX_TEXT ? { fault: texts.typed.tooLong(MAX_TEXT) } : { text };
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) return { fault: texts.typed.notANumber };
  const range = rangeOf(takes);
  if (range !== null && (value < range.min || value > range.max))
    return { fault: texts.typed.outOfRange(texts.control.number(range.min), texts.control.number(range.max)) };
  if (kind === 'position') return { position: value / 100 };
  return isWhole && !Number.isInteger(value) ? { fault: texts.typed.notWhole } : { value };
}
