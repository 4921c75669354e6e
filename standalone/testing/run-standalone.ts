import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { environment } from '@wheelhouse/kit/config.ts';
import { holdsWithin } from '../processes.ts';

const PROGRAMS = {
  start: fileURLToPath(new URL('../main.ts', import.meta.url)),
  cluster: fileURLToPath(new URL('../cluster/main.ts', import.meta.url)),
};

/** `npm start` or `npm run cluster` as a child of a test, after the packages are installed. */
export type Standalone = {
  process: ChildProcess;
  /** What it has printed so far, on both streams. */
  output: () => string;
  /** Waits until it printed something; fails with all that it printed. */
  printed: (what: RegExp, deadlineMs?: number) => Promise<RegExpExecArray>;
  /** Sends the signal and gives the exit code; null when the signal itself ended it. */
  end: (signal: NodeJS.Signals) => Promise<number | null>;
  exitCode: () => Promise<number | null>;
};

export function runStandalone(
  args: string[],
  settings: Record<string, string> = {},
  program: keyof typeof PROGRAMS = 'start',
): Standalone {
  const env = { ...environment, PORT: '0', ...settings };
  const child = spawn(process.execPath, [PROGRAMS[program], ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const closed = once(child, 'close');
  const exitCode = async (): Promise<number | null> => (await closed)[0];
  return {
    process: child,
    output: () => output,
    async printed(what, deadlineMs = 180_000) {
      const done = await holdsWithin(deadlineMs, () => what.test(output) || child.exitCode !== null);
      const match = what.exec(output);
      if (match === null)
        throw new Error(`${done ? 'It ended' : 'In time'} without having printed ${what}:\n${output}`);
      return match;
    },
    end(signal) {
      child.kill(signal);
      return exitCode();
    },
    exitCode,
  };
}
