import { expect, it } from 'vitest';
import { readQsysConfig } from './config.ts';

const NEEDED = {
  DATABASE_URL: 'postgres://localhost/x',
  WHEELHOUSE_SERVICE_TOKEN: 'x'.repeat(32),
  WHEELHOUSE_SECRET_KEY: 'ab'.repeat(32),
};

it('has defaults with which a Core on a network of its own is looked at', () => {
  expect(readQsysConfig(NEEDED)).toMatchObject({
    ...{ QSYS_TIMEOUT_MS: 3_000, QSYS_DESIGN_TIMEOUT_MS: 30_000, QSYS_CHUNK_CONCURRENCY: 16 },
    ...{ QSYS_SETTLE_MS: 2_000, QSYS_SETTINGS_CONCURRENCY: 50 },
  });
});

it.each([
  ['QSYS_TIMEOUT_MS', '49'],
  ['QSYS_DESIGN_TIMEOUT_MS', '999'],
  ['QSYS_SETTLE_MS', '-1'],
  ['QSYS_CHUNK_CONCURRENCY', '0'],
])('refuses %s=%s by name', (name, value) => {
  expect(() => readQsysConfig({ ...NEEDED, [name]: value })).toThrow(name);
});
