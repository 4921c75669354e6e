import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** The times of a process as /proc/PID/stat has them (proc(5)): its own, and those of its children that have ended. */
function readStat(entry: number | string): { parent: number; ownMs: number; endedMs: number } {
  const text = readFileSync(`/proc/${entry}/stat`, 'utf8');
  // The program's name stands in brackets and may hold anything, brackets too.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticksMs = (index: number): number => (Number(fields[index]) * 1_000) / ticksPerSecond;
  return { parent: Number(fields[1]), ownMs: ticksMs(11) + ticksMs(12), endedMs: ticksMs(13) + ticksMs(14) };
}

/** CPU milliseconds that a process has used so far, user and system, all its threads; Linux only. */
export const cpuMs = (pid: number): number => readStat(pid).ownMs;

/** The same of its first thread alone, on which Node runs what is no thread of its own: the event loop. */
export const loopCpuMs = (pid: number): number => readStat(`${pid}/task/${pid}`).ownMs;

/** The same of those of its children that have ended, and that it has waited for. */
export const endedCpuMs = (pid: number): number => readStat(pid).endedMs;

/** The same of a process together with its children, ended ones too: PostgreSQL serves each connection by one. */
export function treeCpuMs(pid: number): number {
  const { ownMs, endedMs } = readStat(pid);
  let total = ownMs + endedMs;
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const child = readStat(Number(entry));
      if (child.parent === pid) total += child.ownMs;
    } catch (err) {
      // It has ended since the folder was read.
      if (!(err instanceof Error && 'code' in err && (err.code === 'ENOENT' || err.code === 'ESRCH'))) throw err;
    }
  }
  return total;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (low + high) / 2;
}
