import { readdir, readFile } from 'node:fs/promises';
import { argumentsOf } from '@wheelhouse/standalone/processes.ts';

/** The processes below this one, and itself. */
async function family(root: number): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const parents = new Map<number, number>();
  for (const pid of pids) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    // proc_pid_stat(5): behind the name in parentheses come the state and the parent.
    const [, parent] = /\) \S (\d+)/.exec(stat) ?? [];
    if (parent !== undefined) parents.set(pid, Number(parent));
  }
  const found = [root];
  for (const pid of found) for (const [child, parent] of parents) if (parent === pid) found.push(child);
  return found;
}

/** Collects the command lines of a process and all below it, those that live a moment only too, until `stop`. */
export function watchArguments(root: number): { commandLines: Set<string>; stop: () => Promise<void> } {
  const commandLines = new Set<string>();
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      for (const pid of await family(root)) {
        const line = (await argumentsOf(pid)).join(' ');
        if (line !== '') commandLines.add(line);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  return {
    commandLines,
    stop: async () => {
      isOver = true;
      await watching;
    },
  };
}
