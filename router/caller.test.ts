import { describe, expect, it } from 'vitest';
import { createNameCaller, isBehindTls } from './caller.ts';

const name = (address: string | undefined, forwarded?: string, hops = 0): string =>
  createNameCaller(hops)({ address, headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded } });

describe('a caller is named by', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:1:2::6', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    [undefined, 'unknown'],
  ])('its address: %s is %s', (address, expected) => {
    expect(name(address)).toBe(expected);
  });

  it.each([
    ['nothing that it writes itself, where no proxy is trusted', '203.0.113.9', 0, '192.0.2.1'],
    ['the last entry, where one is', '198.51.100.1, 203.0.113.9', 1, '203.0.113.9'],
    ['the last but one, where two are', '198.51.100.1, 203.0.113.9', 2, '198.51.100.1'],
    ['the first that there is, where there are fewer', '203.0.113.9', 3, '203.0.113.9'],
    ['the network of an IPv6 address in brackets', '[2001:db8::1]:443', 1, '2001:db8:0:0::/64'],
    ['the proxy, where it says nothing', '', 1, '192.0.2.1'],
    ['the proxy, where it says only commas', ' , ,', 1, '192.0.2.1'],
  ])('%s', (_what, forwarded, hops, expected) => {
    expect(name('192.0.2.1', forwarded, hops)).toBe(expected);
  });
});

it('TLS is what a trusted proxy says, and nobody else', () => {
  const headers = { 'x-forwarded-proto': 'https' };
  expect([isBehindTls({ headers }, 0), isBehindTls({ headers }, 1), isBehindTls({ headers: {} }, 1)]).toEqual([
    false,
    true,
    false,
  ]);
});
