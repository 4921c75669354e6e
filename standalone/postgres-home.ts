import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readFile, realpath, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Account, canEnter, unprivilegedAccount } from './account.ts';
import { makeSystemFolder, SYSTEM_FOLDER } from './postgres-binaries.ts';

/** Where a database lives, and as whom it runs. */
export type DatabaseHome = { folder: string; account: Account };

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (err) {
    if (err instanceof Error && 'code' in err && err.code === 'ENOENT') return undefined;
    throw err;
  }
}

/**
 * A home outside the data folder, under a name that no other data folder has. Two files tie them together: `location` in
 * the data folder names the home, `belongs-to` in the home names the data folder.
 */
async function homeElsewhere(dataFolder: string, account: Required<Account>): Promise<DatabaseHome> {
  const folder = join(SYSTEM_FOLDER, `database-${randomBytes(6).toString('hex')}`);
  await makeSystemFolder();
  await mkdir(folder, { mode: 0o700 });
  await chown(folder, account.uid, account.gid);
  await writeFile(join(folder, 'belongs-to'), `${dataFolder}\n`);
  await writeFile(join(dataFolder, 'location'), `${folder}\n`);
  return { folder, account };
}

async function rememberedHome(dataFolder: string, folder: string): Promise<DatabaseHome> {
  const owner = await readIfThere(join(folder, 'belongs-to'));
  const location = join(dataFolder, 'location');
  if (owner === undefined) {
    throw new Error(
      `${location} says that the database is in ${folder}, and it is not there. To start with an empty one, remove ${location}.`,
    );
  }
  if (owner !== dataFolder) {
    if ((await readIfThere(join(owner, 'location'))) === folder) {
      throw new Error(`The database in ${folder} belongs to ${owner}. To start with an empty one, remove ${location}.`);
    }
    // The data folder was moved, and its database goes with it.
    await writeFile(join(folder, 'belongs-to'), `${dataFolder}\n`);
  }
  const { uid, gid } = await stat(folder);
  return { folder, account: { uid, gid } };
}

/**
 * Finds or makes the home of `dataFolder`'s database. That is the folder itself, save for root: PostgreSQL refuses to run
 * as root, and the user it then runs as can't enter a clone in a closed folder such as /root.
 */
export async function databaseHome(dataFolder: string): Promise<DatabaseHome> {
  await mkdir(dataFolder, { recursive: true });
  const folder = await realpath(dataFolder);
  if (process.getuid?.() !== 0) {
    await chmod(folder, 0o700);
    return { folder, account: {} };
  }
  const remembered = await readIfThere(join(folder, 'location'));
  if (remembered !== undefined) return rememberedHome(folder, remembered);
  // Others may pass through to the one folder that is theirs, and list nothing.
  await chmod(folder, 0o711);
  const cluster = await stat(join(folder, 'cluster')).catch(() => undefined);
  const account = cluster === undefined ? unprivilegedAccount() : { uid: cluster.uid, gid: cluster.gid };
  if (canEnter(folder, account)) return { folder, account };
  if (cluster === undefined) return homeElsewhere(folder, account);
  throw new Error(
    `The database in ${folder} runs as user ${account.uid}, who can no longer enter it. Let others pass (chmod o+x) through ` +
      `${folder} and each folder above it, from ${dirname(folder)} on.`,
  );
}
