import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ConfigError, portSetting, readConfig, serviceSettings } from './config.ts';

const valid = {
  DATABASE_URL: 'postgres://user:pass-word@db/wheelhouse',
  WHEELHOUSE_SERVICE_TOKEN: 'x'.repeat(16),
  WHEELHOUSE_SECRET_KEY: 'ab'.repeat(32),
};

function faultsOf(env: Record<string, string>): string {
  try {
    readConfig({ ...serviceSettings, PORT: portSetting(4000) }, env);
  } catch (err) {
    if (err instanceof ConfigError) return err.message;
  }
  return '';
}

describe('settings', () => {
  it('have defaults where that is safe, also for empty variables', () => {
    const read = readConfig(serviceSettings, { ...valid, HOST: '', WHEELHOUSE_SWEEP_SECONDS: '' });
    expect(read).toMatchObject({ HOST: '127.0.0.1', LOG_LEVEL: 'info', WHEELHOUSE_SWEEP_SECONDS: 60 });
  });

  it('are refused with all faults at once, each with its name, and no value of a secret', () => {
    const text = faultsOf({
      DATABASE_URL: 'mysql://user:hunter-two@db',
      WHEELHOUSE_SERVICE_TOKEN: 'too-short',
      WHEELHOUSE_SECRET_KEY: 'not-hex',
      WHEELHOUSE_SWEEP_SECONDS: '0',
      PORT: '70000',
    });
    const lines = text.split('\n').slice(1);
    expect(lines.map((line) => line.trim().split(':')[0])).toEqual([
      'DATABASE_URL',
      'WHEELHOUSE_SERVICE_TOKEN',
      'WHEELHOUSE_SECRET_KEY',
      'WHEELHOUSE_SWEEP_SECONDS',
      'PORT',
    ]);
    expect(text).not.toMatch(/hunter-two|too-short|not-hex/);
  });

  it('are missing when their variable is empty and there is no default', () => {
    expect(faultsOf({ ...valid, DATABASE_URL: '' })).toContain('DATABASE_URL: must be a postgres:// URL');
  });

  it.each([
    ['0', true],
    ['65535', true],
    ['65536', false],
    ['-1', false],
    ['4000.5', false],
    ['http', false],
  ])('take %s as a port: %s', (PORT, isTaken) => {
    expect(faultsOf({ ...valid, PORT }) === '').toBe(isTaken);
  });

  it.each(['1', '3600'])('take %s as seconds between sweeps', (seconds) => {
    expect(faultsOf({ ...valid, WHEELHOUSE_SWEEP_SECONDS: seconds })).toBe('');
  });
  it.each(['0', '3601'])('do not take %s as seconds between sweeps', (seconds) => {
    expect(faultsOf({ ...valid, WHEELHOUSE_SWEEP_SECONDS: seconds })).toContain('WHEELHOUSE_SWEEP_SECONDS');
  });

  it('take a secret key in capitals', () => {
    expect(faultsOf({ ...valid, WHEELHOUSE_SECRET_KEY: 'AB'.repeat(32) })).toBe('');
  });

  it('ignore variables that the shape does not name', () => {
    expect(readConfig({ A: z.string() }, { A: 'a', B: 'b' })).toEqual({ A: 'a' });
  });
});
