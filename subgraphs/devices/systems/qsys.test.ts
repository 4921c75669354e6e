import { describe, expect, it } from 'vitest';
import { system } from './qsys.ts';

const KNOWN = Array.from({ length: 32 }, (_, i) => (0xa0 + i).toString(16).toUpperCase()).join(':');
const faultsOf = (connection: unknown): string[] =>
  (system.connection.safeParse(connection).error?.issues ?? []).map(
    ({ path, message }) => `${path.join('.')} ${message}`,
  );

describe('a connection to a Core', () => {
  it.each([
    ['TCP', 1710],
    ['WEBSOCKET', 80],
    ['WEBSOCKET_TLS', 443],
  ])('over %s has port %d where none is given', (transport, port) => {
    expect(system.connection.parse({ host: 'core', transport })).toEqual({ host: 'core', transport, port });
  });

  it.each([KNOWN, KNOWN.toLowerCase(), KNOWN.replaceAll(':', '')])('takes a fingerprint in the form %s', (given) => {
    const connection = { host: 'core', transport: 'WEBSOCKET_TLS', certificateFingerprint: given };
    expect(system.connection.parse(connection)).toMatchObject({ certificateFingerprint: KNOWN });
  });

  it('refuses what is no SHA-256, and one where there is no certificate', () => {
    const tls = { host: 'core', transport: 'WEBSOCKET_TLS' };
    for (const certificateFingerprint of ['', KNOWN.slice(3), `${KNOWN}:00`, KNOWN.replace('A0', 'G0')])
      expect(faultsOf({ ...tls, certificateFingerprint })).toEqual([
        'certificateFingerprint must be a SHA-256: 64 hexadecimal digits, with or without colons',
      ]);
    expect(faultsOf({ host: 'core', certificateFingerprint: KNOWN })).toEqual([
      'certificateFingerprint is for WEBSOCKET_TLS, and not for TCP',
    ]);
  });
});
