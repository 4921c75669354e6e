import type { ChildProcess } from 'node:child_process';

/** Longer than the ten seconds that kit/lifecycle.ts gives one part, so that a child which closes slowly is not cut off. */
export const STOP_LIMIT_MS = 20_000;

/** `exit code 1` or `signal SIGKILL` */
export const describeExit = (child: ChildProcess): string =>
  child.signalCode === null ? `exit code ${child.exitCode}` : `signal ${child.signalCode}`;

const hasExited = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

/** Ends a child; false when it had to be killed. */
export async function end(child: ChildProcess): Promise<boolean> {
  if (hasExited(child) || child.pid === undefined) return true;
  const { promise, resolve } = Promise.withResolvers<void>();
  child.once('exit', () => resolve());
  child.kill('SIGTERM');
  let killed = false;
  const timer = setTimeout(() => {
    killed = true;
    child.kill('SIGKILL');
  }, STOP_LIMIT_MS);
  await promise;
  clearTimeout(timer);
  return !killed;
}
