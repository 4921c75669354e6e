// `npm test` and `npm run coverage`: runs what this machine allows, and says at the end what it left out. The last line is
// always "N passed, N failed", with ", N skipped" where something was.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environment } from '@wheelhouse/kit/config.ts';
import { DEBIAN_PACKAGES } from '../tests/programs.ts';
import { countTests, type TestCounts } from './test-counts.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

async function runVitest(args: string[]): Promise<{ counts: TestCounts; missing: string[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'wheelhouse-test-run-'));
  const reportFile = join(folder, 'report.json');
  const leftOutFile = join(folder, 'left-out');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
    const child = spawn('vitest', ['run', ...reporters, ...args], {
      cwd: ROOT,
      env: { ...environment, WHEELHOUSE_LEFT_OUT_FILE: leftOutFile },
      stdio: 'inherit',
    });
    // vitest hears Ctrl-C from the terminal itself, and stops its database before it ends.
    process.on('SIGINT', () => {});
    process.on('SIGTERM', () => child.kill('SIGTERM'));
    const [exitCode] = await once(child, 'exit');
    const counts = countTests(await readFile(reportFile, 'utf8').catch(() => ''), exitCode === 0);
    const leftOut = await readFile(leftOutFile, 'utf8').catch(() => '');
    return { counts, missing: [...new Set(leftOut.split('\n').filter((name) => name !== ''))].sort() };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

say('Generating types ...');
const generated = spawnSync('graphql-codegen', ['--config', 'codegen.ts'], { cwd: ROOT, encoding: 'utf8' });
let failed = 0;
if (generated.status !== 0) {
  say(`${generated.stdout ?? ''}${generated.stderr ?? ''}\nCode generation failed.`);
  say('0 passed, 1 failed');
  failed = 1;
} else {
  const { counts, missing } = await runVitest(process.argv.slice(2));
  failed = counts.failed;
  const programs = missing.filter((name) => name in DEBIAN_PACKAGES);
  const forbidden = missing.filter((name) => !(name in DEBIAN_PACKAGES));
  if (programs.length > 0) {
    const packages = [...new Set(programs.map((program) => DEBIAN_PACKAGES[program]))];
    say(`\nLeft out, since these programs are missing: ${programs.join(', ')}`);
    say(`To run them as well: apt-get install ${packages.join(' ')}`);
  }
  if (forbidden.length > 0) say(`\nLeft out, since this machine does not allow them: ${forbidden.join(', ')}`);
  if (environment.CI === 'true' && counts.skipped > 0) {
    say(`CI=true: nothing may be left out, and ${counts.skipped} tests were.`);
    failed += counts.skipped;
  }
  say(`${counts.passed} passed, ${failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`);
}
process.exitCode = failed === 0 ? 0 : 1;
