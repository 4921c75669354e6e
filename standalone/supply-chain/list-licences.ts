// `npm run licences`: the licence of every package that runs, and exit code 1 when one of them is not allowed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { namedInNotice, readLicences, refusedLicences, unknownLicences } from './licences.ts';
import { readRuntimePackages } from './lockfile.ts';
import { ROOT } from './pnpm.ts';
import { readPolicy } from './policy.ts';

const policy = readPolicy();
const packages = readLicences();
const say = (text: string): void => void process.stdout.write(`${text}\n`);

for (const { name, version, licence } of packages.toSorted((one, other) => one.name.localeCompare(other.name)))
  say(`${licence.padEnd(24)} ${name} ${version}`);
const { missing, otherPlatforms } = unknownLicences(readRuntimePackages(), packages);
if (otherPlatforms.length > 0)
  say(`\nFor other platforms, not installed here: ${otherPlatforms.map(({ name }) => name).join(', ')}`);

const notice = readFileSync(join(ROOT, 'NOTICE'), 'utf8');
const faults = [
  ...refusedLicences(packages, policy).map(
    ({ name, version, licence }) => `${name} ${version}: ${licence} is not allowed by supply-chain.yaml`,
  ),
  ...missing.map(({ name, version }) => `${name} ${version}: its licence could not be read`),
  ...namedInNotice(policy)
    .filter((name) => !notice.includes(name))
    .map((name) => `${name}: NOTICE does not name it`),
];
say(faults.length === 0 ? `\nAll ${packages.length} are allowed.` : `\n${faults.join('\n')}`);
process.exitCode = faults.length === 0 ? 0 : 1;
