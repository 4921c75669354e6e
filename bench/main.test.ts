import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const run = (...args: string[]) =>
  spawnSync(process.execPath, [fileURLToPath(new URL('main.ts', import.meta.url)), ...args], { encoding: 'utf8' });

it.each([[[]], [['none']], [['main']]])('lists the benchmarks that there are when asked for %j', (args) => {
  const { status, stderr } = run(...args);
  expect(status).toBe(2);
  expect(stderr).toMatch(/^Usage: npm run bench -- NAME .*\bsweep\b/);
});

it('names the option and its limits that a benchmark does not take', () => {
  const { status, stderr } = run('sweep', '--displays', '0');
  expect(status).toBe(1);
  expect(stderr).toContain('--displays must be a whole number from 1 to 15000');
});
