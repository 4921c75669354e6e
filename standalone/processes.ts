import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';

/** Waits until `condition` holds, asking again `everyMs` after each answer; false when it does not within `deadlineMs`. */
export async function holdsWithin(
  deadlineMs: number,
  condition: () => boolean | Promise<boolean>,
  everyMs = 20,
): Promise<boolean> {
  const deadline = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  return true;
}

/** The program and arguments of a running process; empty when it is gone, or dead and not yet reaped by its parent. */
export async function argumentsOf(pid: number): Promise<string[]> {
  if (process.platform === 'linux') {
    const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return text.split('\0').filter((argument) => argument !== '');
  }
  const { stdout } = spawnSync('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.split(/\s+/).filter((argument) => argument !== '' && argument !== '<defunct>');
}

export async function isRunning(pid: number): Promise<boolean> {
  return (await argumentsOf(pid)).length > 0;
}

/** Sends a signal; a process that is gone already is what the sender wanted. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (err) {
    if (!(err instanceof Error && 'code' in err && err.code === 'ESRCH')) throw err;
  }
}
