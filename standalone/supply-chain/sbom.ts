// `npm run sbom -- [FILE]`: the list of parts as CycloneDX, of all that runs, with versions, checksums and licences.
import { resolve } from 'node:path';
import { environment } from '@wheelhouse/kit/config.ts';
import { runPnpm } from './pnpm.ts';

const file = resolve(environment.INIT_CWD ?? '.', process.argv[2] ?? 'sbom.cdx.json');
const { status, stderr, stdout } = runPnpm([
  ...['sbom', '--prod', '--sbom-format', 'cyclonedx', '--sbom-spec-version', '1.6', '--sbom-type', 'application'],
  ...['--out', file],
]);
process.stdout.write(
  status === 0 ? `${file}\n` : `The list of parts could not be made: ${stderr.trim()}${stdout.trim()}\n`,
);
process.exitCode = status === 0 ? 0 : 1;
