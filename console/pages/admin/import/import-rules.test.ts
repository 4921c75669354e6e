import { expect, it } from 'vitest';
import { filterOf, isWhole, kindsOf, nameOf, textOf, totalOf, WHOLE } from './import-rules.ts';
import { texts } from './texts.ts';

const bytes = (...values: number[]): ArrayBuffer => new Uint8Array(values).buffer;

it('reads UTF-8, with and without its mark, and nothing else', () => {
  expect(textOf(bytes(0xc3, 0xa4))).toBe('ä');
  expect(textOf(bytes(0xef, 0xbb, 0xbf, 0x61))).toBe('a');
  // ISO 8859-1, and the beginning of UTF-16
  expect([textOf(bytes(0xe4)), textOf(bytes(0xff, 0xfe, 0x61, 0x00))]).toEqual([null, null]);
});

it('calls an item by its name, or what the file knows it by, or its site', () => {
  expect(nameOf({ name: 'Lamp', externalId: 'x', site: 'a' })).toBe('Lamp');
  expect(nameOf({ name: null, externalId: 'x', site: 'a' })).toBe('x');
  expect(nameOf({ name: null, externalId: null, site: 'a' })).toBe('a');
});

it('says on its button what it will do, and no more', () => {
  expect(texts.apply(2, 1, 0)).toBe('Add 2 devices, change 1 device');
  expect(texts.apply(0, 3, 1)).toBe('Change 3 devices, set 1 time zone');
  expect(texts.apply(0, 0, 2)).toBe('Set 2 time zones');
  expect(totalOf({ added: 2, changed: 1, sitesChanged: 3 })).toBe(6);
});

it('offers the kinds that a plan has, and asks for what is looked at', () => {
  expect(kindsOf({ added: 5_000, changed: 3, sitesChanged: 0 })).toEqual(['DEVICE_CHANGED', 'DEVICE_ADDED']);
  expect(filterOf(WHOLE)).toEqual({});
  expect(filterOf({ kind: 'DEVICE_CHANGED', search: ' hall ' })).toEqual({ kinds: ['DEVICE_CHANGED'], search: 'hall' });
  expect([WHOLE, { kind: null, search: ' ' }, { kind: null, search: 'x' }].map(isWhole)).toEqual([true, true, false]);
});
