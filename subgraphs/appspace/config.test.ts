import { describe, expect, it } from 'vitest';
import { readAppspaceConfig } from './config.ts';

const needed = {
  DATABASE_URL: 'postgres://user@db/wheelhouse',
  WHEELHOUSE_SERVICE_TOKEN: 'x'.repeat(16),
  WHEELHOUSE_SECRET_KEY: 'ab'.repeat(32),
};
const account = {
  APPSPACE_URL: 'https://museum.cloud.appspace.com/',
  APPSPACE_SUBJECT_ID: 'an-application',
  APPSPACE_REFRESH_TOKEN: 'a-refresh-token',
};

describe("appspace's settings", () => {
  it('name an account', () => {
    expect(readAppspaceConfig({ ...needed, ...account }).account).toEqual({
      ...{ url: 'https://museum.cloud.appspace.com', subjectId: 'an-application', refreshToken: 'a-refresh-token' },
    });
  });

  it.each(['', '/', '//', '/api/v3', '/api/v3/'])('take an address that ends with "%s"', (end) => {
    const APPSPACE_URL = `https://museum.cloud.appspace.com${end}`;
    expect(readAppspaceConfig({ ...needed, ...account, APPSPACE_URL }).account?.url).toBe(
      'https://museum.cloud.appspace.com',
    );
  });

  it('may name none', () => {
    const none = { APPSPACE_URL: '', APPSPACE_SUBJECT_ID: '', APPSPACE_REFRESH_TOKEN: '' };
    expect(readAppspaceConfig({ ...needed, ...none })).toMatchObject({ account: null, APPSPACE_TIMEOUT_MS: 10_000 });
  });

  it.each(Object.keys(account))('that lack %s alone are refused, and it is named', (name) => {
    expect(() => readAppspaceConfig({ ...needed, ...account, [name]: '' })).toThrow(`  ${name}: is needed, since`);
  });

  it.each([
    ['https://api.cloud.appspace.com', true],
    ['http://127.0.0.1:8080', true],
    ['http://localhost:8080', true],
    ['http://[::1]:8080', true],
    ['http://museum.cloud.appspace.com', false],
    ['http://127.0.0.1.example.com', false],
    ['ftp://museum.cloud.appspace.com', false],
    ['https://user:secret@museum.cloud.appspace.com', false],
    ['https://museum.cloud.appspace.com/?token=x', false],
    ['museum', false],
  ])('take %s for an address: %j', (APPSPACE_URL, isTaken) => {
    const read = () => readAppspaceConfig({ ...needed, ...account, APPSPACE_URL });
    if (isTaken) expect(read().account?.url).toBe(APPSPACE_URL);
    else expect(read).toThrow(/APPSPACE_URL: must be an (https:\/\/ URL|address and nothing else)/);
  });

  it('never quote the refresh token', () => {
    const wrong = { ...needed, APPSPACE_REFRESH_TOKEN: 'the-very-secret' };
    expect(() => readAppspaceConfig(wrong)).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('the-very-secret') }),
    );
  });

  it.each([
    ['APPSPACE_TIMEOUT_MS', '50', '49'],
    ['APPSPACE_TIMEOUT_MS', '60000', '60001'],
    ['APPSPACE_CHUNK_CONCURRENCY', '200', '201'],
  ])('%s may be %s, and not %s', (name, good, bad) => {
    expect(readAppspaceConfig({ ...needed, [name]: good })).toMatchObject({ [name]: Number(good) });
    expect(() => readAppspaceConfig({ ...needed, [name]: bad })).toThrow(name);
  });
});
