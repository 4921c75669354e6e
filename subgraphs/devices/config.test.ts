import { describe, expect, it } from 'vitest';
import { readDevicesConfig } from './config.ts';

const env = {
  DATABASE_URL: 'postgres://user@db/wheelhouse',
  WHEELHOUSE_SERVICE_TOKEN: 'x'.repeat(16),
  WHEELHOUSE_SECRET_KEY: 'ab'.repeat(32),
};

describe('the settings of devices', () => {
  it.each(['UTC', 'Africa/Cairo', 'Asia/Kolkata', 'Etc/UTC', 'US/Pacific'])('take the time zone %s', (zone) => {
    expect(readDevicesConfig({ ...env, WHEELHOUSE_TIME_ZONE: zone }).WHEELHOUSE_TIME_ZONE).toBe(zone);
  });

  it.each(['+02:00', 'Cairo', 'Mars/Olympus'])('refuse the time zone %s', (zone) => {
    expect(() => readDevicesConfig({ ...env, WHEELHOUSE_TIME_ZONE: zone })).toThrow(
      'WHEELHOUSE_TIME_ZONE: must be an IANA time zone such as Africa/Cairo',
    );
  });

  it.each(['2', '0', '-1', '3.5', 'forever', '36501'])('refuse to keep the status log for %s days', (days) => {
    expect(() => readDevicesConfig({ ...env, WHEELHOUSE_STATUS_LOG_DAYS: days })).toThrow('WHEELHOUSE_STATUS_LOG_DAYS');
  });

  it('have the documented defaults', () => {
    expect(readDevicesConfig(env)).toMatchObject({
      WHEELHOUSE_SWEEP_SECONDS: 60,
      WHEELHOUSE_MISSES_TO_OFFLINE: 3,
      WHEELHOUSE_STATUS_LOG_DAYS: 400,
      WHEELHOUSE_TIME_ZONE: 'UTC',
    });
  });
});
