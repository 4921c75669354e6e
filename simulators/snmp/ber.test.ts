import { expect, test } from 'vitest';
import { BerReader, encodeInteger, encodeOctets, encodeOid, encodeSequence, readOid, TAG } from './ber.ts';

// X.690 8.3: two's complement, as few octets as it takes.
test.each([
  [0, '020100'],
  [127, '02017f'],
  [128, '02020080'],
  [255, '020200ff'],
  [256, '02020100'],
  [-1, '0201ff'],
  [-128, '020180'],
  [-129, '0202ff7f'],
  [2_147_483_647, '02047fffffff'],
  [-2_147_483_648, '020480000000'],
  [4_294_967_295, '020500ffffffff'],
])('the integer %i is %s, there and back', (value, hex) => {
  const octets = encodeInteger(value);
  expect(octets.toString('hex')).toBe(hex);
  expect(new BerReader(octets).integer()).toBe(value);
});

test.each([
  ['1.3.6.1.2.1.1.1.0', '06082b06010201010100'],
  ['1.3.6.1.4.1.32473.1', '06092b0601040181fd5901'],
  ['2.999.4294967295', '060788378fffffff7f'],
])('the object identifier %s is %s, there and back', (oid, hex) => {
  const octets = encodeOid(oid);
  expect(octets.toString('hex')).toBe(hex);
  expect(readOid(new BerReader(octets).expect(TAG.oid))).toBe(oid);
});

test.each([127, 128, 255, 256, 65_500])('%i octets come back whole', (length) => {
  const octets = Buffer.alloc(length, 7);
  expect(new BerReader(encodeSequence([encodeOctets(octets)])).sequence().octets()).toEqual(octets);
});

test('no cut of a message is read as a whole one', () => {
  const message = encodeSequence([encodeInteger(1), encodeOctets('public'), encodeOid('1.3.6.1')]);
  for (let length = 0; length < message.length; length++) {
    expect(() => new BerReader(message.subarray(0, length)).sequence()).toThrow(/ends too early|cut off/);
  }
});
