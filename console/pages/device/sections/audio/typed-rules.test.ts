import { describe, expect, it } from 'vitest';
import { parseTyped, typedText } from './typed-rules.ts';

const LIMITS = { min: 1, max: 8 };
const NUMBER = { kind: 'number', limits: LIMITS, isWhole: false } as const;
const READING = { value: 0.10000000149011612, string: '0.1s', position: 0.25, measuredAt: '2026-11-26T12:00:00Z' };

describe('what is typed', () => {
  it.each([
    ['a number within the limits', '2.5', NUMBER, { value: 2.5 }],
    ['one below', '0.9', NUMBER, { fault: 'It takes 1 to 8.' }],
    ['one above', '8.1', NUMBER, { fault: 'It takes 1 to 8.' }],
    ['any number where there are no limits', '1e6', { ...NUMBER, limits: null }, { value: 1_000_000 }],
    ['nothing', ' ', NUMBER, { fault: 'Give a number.' }],
    ['no number', 'loud', NUMBER, { fault: 'Give a number.' }],
    ['no whole one', '2.5', { ...NUMBER, isWhole: true }, { fault: 'Give a whole number.' }],
    ['a part of the range', '25', { ...NUMBER, kind: 'position' }, { position: 0.25 }],
    ['more than all of it', '101', { ...NUMBER, kind: 'position' }, { fault: 'It takes 0 to 100.' }],
    ['a text', ' Film ', { ...NUMBER, kind: 'text' }, { text: ' Film ' }],
    ['an empty text', '', { ...NUMBER, kind: 'text' }, { text: '' }],
    ['a long one', 'x'.repeat(1_001), { ...NUMBER, kind: 'text' }, { fault: 'It takes at most 1000 characters.' }],
  ] as const)('%s', (_fact, text, takes, parsed) => expect(parseTyped(text, takes)).toEqual(parsed));
});

it('the field says what the control says, without the dust of single precision', () => {
  expect(typedText('number', READING)).toBe('0.1');
  expect(typedText('position', READING)).toBe('25');
  expect(typedText('text', READING)).toBe('0.1s');
  expect(typedText('number', { ...READING, value: null })).toBe('');
});
