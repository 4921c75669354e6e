// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are placeholders of Compose.
import { describe, expect, it } from 'vitest';
import { interpolate } from './interpolate.ts';

const variables = { SET: 'value', EMPTY: '', OTHER: 'other' };

describe('interpolation', () => {
  it.each([
    ['plain', 'plain'],
    ['a $SET b', 'a value b'],
    ['a$SET-b', 'avalue-b'],
    ['${SET}', 'value'],
    ['${MISSING}', ''],
    ['$MISSING', ''],
    ['${SET:-word}', 'value'],
    ['${EMPTY:-word}', 'word'],
    ['${EMPTY-word}', ''],
    ['${MISSING-word}', 'word'],
    ['${MISSING:-}', ''],
    ['${MISSING:-${OTHER}}', 'other'],
    ['${MISSING:-${EMPTY:-deep}}/x', 'deep/x'],
    ['${SET:+there}', 'there'],
    ['${EMPTY:+there}', ''],
    ['${EMPTY+there}', 'there'],
    ['${SET:?must be set}', 'value'],
    ['${EMPTY?must be set}', ''],
    ['$$SET ${SET}', '$SET value'],
    ['127.0.0.1:${PORT:-4000}:4000', '127.0.0.1:4000:4000'],
  ])('makes of %s: %s', (text, expected) => {
    expect(interpolate(text, variables)).toBe(expected);
  });

  it.each([
    ['${MISSING:?must be set in .env}', 'MISSING must be set in .env'],
    ['${EMPTY:?must be set}', 'EMPTY must be set'],
    ['${MISSING?}', 'MISSING is not set'],
    ['${SET', 'without its }'],
    ['${SET:=word}', '${SET:=word} is none of'],
    ['${}', '${} is none of'],
    ['costs $5', 'a $ that is neither $NAME nor $$'],
  ])('refuses %s', (text, message) => {
    expect(() => interpolate(text, variables)).toThrow(message);
  });
});
