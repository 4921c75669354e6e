// `npm run audit`: what is published against the packages from npm. Exit code 0: nothing grave that is not recorded; 1: something;
// 3: could not look, which is neither.
import { judge, readReport, tell } from './advisories.ts';
import { runPnpm } from './pnpm.ts';
import { readPolicy } from './policy.ts';

const FOUND = 1;
/** Not 2, with which shells and Node end for reasons of their own. */
const COULD_NOT_LOOK = 3;

const { advisories: exceptions } = readPolicy();
const { stdout, stderr } = runPnpm(['audit', '--json', ...process.argv.slice(2)]);
const report = readReport(stdout);
if (report === null) {
  process.stdout.write(
    `Could not look for advisories: the registry gave no answer to that question. This does not mean that there are none.\n${stderr.trim()}\n`,
  );
  process.exitCode = COULD_NOT_LOOK;
} else {
  const judgement = judge(report, exceptions, new Date().toISOString().slice(0, 10));
  process.stdout.write(`${tell(judgement, report).join('\n')}\n`);
  process.exitCode = judgement.unrecorded.length === 0 ? 0 : FOUND;
}
