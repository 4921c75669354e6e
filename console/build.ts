// Builds the console into console/dist, which the router serves, when its sources have changed since: `npm start`, `npm test` and the image run it.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, gzip, constants as zlib } from 'node:zlib';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = join(ROOT, 'console/dist');
const STAMP = join(DIST, '.built-from');
/** All that the build reads. */
const SOURCES = [
  'console/**/*',
  'clients/typescript/*.ts',
  'supergraph.graphql',
  'pnpm-lock.yaml',
  'pnpm-workspace.yaml',
  'package.json',
];
const NOT_SOURCES = /(^|\/)(node_modules|generated|dist[^/]*)(\/|$)|\.test\.tsx?$|\.md$/;

/** A hash of the sources; what is built from the same has the same. */
function sourcesHash(): string {
  const files = SOURCES.flatMap((glob) =>
    globSync(glob, { cwd: ROOT, withFileTypes: true, exclude: (entry) => NOT_SOURCES.test(entry.name) }),
  )
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !NOT_SOURCES.test(file.slice(ROOT.length)))
    .sort();
  const hash = createHash('sha256');
  for (const file of files) hash.update(file.slice(ROOT.length)).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

function run(program: string, args: string[]): void {
  const { status, stdout, stderr, error } = spawnSync(join(ROOT, program), args, { cwd: ROOT, encoding: 'utf8' });
  if (status === 0) return;
  throw new Error(`${program} failed:\n${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`);
}

/** Puts .gz and .br beside each file that gets smaller by it, so that the router need not compress. */
async function compress(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && /\.(js|css|html|svg|json)$/.test(entry.name));
  await Promise.all(
    files.map(async (entry) => {
      const file = join(entry.parentPath, entry.name);
      const content = await readFile(file);
      const [gz, br] = await Promise.all([
        promisify(gzip)(content, { level: 9 }),
        // 9 of 11: a tenth of the time for a fiftieth of the size.
        promisify(brotliCompress)(content, { params: { [zlib.BROTLI_PARAM_QUALITY]: 9 } }),
      ]);
      if (gz.length < content.length) await writeFile(`${file}.gz`, gz);
      if (br.length < content.length) await writeFile(`${file}.br`, br);
    }),
  );
}

/** Builds beside what is there and then takes its place: who reads it meanwhile sees the old one whole, and two builds do not mix. */
async function build(hash: string): Promise<void> {
  const folder = `${DIST}-${process.pid}`;
  try {
    run('node_modules/.bin/graphql-codegen', ['--config', 'console/codegen.ts']);
    run('console/node_modules/.bin/vite', [
      'build',
      'console',
      '--outDir',
      folder,
      '--emptyOutDir',
      '--logLevel',
      'warn',
    ]);
    await compress(folder);
    writeFileSync(join(folder, '.built-from'), hash);
    const old = `${DIST}-old-${process.pid}`;
    if (existsSync(DIST)) renameSync(DIST, old);
    renameSync(folder, DIST);
    rmSync(old, { recursive: true, force: true });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const hash = sourcesHash();
if (!existsSync(STAMP) || readFileSync(STAMP, 'utf8') !== hash) {
  const startedAt = performance.now();
  process.stdout.write('Building the console ...\n');
  try {
    await build(hash);
    process.stdout.write(`  built in ${((performance.now() - startedAt) / 1000).toFixed(0)} s\n`);
  } catch (err) {
    process.stderr.write(`${err instanceof Error ? err.message : err}\n\nThe console could not be built.\n`);
    process.exitCode = 1;
  }
}
