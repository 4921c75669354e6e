import { expect, it } from 'vitest';
import { readEntertainmentConfig } from './config.ts';

const needed = {
  DATABASE_URL: 'postgres://h/d',
  WHEELHOUSE_SERVICE_TOKEN: 'x'.repeat(16),
  WHEELHOUSE_SECRET_KEY: 'a'.repeat(64),
};

it('pings wait a second and are tried twice, when nothing else is set', () => {
  expect(readEntertainmentConfig(needed)).toMatchObject({
    ENTERTAINMENT_PING_TIMEOUT_MS: 1_000,
    ENTERTAINMENT_PING_RETRIES: 1,
    ENTERTAINMENT_CHUNK_CONCURRENCY: 16,
  });
});

it.each([
  ['ENTERTAINMENT_PING_TIMEOUT_MS', '50', '49'],
  ['ENTERTAINMENT_PING_TIMEOUT_MS', '30000', '30001'],
  ['ENTERTAINMENT_PING_RETRIES', '0', '-1'],
  ['ENTERTAINMENT_PING_RETRIES', '10', '11'],
  ['ENTERTAINMENT_CHUNK_CONCURRENCY', '200', '201'],
])('%s may be %s, and not %s', (name, good, bad) => {
  expect(readEntertainmentConfig({ ...needed, [name]: good })).toMatchObject({ [name]: Number(good) });
  expect(() => readEntertainmentConfig({ ...needed, [name]: bad })).toThrow(name);
});
