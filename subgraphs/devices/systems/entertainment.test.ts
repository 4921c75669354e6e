import { expect, it } from 'vitest';
import { system } from './entertainment.ts';

it.each([
  [{ host: '192.0.2.1', method: 'ICMP' }, '192.0.2.1'],
  [{ host: '2001:db8::1', method: 'ICMP' }, '2001:db8::1'],
  [{ host: 'exhibit.example', method: 'TCP', port: 80 }, 'exhibit.example:80'],
  [{ host: '2001:db8::1', method: 'TCP', port: 80 }, '[2001:db8::1]:80'],
])('%j is printed as %s', (connection, address) => {
  expect(system.connection.safeParse(connection).success).toBe(true);
  expect(system.address(connection)).toBe(address);
});

it.each([
  [{ host: 'h' }, { host: 'h', method: 'ICMP' }],
  [
    { host: 'h', method: 'TCP', port: 1 },
    { host: 'h', method: 'TCP', port: 1 },
  ],
  [
    { host: 'h', method: 'TCP', port: 65_535 },
    { host: 'h', method: 'TCP', port: 65_535 },
  ],
])('%j is taken as %j', (given, taken) => {
  expect(system.connection.parse(given)).toEqual(taken);
});
