import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

describe('a secret in a file', () => {
  let folder: string;
  const { WHEELHOUSE_SECRET_KEY: key, ...others } = valid;
  const keyIn = (file: string) => ({ ...others, WHEELHOUSE_SECRET_KEY_FILE: join(folder, file) });
  const write = async (name: string, text: string, mode = 0o600): Promise<void> => {
    await writeFile(join(folder, name), text);
    await chmod(join(folder, name), mode);
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wheelhouse-config-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each([
    ['without a line end', ''],
    ['with one', '\n'],
    ['with that of Windows', '\r\n'],
  ])('is read %s', async (name, end) => {
    await write(name, `${key}${end}`);
    expect(readConfig(serviceSettings, keyIn(name)).WHEELHOUSE_SECRET_KEY).toBe(key);
  });

  it('may be any of those that services share', async () => {
    const secrets = {
      ...valid,
      WHEELHOUSE_SECRET_KEY_PREVIOUS: 'cd'.repeat(32),
      REDIS_URL: 'redis://:hush@redis:6379',
    };
    for (const [name, value] of Object.entries(secrets)) await write(name, value);
    const files = Object.keys(secrets).map((name) => [`${name}_FILE`, join(folder, name)]);
    expect(readConfig(serviceSettings, Object.fromEntries(files))).toMatchObject(secrets);
  });

  it('is refused when it is given twice', async () => {
    await write('key', key);
    const fault = 'WHEELHOUSE_SECRET_KEY_FILE: and WHEELHOUSE_SECRET_KEY are both set';
    expect(faultsOf({ ...keyIn('key'), WHEELHOUSE_SECRET_KEY: key })).toContain(fault);
  });

  it.each([
    ['is not there', null, "absent can't be read (ENOENT)"],
    ['is empty', '', 'is empty'],
    ['has only the end of a line', '\n', 'is empty'],
    ['is of the wrong length', `${key}ab`, 'must be 32 bytes in hexadecimal (64 characters)'],
    ['has a space in front', ` ${key}`, 'must be 32 bytes in hexadecimal (64 characters)'],
    ['is far too large', 'ab'.repeat(40_000), 'has 80000 bytes, more than 65536'],
  ])('is refused when the file %s, in a line that names the file and not what is in it', async (_what, text, fault) => {
    const name = text === null ? 'absent' : 'faulty';
    if (text !== null) await write(name, text);
    const lines = faultsOf(keyIn(name)).split('\n').slice(1);
    expect(lines).toEqual([expect.stringMatching(/^ {2}WHEELHOUSE_SECRET_KEY_FILE: .*(absent|faulty)/)]);
    expect(lines[0]).toContain(fault);
    expect(lines[0]).not.toContain('ababab');
  });

  it('is refused when the file is a folder', () => {
    expect(faultsOf(keyIn('.'))).toMatch(/WHEELHOUSE_SECRET_KEY_FILE: .* can't be read \(EISDIR\)/);
  });

  it('is taken with a warning, given once, when every user of the machine can read the file', async () => {
    await write('open to all', key, 0o644);
    const warnings: Error[] = [];
    const listen = (warning: Error): void => void warnings.push(warning);
    process.on('warning', listen);
    for (let times = 0; times < 2; times += 1) readConfig(serviceSettings, keyIn('open to all'));
    // Warnings are emitted on the next tick.
    await expect.poll(() => warnings.length).toBe(1);
    process.off('warning', listen);
    expect(warnings[0]).toMatchObject({ name: 'SecretFileWarning', message: expect.stringContaining('open to all') });
    expect(warnings[0]?.message).not.toContain(key);
  });
});
