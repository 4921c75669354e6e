import { expect, test } from 'vitest';
import { decryptDes, encryptDes, KeyStore } from './keys.ts';

// RFC 3414 A.3.1 and A.3.2
const ENGINE = Buffer.from('000000000000000000000002', 'hex');
const KEYS = [
  ['md5', '526f5eed9fcce26f8964c2930787d82b'],
  ['sha1', '6695febc9288e36282235fc7151f128497b38f3f'],
] as const;

test.each(KEYS)('makes the %s key of RFC 3414, warmed or not', async (hash, expected) => {
  const cold = new KeyStore();
  expect(cold.localize(hash, 'maplesyrup', ENGINE).toString('hex')).toBe(expected);
  const warm = new KeyStore();
  await Promise.all([warm.warm(hash, 'maplesyrup'), warm.warm(hash, 'maplesyrup')]);
  expect(warm.localize(hash, 'maplesyrup', ENGINE).toString('hex')).toBe(expected);
});

test('a key belongs to its engine and its password', () => {
  const store = new KeyStore();
  const other = Buffer.from('000000000000000000000003', 'hex');
  const keys = [
    store.localize('sha1', 'maplesyrup', ENGINE),
    store.localize('sha1', 'maplesyrup', other),
    store.localize('sha1', 'maplesyruq', ENGINE),
    store.localize('sha256', 'maplesyrup', ENGINE),
  ];
  expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(4);
});

test('warming a password leaves turns to others', async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  await new KeyStore().warm('sha512', 'a password of its own');
  clearInterval(timer);
  expect(turns).toBeGreaterThan(1);
});

test.each([0, 1, 7, 8, 9, 100])('DES gives back %i octets, padded to whole blocks', (length) => {
  const key = Buffer.from('526f5eed9fcce26f8964c2930787d82b', 'hex');
  const plain = Buffer.alloc(length, 'x');
  const { encrypted, salt } = encryptDes(plain, key);
  expect(encrypted.length % 8).toBe(0);
  expect(decryptDes(encrypted, key, salt).subarray(0, length)).toEqual(plain);
});
