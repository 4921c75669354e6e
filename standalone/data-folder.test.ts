import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockDataFolder } from './data-folder.ts';
import { argumentsOf } from './processes.ts';

const at = new Date('2026-01-02T03:04:05Z');

describe('the data folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wheelhouse-data-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is held by one start at a time, and a second one learns by whom', async () => {
    const release = await lockDataFolder(folder, at);
    await expect(lockDataFolder(folder, at)).rejects.toThrow(
      `process ${process.pid}, since 2026-01-02T03:04:05.000Z. Stop it first`,
    );
    await release();
    await (await lockDataFolder(folder, at))();
    expect(await readdir(folder)).toEqual([]);
  });

  it('is taken over from a start that was killed', async () => {
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(other, 'spawn');
    const command = (await argumentsOf(other.pid ?? 0)).join(' ');
    await writeFile(join(folder, 'lock'), JSON.stringify({ pid: other.pid, command, since: at }));
    await expect(lockDataFolder(folder, at)).rejects.toThrow(`process ${other.pid}`);
    const exited = once(other, 'exit');
    other.kill('SIGKILL');
    await exited;
    await (await lockDataFolder(folder, at))();
  });

  it.each([
    [
      'of a process whose number another program has by now',
      () => JSON.stringify({ pid: process.pid, command: 'node main.ts', since: at }),
    ],
    ['that was cut off', () => '{"pid":'],
    ['that is empty', () => ''],
  ])('is taken over from a lock %s', async (_what, lock) => {
    await writeFile(join(folder, 'lock'), lock());
    await (await lockDataFolder(folder, at))();
  });

  it('goes to exactly one of many starts that find the same stale lock', async () => {
    await writeFile(join(folder, 'lock'), '');
    const starts = await Promise.allSettled(Array.from({ length: 8 }, () => lockDataFolder(folder, at)));
    expect(starts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});
