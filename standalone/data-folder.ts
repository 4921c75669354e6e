import { link, mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { argumentsOf } from './processes.ts';

const lockShape = z.object({ pid: z.number().int().positive(), command: z.string(), since: z.string() });
type Lock = z.infer<typeof lockShape>;

export const hasCode = (err: unknown, code: string): boolean =>
  err instanceof Error && 'code' in err && err.code === code;

/** Raised when another start holds the data folder. */
export class DataFolderHeldError extends Error {
  readonly code = 'DATA_FOLDER_HELD';
}

function parseLock(text: string): Lock | undefined {
  try {
    return lockShape.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

const commandOf = async (pid: number): Promise<string> => (await argumentsOf(pid)).join(' ');

/** Whether the process that wrote the lock still runs: its number may be another program's by now. */
async function isHeld(lock: Lock | undefined): Promise<boolean> {
  return lock !== undefined && (await commandOf(lock.pid)) === lock.command;
}

/**
 * Takes the data folder for this process; the lock of one that was killed is taken over.
 *
 * @returns how to give it back
 * @throws DataFolderHeldError naming who holds it
 */
export async function lockDataFolder(folder: string, since: Date): Promise<() => Promise<void>> {
  const file = join(folder, 'lock');
  const own = `${file}.${process.pid}`;
  const lock: Lock = { pid: process.pid, command: await commandOf(process.pid), since: since.toISOString() };
  await writeFile(own, JSON.stringify(lock));
  try {
    for (;;) {
      try {
        // A link is made whole or not at all, and never over another's.
        await link(own, file);
        return () => rm(file, { force: true });
      } catch (err) {
        if (!hasCode(err, 'EEXIST')) throw err;
      }
      const holder = parseLock(await readFile(file, 'utf8').catch(() => ''));
      if (holder !== undefined && (await isHeld(holder))) {
        throw new DataFolderHeldError(
          `Wheelhouse runs on ${folder} already: process ${holder.pid}, since ${holder.since}. ` +
            'Stop it first, or choose another folder with --data DIR.',
        );
      }
      // Moved away before it is removed: what another start has put there meanwhile is put back.
      const stale = `${own}.stale`;
      await rename(file, stale).catch(() => {});
      const moved = parseLock(await readFile(stale, 'utf8').catch(() => ''));
      if (await isHeld(moved)) await link(stale, file).catch(() => {});
      await rm(stale, { force: true });
    }
  } finally {
    await rm(own, { force: true });
  }
}

/** Makes the folder and its parts; others may pass through (PostgreSQL under root is another user) and list nothing. */
export async function openDataFolder(path: string): Promise<{ folder: string; logs: string }> {
  try {
    await mkdir(path, { recursive: true, mode: 0o711 });
    const folder = await realpath(path);
    const logs = join(folder, 'logs');
    await mkdir(logs, { recursive: true, mode: 0o700 });
    return { folder, logs };
  } catch (err) {
    const reason = err instanceof Error ? err.message : String(err);
    throw new Error(
      `The data folder ${path} can't be used: ${reason}. Choose another with --data DIR or WHEELHOUSE_DATA.`,
      { cause: err },
    );
  }
}
