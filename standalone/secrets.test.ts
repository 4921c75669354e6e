import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { beginRotation, endRotation, estateSecrets, secretSettings } from './secrets.ts';

const nothing = { secretKey: undefined, previousSecretKey: undefined };
const [ONE, OTHER, THIRD] = ['1', '2', '3'].map((digit) => digit.repeat(64)) as [string, string, string];

describe('the secrets of an estate', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wheelhouse-secrets-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('are those of the first start, for its owner only', async () => {
    const first = await estateSecrets(folder, nothing);
    expect(first.secretKey).toMatch(/^[0-9a-f]{64}$/);
    expect(await estateSecrets(folder, nothing)).toEqual(first);
    expect(await estateSecrets(folder, { ...nothing, secretKey: first.secretKey })).toEqual(first);
    const other = estateSecrets(folder, { ...nothing, secretKey: 'f'.repeat(64) });
    await expect(other).rejects.toThrow('WHEELHOUSE_SECRET_KEY is not the key');
    expect((await stat(join(folder, 'secrets.json'))).mode & 0o777).toBe(0o600);
  });

  it('are never replaced when they can not be read', async () => {
    await writeFile(join(folder, 'secrets.json'), '{"secretKey":');
    await expect(estateSecrets(folder, nothing)).rejects.toThrow(/secrets\.json/);
    await expect(beginRotation(folder, undefined)).rejects.toThrow(/secrets\.json/);
    expect(await readFile(join(folder, 'secrets.json'), 'utf8')).toBe('{"secretKey":');
  });

  it('have both keys from the begin of a change of keys to its end, however often it is begun', async () => {
    await estateSecrets(folder, { ...nothing, secretKey: ONE });
    const keys = await beginRotation(folder, undefined);
    expect(keys).toEqual({ previous: ONE, next: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(await beginRotation(folder, undefined)).toEqual(keys);
    const meanwhile = await estateSecrets(folder, nothing);
    expect(secretSettings(meanwhile)).toMatchObject({
      WHEELHOUSE_SECRET_KEY: keys.next,
      WHEELHOUSE_SECRET_KEY_PREVIOUS: ONE,
    });
    await endRotation(folder);
    const afterwards = await estateSecrets(folder, nothing);
    expect(secretSettings(afterwards)).toMatchObject({
      WHEELHOUSE_SECRET_KEY: keys.next,
      WHEELHOUSE_SECRET_KEY_PREVIOUS: '',
    });
    expect(afterwards.serviceToken).toBe(meanwhile.serviceToken);
  });

  it('are changed to the key that is wanted, and to no third one before that is done', async () => {
    await expect(beginRotation(folder, ONE)).rejects.toThrow('never started');
    await estateSecrets(folder, { ...nothing, secretKey: ONE });
    await expect(beginRotation(folder, ONE)).rejects.toThrow('set it to the new key');
    expect(await beginRotation(folder, OTHER)).toEqual({ previous: ONE, next: OTHER });
    await expect(beginRotation(folder, THIRD)).rejects.toThrow('was begun, and not ended');
  });

  it('follow settings that name the key in use as the previous one', async () => {
    await estateSecrets(folder, { ...nothing, secretKey: ONE });
    const changed = await estateSecrets(folder, { secretKey: OTHER, previousSecretKey: ONE });
    expect(changed).toMatchObject({ secretKey: OTHER, previousSecretKey: ONE });
    expect(await estateSecrets(folder, nothing)).toEqual(changed);
    await expect(estateSecrets(folder, { secretKey: THIRD, previousSecretKey: ONE })).rejects.toThrow('is not the key');
  });
});
