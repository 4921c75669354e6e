import { spawn } from 'node:child_process';
import { environment } from '@wheelhouse/kit/config.ts';

/** More than fping says of a thousand hosts. What a program says beyond it is not kept. */
const MOST_OUTPUT_CHARACTERS = 1_000_000;

export type ProgramEnd =
  | { kind: 'ended'; exitCode: number | null; stdout: string; stderr: string }
  /** It did not end in time, and was killed. */
  | { kind: 'late' }
  /** It could not be started: `code` is the system's, such as ENOENT or EACCES. */
  | { kind: 'notStarted'; code: string; text: string }
  | { kind: 'cancelled' };

export type RunProgram = (
  file: string,
  args: readonly string[],
  limits: { withinMs: number; signal: AbortSignal },
) => Promise<ProgramEnd>;

/** Runs a program to its end and gives what it said, in the C locale. Never throws. */
export const runProgram: RunProgram = (file, args, { withinMs, signal }) => {
  if (signal.aborted) return Promise.resolve({ kind: 'cancelled' });
  const { promise, resolve } = Promise.withResolvers<ProgramEnd>();
  const said = { stdout: '', stderr: '' };
  // A plain user's PATH may lack the folders for administrators. LC_ALL goes before LANG, which alone would leave a German ping its "Zeit=0,03".
  const child = spawn(file, args, {
    env: { PATH: `${environment.PATH ?? ''}:/usr/sbin:/sbin`, LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let cut: ProgramEnd | null = null;
  const cutOff = (end: ProgramEnd): void => {
    cut = end;
    child.kill('SIGKILL');
    // A grandchild that holds the pipes open must not hold us up.
    child.stdout.destroy();
    child.stderr.destroy();
  };
  const timer = setTimeout(() => cutOff({ kind: 'late' }), withinMs);
  const onAbort = (): void => cutOff({ kind: 'cancelled' });
  signal.addEventListener('abort', onAbort, { once: true });
  const end = (found: ProgramEnd): void => {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    resolve(found);
  };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8');
    child[name].on('data', (text: string) => {
      if (said[name].length < MOST_OUTPUT_CHARACTERS) said[name] += text;
    });
    child[name].on('error', () => undefined);
  }
  child.once('error', (err) => {
    const code = 'code' in err && typeof err.code === 'string' ? err.code : 'UNKNOWN';
    end({ kind: 'notStarted', code, text: err.message });
  });
  child.once('close', (exitCode) => end(cut ?? { kind: 'ended', exitCode, ...said }));
  return promise;
};

/** The first line with something in it, for people. */
export const firstLine = (text: string): string | null =>
  text
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line !== '') ?? null;
