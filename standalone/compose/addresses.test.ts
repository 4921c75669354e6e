import { describe, expect, it } from 'vitest';
import { hostOf, mapAddress } from './addresses.ts';

const places = {
  stores: new Map([
    ['postgres', 'postgres://own:secret@127.0.0.1:25432/other'],
    ['redis', ''],
  ]),
  services: new Map([['devices', { inside: 4000, outside: '127.0.0.1:31000' }]]),
};

describe('an address of the compose file', () => {
  it.each([
    ['http://devices:4000', 'http://127.0.0.1:31000'],
    ['http://devices:4000/graphql?a=b', 'http://127.0.0.1:31000/graphql?a=b'],
    ['ws://user:word@devices:4000/', 'ws://user:word@127.0.0.1:31000/'],
    ['postgres://wheelhouse:x@postgres:5432/wheelhouse', 'postgres://own:secret@127.0.0.1:25432/other'],
    ['redis://redis:6379', ''],
    ['http://elsewhere:4000/devices', 'http://elsewhere:4000/devices'],
    ['devices', 'devices'],
    ['http://elsewhere/?of=http://devices:4000', 'http://elsewhere/?of=http://devices:4000'],
    ['', ''],
  ])('%s is on this machine %s', (text, expected) => {
    expect(mapAddress(text, 'here', places)).toBe(expected);
  });

  it.each(['http://devices:4001', 'http://devices'])('is refused with a port that nobody listens on: %s', (text) => {
    expect(() => mapAddress(text, 'services.one.environment.URL', places)).toThrow(
      `services.one.environment.URL: ${text} is no address of devices, which listens on 4000`,
    );
  });

  it('is known by its host', () => {
    expect(['http://devices:4000', 'redis://:pass@redis', 'text', '4000'].map(hostOf)).toEqual([
      'devices',
      'redis',
      null,
      null,
    ]);
  });
});
