import { expect, test } from 'vitest';
import { decode, type SnmpValue } from './decode.ts';
import type { Decoder } from './profile.ts';

const number = (value: number): SnmpValue => ({ kind: 'number', value });
const text = (value: string): SnmpValue => ({ kind: 'octets', value: Buffer.from(value) });
const octets = (...value: number[]): SnmpValue => ({ kind: 'octets', value: Uint8Array.from(value) });

const percent: Decoder = { as: 'number', min: 0, max: 100, divisor: 1, missing: [-1] };
const tenths: Decoder = { as: 'number', min: -1000, max: 2000, divisor: 10, missing: [] };
const hexPercent: Decoder = { as: 'hexNumber', min: 0, max: 100, missing: ['FALSE'] };
const power: Decoder = { as: 'choice', values: { 1: 'ON', 2: 'OFF' } };
const hexPower: Decoder = {
  as: 'hexChoice',
  values: { '00': 'OFF', '01': 'ON' },
  unlisted: 'problem',
  missing: ['FALSE'],
};
const hexInput: Decoder = { as: 'hexChoice', values: { 90: 'HDMI1' }, unlisted: 'showCode', missing: [] };
const level: Decoder = { as: 'share', of: '1.3.9', most: 255 };
const switched: Decoder = { as: 'choice', values: { 0: 'OFF' }, others: { most: 255, text: 'ON' } };
const shortText: Decoder = { as: 'text', maxLength: 5, missing: ['FALSE'] };

const nothingElse = (): SnmpValue => ({ kind: 'missing' });
const MISSING = 'missing';
const NONE = 'undecodable';

test.each<[Decoder, SnmpValue, number | string]>([
  [percent, number(0), 0],
  [percent, number(100), 100],
  [percent, number(-1), MISSING],
  [percent, number(-2), NONE],
  [percent, number(101), NONE],
  [percent, number(1.5), NONE],
  [percent, text('50'), NONE],
  [percent, { kind: 'missing' }, MISSING],
  [percent, { kind: 'other', syntax: 'Counter64' }, NONE],
  [percent, { kind: 'oid', value: '1.3.6' }, NONE],
  [tenths, number(423), 42.3],
  [tenths, number(-1000), -100],
  [tenths, number(-1001), NONE],
  [tenths, number(2000), 200],
  [tenths, number(2001), NONE],
  [switched, number(0), 'OFF'],
  [switched, number(1), 'ON'],
  [switched, number(255), 'ON'],
  [switched, number(256), NONE],
  [switched, number(-1), NONE],
  [switched, number(0.5), NONE],
  [hexPercent, text('32'), 50],
  [hexPercent, text('0'), 0],
  [hexPercent, text('64'), 100],
  [hexPercent, text('65'), NONE],
  [hexPercent, text('FALSE'), MISSING],
  [hexPercent, text('false'), NONE],
  [hexPercent, text('0x32'), NONE],
  [hexPercent, text('-1'), NONE],
  [hexPercent, text(''), NONE],
  [hexPercent, text('3 2'), NONE],
  [hexPercent, text('123456789'), NONE],
  [hexPercent, number(32), NONE],
  [power, number(1), 'ON'],
  [power, number(2), 'OFF'],
  [power, number(0), NONE],
  [power, number(3), NONE],
  [power, text('1'), NONE],
  [hexPower, text('01'), 'ON'],
  [hexPower, text('1'), 'ON'],
  [hexPower, text('00'), 'OFF'],
  [hexPower, text('02'), NONE],
  [hexPower, text('FALSE'), MISSING],
  [hexInput, text('90'), 'HDMI1'],
  [hexInput, text('9f'), 'CODE_9F'],
  [hexInput, text('HDMI'), NONE],
  [shortText, text('ABCDE'), 'ABCDE'],
  [shortText, text('  AB \0\0'), 'AB'],
  [shortText, text('ABCDEF'), NONE],
  [shortText, text(''), MISSING],
  [shortText, text('   '), MISSING],
  [shortText, text('FALSE'), MISSING],
  [shortText, octets(0xff, 0xfe), NONE],
  [shortText, octets(0x41, 0x07), NONE],
  [shortText, number(7), NONE],
])('%j reads %j as %j', (by, raw, expected) => {
  const decoded = decode(raw, by, nothingElse);
  expect(decoded.kind === 'value' ? decoded.value : decoded.kind).toEqual(expected);
});

test.each<[SnmpValue, SnmpValue, number | string]>([
  [number(0), number(16), 0],
  [number(5), number(16), 31.25],
  [number(16), number(16), 100],
  [number(17), number(16), NONE],
  [number(-1), number(16), NONE],
  [number(1), number(1), 100],
  [number(0), number(0), NONE],
  [number(3), number(-4), NONE],
  [number(3), number(256), NONE],
  [number(255), number(255), 100],
  [number(3), text('16'), NONE],
  [text('3'), number(16), NONE],
  [number(3), { kind: 'missing' }, MISSING],
  [{ kind: 'missing' }, number(16), MISSING],
])('level %j of %j is %j percent', (raw, whole, expected) => {
  const decoded = decode(raw, level, (oid) => (oid === '1.3.9' ? whole : nothingElse()));
  expect(decoded.kind === 'value' ? decoded.value : decoded.kind).toEqual(expected);
});

test('says of a share which of the two numbers is wrong', () => {
  const problem = (raw: number, whole: number) => decode(number(raw), level, () => number(whole));
  expect(problem(17, 16)).toMatchObject({ text: '17 where a number from 0 to 16 is due' });
  expect(problem(3, 0)).toMatchObject({ text: 'a share of 0 where a number from 1 to 255 is due' });
});

test('says what was sent and what was due, however odd', () => {
  const texts = [number(101), text('x'.repeat(100)), octets(0, 1, 2), { kind: 'other', syntax: 'Opaque' } as const]
    .map((raw) => decode(raw, percent, nothingElse))
    .map((decoded) => (decoded.kind === 'undecodable' ? decoded.text : decoded.kind));
  expect(texts).toEqual([
    '101 where a number from 0 to 100 is due',
    `"${'x'.repeat(32)}…" where a number is due`,
    'octets 000102 where a number is due',
    'a value of type Opaque where a number is due',
  ]);
});
