import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { environment } from '@wheelhouse/kit/config.ts';
import { describe, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

function run(args: string[], settings: Record<string, string> = {}): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [MAIN, ...args], { env: { ...environment, ...settings }, encoding: 'utf8' });
}

describe('npm run cluster', () => {
  it('says how it is used', () => {
    const { status, stdout } = run(['--help']);
    expect(status).toBe(0);
    expect(stdout).toContain('npm run cluster -- [--data DIR] [--estate FILE] [--queues redis|postgres]');
  });

  it.each([
    [['--queues', 'rabbit'], {}, '--queues must be redis or postgres, not "rabbit"'],
    [['--estate', '/nowhere/estate.yaml'], {}, "The estate file /nowhere/estate.yaml can't be read"],
    [[], { HOST: '::1' }, 'HOST: must be 127.0.0.1 or left away for npm run cluster'],
  ])('refuses %s with %s, and starts nothing', (args, settings, message) => {
    const { status, stdout, stderr } = run(args, settings);
    expect(status).toBe(1);
    expect(stderr).toContain(message);
    expect(stdout).not.toContain('Starting');
  });
});
