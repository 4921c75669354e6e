import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Account } from './account.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import type { DatabaseHome } from './postgres-home.ts';

export const DATABASE_USER = 'wheelhouse';

/** Reads or makes the database's password. It is on disk before anything is locked with it. */
export async function databasePassword(dataFolder: string): Promise<string> {
  const file = join(dataFolder, 'password');
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (err) {
    if (!(err instanceof Error && 'code' in err && err.code === 'ENOENT')) throw err;
  }
  const password = randomBytes(24).toString('hex');
  await writePrivately(file, password, {});
  return password;
}

async function writePrivately(file: string, text: string, account: Account): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(`${text}\n`);
    if (account.uid !== undefined && account.gid !== undefined) await handle.chown(account.uid, account.gid);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function runInitdb(binary: string, args: string[], account: Account): Promise<void> {
  const child = spawn(binary, args, {
    ...account,
    cwd: '/',
    env: { LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once('error', reject);
  child.once('close', resolve);
  const exitCode = await promise;
  if (exitCode !== 0) throw new Error(`initdb failed (exit code ${exitCode}):\n${output.trim()}`);
}

/**
 * The folder of a complete database cluster in `home`; makes it when there is none. It gets its name only when initdb is
 * through, so that one which was killed leaves nothing that looks like a database.
 */
export async function databaseCluster(
  home: DatabaseHome,
  binaries: PostgresBinaries,
  password: string,
  durable: boolean,
): Promise<{ cluster: string; made: boolean }> {
  const cluster = join(home.folder, 'cluster');
  const entries = await readdir(home.folder);
  for (const entry of entries) {
    // An initdb whose launcher was killed may still be writing there for a moment.
    if (entry.startsWith('cluster.new'))
      await rm(join(home.folder, entry), { recursive: true, force: true, maxRetries: 10 });
  }
  if (entries.includes('cluster')) {
    const found = (await readFile(join(cluster, 'PG_VERSION'), 'utf8')).trim();
    if (found === binaries.major) return { cluster, made: false };
    throw new Error(
      `The database in ${cluster} was made by PostgreSQL ${found} and this is ${binaries.major}: ` +
        'dump it with the former and load it into a new data folder.',
    );
  }
  const unfinished = join(home.folder, `cluster.new-${randomBytes(4).toString('hex')}`);
  const passwordFile = `${unfinished}.password`;
  await mkdir(unfinished, { mode: 0o700 });
  const { uid, gid } = home.account;
  if (uid !== undefined && gid !== undefined) await chown(unfinished, uid, gid);
  await writePrivately(passwordFile, password, home.account);
  // The built-in locale sorts alike on every system, and needs no locale to be installed.
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const access = [`--username=${DATABASE_USER}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
  const args = ['-D', unfinished, ...locale, ...access, '--no-instructions', ...(durable ? [] : ['--no-sync'])];
  await runInitdb(join(binaries.folder, 'initdb'), args, home.account);
  await rm(passwordFile);
  await rename(unfinished, cluster);
  return { cluster, made: true };
}
