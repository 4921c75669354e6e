import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What it answers may be some megabytes. */
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

const manifestShape = z.object({ packageManager: z.string() });

/** Runs the pnpm that package.json pins, in the clone. `status` is null where it could not be started. */
export function runPnpm(args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const { packageManager } = manifestShape.parse(
    JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')),
  );
  const { status, stdout, stderr, error } = spawnSync('npx', ['--yes', packageManager, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  return {
    status: error === undefined ? status : null,
    stdout: stdout ?? '',
    stderr: `${stderr ?? ''}${error?.message ?? ''}`,
  };
}
