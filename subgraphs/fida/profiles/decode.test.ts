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
const shortText: Decoder = { as: 'text', maxLength: 5, missing: ['FALSE'] };

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
  const decoded = decode(raw, by);
  expect(decoded.kind === 'value' ? decoded.value : decoded.kind).toEqual(expected);
});

test('says what was sent and what was due, however odd', () => {
  const texts = [number(101), text('x'.repeat(100)), octets(0, 1, 2), { kind: 'other', syntax: 'Opaque' } as const]
    .map((raw) => decode(raw, percent))
    .map((decoded) => (decoded.kind === 'undecodable' ? decoded.text : decoded.kind));
  expect(texts).toEqual([
    '101 where a number from 0 to 100 is due',
    `"${'x'.repeat(32)}…" where a number is due`,
    'octets 000102 where a number is due',
    'a value of type Opaque where a number is due',
  ]);
});
