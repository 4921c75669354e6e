// `npm run check`: everything that must hold before a change is handed over, save the tests.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

type Outcome = { passed: boolean; output: string };

function run(program: string, args: string[]): Outcome {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: ROOT, encoding: 'utf8' });
  return { passed: status === 0, output: `${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`.trim() };
}

/** Whether the migrations make what tables.ts says: nothing is left to generate, tried on a copy. */
function migrationsAreCurrent(): Outcome {
  // Within the clone: drizzle-kit takes paths relative to where it runs.
  const copy = mkdtempSync(join(ROOT, '.wheelhouse-check-'));
  try {
    cpSync(join(ROOT, 'drizzle'), copy, { recursive: true });
    const before = readdirSync(copy).length;
    const args = [
      'generate',
      '--dialect=postgresql',
      '--schema=./subgraphs/*/tables.ts',
      `--out=${relative(ROOT, copy)}`,
    ];
    const { passed, output } = run('drizzle-kit', args);
    if (passed && readdirSync(copy).length === before) return { passed, output };
    return {
      passed: false,
      output: `${output}\n\nThe tables differ from drizzle/: npx drizzle-kit generate writes the migration.`,
    };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

const STEPS: [name: string, step: () => Outcome][] = [
  ['format and lint', () => run('biome', ['check', '.'])],
  ['generated types', () => run('graphql-codegen', ['--config', 'codegen.ts'])],
  ['types', () => run('tsc', ['-p', '.'])],
  ['types of the client library, as in a browser', () => run('tsc', ['-p', 'clients/typescript'])],
  ['types of the console, as in a browser', () => run('tsc', ['-p', 'console'])],
  ['composition', () => run('node', ['router/compose-file.ts', '--check'])],
  ['migrations', migrationsAreCurrent],
  ['licences', () => run('node', ['standalone/supply-chain/list-licences.ts'])],
];

let failed = 0;
for (const [name, step] of STEPS) {
  process.stdout.write(`${name} ... `);
  const startedAt = performance.now();
  const { passed, output } = step();
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stdout.write(passed ? `ok (${seconds} s)\n` : `FAILED (${seconds} s)\n\n${output}\n\n`);
  if (!passed) failed += 1;
}
process.stdout.write(failed === 0 ? 'All checks passed.\n' : `${failed} of ${STEPS.length} checks failed.\n`);
process.exitCode = failed === 0 ? 0 : 1;
