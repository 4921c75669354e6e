import { describe, expect, it } from 'vitest';
import { readFidaConfig } from './config.ts';

const env = {
  DATABASE_URL: 'postgres://user@db/wheelhouse',
  WHEELHOUSE_SERVICE_TOKEN: 'x'.repeat(16),
  WHEELHOUSE_SECRET_KEY: 'ab'.repeat(32),
};

describe("fida's settings", () => {
  it.each([
    ['http://devices:4000', 'http://devices:4000'],
    ['http://devices:4000/', 'http://devices:4000'],
    ['https://gateway/devices//', 'https://gateway/devices'],
    ['', 'http://devices:4000'],
  ])('take %j as the address of devices: %s', (DEVICES_URL, url) => {
    expect(readFidaConfig({ ...env, DEVICES_URL }).DEVICES_URL).toBe(url);
  });

  it('are refused with all faults at once', () => {
    const wrong = {
      ...env,
      DEVICES_URL: 'devices:4000',
      FIDA_SNMP_TIMEOUT_MS: '49',
      FIDA_SNMP_RETRIES: '11',
      FIDA_CHUNK_CONCURRENCY: '0',
      FIDA_SETTLE_MS: '60001',
      FIDA_SETTINGS_CONCURRENCY: '0',
    };
    expect(() => readFidaConfig(wrong)).toThrow(
      /DEVICES_URL: .*http.*\n.*FIDA_SNMP_TIMEOUT_MS.*\n.*FIDA_SNMP_RETRIES.*\n.*FIDA_CHUNK_CONCURRENCY.*\n.*FIDA_SETTLE_MS.*\n.*FIDA_SETTINGS_CONCURRENCY/,
    );
  });
});
