import { readdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { readSubgraphSdl } from '@wheelhouse/kit/sdl.ts';
import { CompositionError, composeSupergraph } from './compose.ts';

const ROOT = new URL('../', import.meta.url);

/** The supergraph of every folder in `subgraphs`; the address of each follows from its name. */
export async function composeFolder(subgraphs: URL): Promise<string> {
  const entries = await readdir(subgraphs, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const composed = composeSupergraph(
    await Promise.all(
      names.sort().map(async (name) => ({
        name,
        url: `http://${name}:4000/graphql`,
        sdl: await readSubgraphSdl(new URL(`${name}/`, subgraphs)),
      })),
    ),
  );
  return `${composed.supergraphSdl.trimEnd()}\n`;
}

/** Writes supergraph.graphql at the root, or with --check only tells whether what is committed is current. */
async function main(args: string[]): Promise<void> {
  const file = new URL('supergraph.graphql', ROOT);
  const composed = await composeFolder(new URL('subgraphs/', ROOT));
  const committed = await readFile(file, 'utf8').catch(() => null);
  if (committed === composed) {
    process.stdout.write('supergraph.graphql is current\n');
  } else if (args.includes('--check')) {
    process.stderr.write(
      'supergraph.graphql is not what the subgraphs compose to: run `npm run compose` and commit it\n',
    );
    process.exitCode = 1;
  } else {
    await writeFile(file, composed);
    process.stdout.write(`wrote ${fileURLToPath(file)}\n`);
  }
}

if (import.meta.main) {
  try {
    await main(process.argv.slice(2));
  } catch (err) {
    if (!(err instanceof CompositionError)) throw err;
    process.stderr.write(`${err.message}\n`);
    process.exitCode = 1;
  }
}
