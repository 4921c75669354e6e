import { expect, it } from 'vitest';
import { somePrograms } from '../testing/programs.ts';
import { runProgram } from './run-program.ts';

const run = async (script: string, withinMs = 20_000, signal = new AbortController().signal) => {
  const programs = await somePrograms({ it: script });
  return runProgram(programs('it'), ['an argument'], { withinMs, signal });
};

it('gives what a program said, apart, and how it ended', async () => {
  expect(await run('echo "$1"; echo "$LC_ALL" >&2; exit 3')).toEqual({
    ...{ kind: 'ended', exitCode: 3, stdout: 'an argument\n', stderr: 'C\n' },
  });
});

it('hands none of our settings on', async () => {
  process.env.ENTERTAINMENT_TEST_SECRET = 'hush';
  expect(await run('env')).toMatchObject({ stdout: expect.not.stringContaining('hush') });
  delete process.env.ENTERTAINMENT_TEST_SECRET;
});

it('a program that is killed has no exit code', async () => {
  expect(await run('kill -9 $$')).toMatchObject({ kind: 'ended', exitCode: null });
});

it('one that hangs is killed, with a grandchild that holds its output open', async () => {
  const startedAt = performance.now();
  expect(await run('sleep 30 & sleep 30', 200)).toEqual({ kind: 'late' });
  expect(performance.now() - startedAt).toBeLessThan(10_000);
});

it('one that talks without end is bounded in what is kept of it', async () => {
  const end = await run('yes 0123456789012345678901234567890123456789', 1_000);
  expect(end).toEqual({ kind: 'late' });
  const long = await run('head -c 5000000 /dev/zero');
  expect(long.kind === 'ended' && long.stdout.length).toBeLessThan(1_200_000);
});

it('one that is not there, or is no program, could not be started', async () => {
  const options = { withinMs: 1_000, signal: new AbortController().signal };
  expect(await runProgram('/nowhere/program', [], options)).toMatchObject({ kind: 'notStarted', code: 'ENOENT' });
  expect(await runProgram('/etc/passwd', [], options)).toMatchObject({ kind: 'notStarted', code: 'EACCES' });
});

it('one that is called off before it began does not begin', async () => {
  expect(await run('exit 0', 1_000, AbortSignal.abort())).toEqual({ kind: 'cancelled' });
});
