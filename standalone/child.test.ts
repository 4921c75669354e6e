import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environment } from '@wheelhouse/kit/config.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Child, superviseChild } from './child.ts';
import { holdsWithin, isRunning } from './processes.ts';

const PROGRAM = fileURLToPath(new URL('./testing/child.ts', import.meta.url));

describe('a child of the supervisor', () => {
  let folder: string;
  let said: string[];
  let child: Child | undefined;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wheelhouse-child-'));
    said = [];
  });
  afterEach(async () => {
    await child?.stop();
    await rm(folder, { recursive: true, force: true });
  });
  function aChild(behaviour: string): Child {
    const logFile = join(folder, 'child.log');
    child = superviseChild({
      name: 'helper',
      args: [PROGRAM, behaviour],
      env: environment,
      logFile,
      say: (text) => said.push(text),
    });
    return child;
  }
  const runs = async (pid: number | undefined): Promise<boolean> => pid !== undefined && (await isRunning(pid));

  it('says what it offers when it is ready, and is gone after a stop', async () => {
    const helper = aChild('serve');
    expect(await helper.start()).toMatchObject({ url: 'http://127.0.0.1:1' });
    expect(await runs(helper.pid)).toBe(true);
    await helper.stop();
    expect(await runs(helper.pid)).toBe(false);
    expect(said).toEqual([]);
  });

  it('is started again when it is killed', async () => {
    const helper = aChild('serve');
    await helper.start();
    const first = helper.pid ?? 0;
    process.kill(first, 'SIGKILL');
    expect(await holdsWithin(10_000, () => said.includes('Running again: helper.'))).toBe(true);
    expect(said[0]).toContain('Ended unexpectedly: helper (signal SIGKILL). Starting it again. Log:');
    expect(helper.pid).not.toBe(first);
    expect(await runs(helper.pid)).toBe(true);
    process.kill(helper.pid ?? 0, 'SIGKILL');
    expect(await holdsWithin(10_000, () => said.length === 4)).toBe(true);
    expect(said[2]).toContain('Starting it again in 0.5 s. Log:');
  });

  it('that does not say when it is ready is asked, and one that never will be is quoted with the reason', async () => {
    const logFile = join(folder, 'child.log');
    const options = { name: 'helper', args: [PROGRAM, 'serve'], env: environment, logFile, say: () => {} };
    child = superviseChild({ ...options, whenReady: () => Promise.resolve() });
    expect(await child.start()).toEqual({ kind: 'ready' });
    await child.stop();
    child = superviseChild({ ...options, whenReady: () => Promise.reject(new Error('it is ill')) });
    await expect(child.start()).rejects.toThrow('The helper did not start: it is ill; log: ');
    expect(await runs(child.pid)).toBe(false);
  });

  it('may be any program', async () => {
    const logFile = join(folder, 'child.log');
    const whenReady = (): Promise<void> => Promise.resolve();
    child = superviseChild({
      name: 'sleeper',
      program: 'sleep',
      args: ['60'],
      env: environment,
      logFile,
      whenReady,
      say: () => {},
    });
    await child.start();
    expect(await runs(child.pid)).toBe(true);
    await child.stop();
    expect(await runs(child.pid)).toBe(false);
  });

  it('is not started again when it is stopped while it waits for its next start', async () => {
    const helper = aChild('serve');
    await helper.start();
    process.kill(helper.pid ?? 0, 'SIGKILL');
    expect(await holdsWithin(10_000, () => said.includes('Running again: helper.'))).toBe(true);
    process.kill(helper.pid ?? 0, 'SIGKILL');
    expect(await holdsWithin(10_000, () => said.length === 3)).toBe(true);
    await helper.stop();
    expect(await runs(helper.pid)).toBe(false);
    await expect(helper.start()).rejects.toThrow('not wanted any more');
  });

  it('that refuses to start is quoted', async () => {
    await expect(aChild('refuse').start()).rejects.toThrow('The helper did not start: the cupboard is bare');
  });

  it('that ends before it is ready is quoted from its log', async () => {
    await expect(aChild('crash').start()).rejects.toThrow(/exit code 3\. The end of .*child\.log:\nlast words/);
  });
});
