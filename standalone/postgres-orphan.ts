import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import { argumentsOf, holdsWithin, isRunning, signalProcess } from './processes.ts';

/** PostgreSQL rolls back open transactions and writes a checkpoint before it goes; a busy disk takes a while. */
const STOP_LIMIT_MS = 30_000;

/** What PostgreSQL writes into its data folder (miscadmin.h, LOCK_FILE_LINE_*): pid on line 1, its state on line 8. */
export async function readPostmasterFile(cluster: string): Promise<{ pid: number; state: string } | undefined> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  return Number.isInteger(pid) && pid > 0 ? { pid, state: lines[7]?.trim() ?? '' } : undefined;
}

/**
 * Stops PostgreSQL and resolves when it is gone: by "fast" shutdown, then "immediate" (PostgreSQL manual, "Shutting Down
 * the Server"). Both keep what was committed.
 *
 * @throws Error when it does not stop
 */
export async function stopPostmaster(pid: number): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    signalProcess(pid, signal);
    if (await holdsWithin(STOP_LIMIT_MS, async () => !(await isRunning(pid)))) return;
  }
  throw new Error(`PostgreSQL (process ${pid}) does not stop; end it and start again`);
}

/**
 * Stops a PostgreSQL that a killed start left running on `cluster`, and clears away a postmaster.pid whose number another
 * program has by now: PostgreSQL would take that program for itself and refuse to start.
 */
export async function stopOrphan(cluster: string, logger: Logger): Promise<void> {
  const found = await readPostmasterFile(cluster);
  if (found === undefined) return;
  const [program, ...rest] = await argumentsOf(found.pid);
  if (program?.endsWith('/postgres') && rest.includes(cluster)) {
    logger.warn({ pid: found.pid, cluster }, 'stopping a PostgreSQL that an earlier start left running');
    await stopPostmaster(found.pid);
  } else if (program !== undefined) {
    await rm(join(cluster, 'postmaster.pid'), { force: true });
  }
}
