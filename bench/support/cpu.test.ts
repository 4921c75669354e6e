import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { cpuMs, median, treeCpuMs } from './cpu.ts';

const BURN = 'const end = process.cpuUsage().user + 300_000; while (process.cpuUsage().user < end);';

it.skipIf(process.platform !== 'linux')(
  'counts the time of children that have ended in the tree, and not in the process',
  () => {
    const before = { own: cpuMs(process.pid), tree: treeCpuMs(process.pid) };
    spawnSync(process.execPath, ['--eval', BURN]);
    const own = cpuMs(process.pid) - before.own;
    expect(treeCpuMs(process.pid) - before.tree).toBeGreaterThanOrEqual(own + 280);
  },
);

it('takes the middle, or what lies between the two in the middle', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
});
