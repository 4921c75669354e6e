import { randomBytes } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { hasCode } from './data-folder.ts';

const secretsShape = z.object({
  secretKey: z.string(),
  serviceToken: z.string(),
  /** The key before, as long as something may be sealed with it. */
  previousSecretKey: z.string().optional(),
});
export type Secrets = z.infer<typeof secretsShape>;

/** Keys that the settings ask for. */
export type WantedKeys = { secretKey: string | undefined; previousSecretKey: string | undefined };

/** The settings by which a service has these secrets. */
export const secretSettings = (secrets: Secrets): NodeJS.ProcessEnv => ({
  WHEELHOUSE_SERVICE_TOKEN: secrets.serviceToken,
  WHEELHOUSE_SECRET_KEY: secrets.secretKey,
  WHEELHOUSE_SECRET_KEY_PREVIOUS: secrets.previousSecretKey ?? '',
});

/** Raised when the settings and what the data folder holds don't agree on the key. */
export class KeyError extends Error {
  readonly code = 'SECRET_KEY_WRONG';
}

const fileIn = (folder: string): string => join(folder, 'secrets.json');

async function readSecrets(file: string): Promise<Secrets | null> {
  try {
    return secretsShape.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (err) {
    if (hasCode(err, 'ENOENT')) return null;
    throw new Error(`The secrets in ${file} can't be read`, { cause: err });
  }
}

/** On disk when it resolves, whole or not at all. */
async function writeSecrets(file: string, secrets: Secrets): Promise<Secrets> {
  const unfinished = await open(`${file}.new`, 'w', 0o600);
  try {
    await unfinished.writeFile(`${JSON.stringify(secrets)}\n`);
    await unfinished.sync();
  } finally {
    await unfinished.close();
  }
  await rename(`${file}.new`, file);
  return secrets;
}

/**
 * The secrets of this estate, made at the first start. Without the key the device secrets in the database can't be opened,
 * so it is on disk before it is used, and a file that can't be read is an error rather than a new key. Settings that name the
 * key in use as the previous one change it.
 *
 * @throws KeyError when another key than the wanted one is in use
 */
export async function estateSecrets(folder: string, wanted: WantedKeys): Promise<Secrets> {
  const file = fileIn(folder);
  const kept = await readSecrets(file);
  const { secretKey = kept?.secretKey ?? randomBytes(32).toString('hex'), previousSecretKey } = wanted;
  if (kept === null) {
    const serviceToken = randomBytes(32).toString('hex');
    return writeSecrets(file, {
      secretKey,
      serviceToken,
      ...(previousSecretKey !== undefined && { previousSecretKey }),
    });
  }
  if (secretKey === kept.secretKey) {
    return previousSecretKey === undefined ? kept : { ...kept, previousSecretKey };
  }
  if (previousSecretKey === kept.secretKey) return writeSecrets(file, { ...kept, secretKey, previousSecretKey });
  throw new KeyError(
    `WHEELHOUSE_SECRET_KEY is not the key in ${file}, with which this estate's device secrets are sealed. ` +
      'Leave the setting away, change the key with npm run rotate-secret-key, or choose another folder with --data DIR.',
  );
}

/** Whether Wheelhouse was ever started with this data folder. */
export const hasSecrets = async (folder: string): Promise<boolean> => (await readSecrets(fileIn(folder))) !== null;

/**
 * Puts a new key in the place of the one in use, which is kept beside it until `endRotation`; does nothing where that was begun already.
 *
 * @param wantedKey the new key. @default one that is made here
 * @throws KeyError when there is no key to change, or the wanted one is no new one
 */
export async function beginRotation(
  folder: string,
  wantedKey: string | undefined,
): Promise<{ previous: string; next: string }> {
  const file = fileIn(folder);
  const kept = await readSecrets(file);
  if (kept === null) throw new KeyError(`${folder} has no secrets: Wheelhouse was never started there`);
  if (kept.previousSecretKey !== undefined) {
    if (wantedKey === undefined || wantedKey === kept.secretKey)
      return { previous: kept.previousSecretKey, next: kept.secretKey };
    throw new KeyError(
      `WHEELHOUSE_SECRET_KEY is not the new key in ${file}: another change of keys was begun, and not ended`,
    );
  }
  if (wantedKey === kept.secretKey) {
    throw new KeyError(
      `WHEELHOUSE_SECRET_KEY is the key in ${file}, which is to be changed: set it to the new key, or leave it away to have one made`,
    );
  }
  const next = wantedKey ?? randomBytes(32).toString('hex');
  await writeSecrets(file, { ...kept, secretKey: next, previousSecretKey: kept.secretKey });
  return { previous: kept.secretKey, next };
}

/** Forgets the key before: nothing is sealed with it any more. */
export async function endRotation(folder: string): Promise<void> {
  const file = fileIn(folder);
  const kept = await readSecrets(file);
  if (kept === null) return;
  const { previousSecretKey: _, ...secrets } = kept;
  await writeSecrets(file, secrets);
}
