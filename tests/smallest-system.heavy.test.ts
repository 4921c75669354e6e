import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, delimiter, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SYSTEM = fileURLToPath(new URL('./smallest-system', import.meta.url));
/** Generous: what is run here compiles, and starts a whole Wheelhouse. */
const STEP_MS = 600_000;

/** What git does not track (.gitignore), and what a check that runs at this moment makes. */
const isTracked = (path: string): boolean =>
  !/^(node_modules|generated|coverage|dist.*|\.git|\.env|\.wheelhouse.*|.*\.log)$/.test(basename(path));

async function* filesBelow(folder: string): AsyncGenerator<string> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (!isTracked(path)) continue;
    if (entry.isDirectory()) yield* filesBelow(path);
    else yield path;
  }
}

/** A hash of each tracked file, by its path from the folder. */
async function contentsOf(folder: string): Promise<Map<string, string>> {
  const contents = new Map<string, string>();
  for await (const path of filesBelow(folder))
    contents.set(
      relative(folder, path),
      createHash('sha256')
        .update(await readFile(path))
        .digest('hex'),
    );
  return contents;
}

/** The paths that are there in one of the two only, or differ. */
const changesBetween = (before: Map<string, string>, after: Map<string, string>): string[] =>
  [...new Set([...before.keys(), ...after.keys()])].filter((path) => before.get(path) !== after.get(path)).sort();

/** What the run of the tests around this one, npm and CI have set: the copy is another clone, and its lockfile is to be written. */
const OF_THIS_RUN =
  /^(VITEST.*|NODE_ENV|TEST|PROD|DEV|MODE|SSR|BASE_URL|CI|npm_(?!config_).*|npm_config_local_prefix|INIT_CWD|WHEELHOUSE_.*)$/;

/** The environment of this machine, with the programs of `folder` first. */
function environmentIn(folder: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !OF_THIS_RUN.test(name));
  const path = (process.env.PATH ?? '').split(delimiter).filter((part) => !part.startsWith(ROOT));
  // Where bootstrap.mjs keeps what npx loads when the user has no home.
  const home = join(ROOT, 'node_modules/.home');
  return {
    ...Object.fromEntries(kept),
    PATH: [join(folder, 'node_modules/.bin'), ...path].join(delimiter),
    // All packages are there, since this test runs: the registry is asked for what is missing only.
    npm_config_prefer_offline: 'true',
    npm_config_update_notifier: 'false',
    ...(existsSync(home) && { HOME: home }),
  };
}

/** Runs a command in a folder. @throws Error with all that it said, when it fails */
async function run(folder: string, command: string, ...args: string[]): Promise<string> {
  const child = spawn(command, args, { cwd: folder, env: environmentIn(folder), stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  const [exitCode] = await once(child, 'close');
  if (exitCode !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${exitCode}:\n${said}`);
  return said;
}

/** Adds the two services to the text of docker-compose.yml, and to those that the router waits for. */
function withBlock(compose: string, block: string): string {
  const indented = block.replace(/^(?=.)/gm, '  ');
  const [services = '', router = '', ...rest] = compose.split(/^(?= {2}router:$)/m);
  const waiting = router.replace(/^ {6}(?=qsys: )/m, '      lights: { condition: service_healthy }\n      ');
  if (waiting === router || rest.length > 0) throw new Error('docker-compose.yml has another shape by now');
  return `${services}${indented}\n${waiting}`;
}

describe('the smallest system, added by the steps of docs/adding-a-subgraph.md', () => {
  let copy: string;
  let before: Map<string, string>;

  beforeAll(async () => {
    copy = await mkdtemp(join(tmpdir(), 'wheelhouse-smallest-'));
    await cp(ROOT, copy, { recursive: true, filter: (path) => relative(ROOT, path) === '' || isTracked(path) });
    before = await contentsOf(copy);
    await cp(join(SYSTEM, 'files'), copy, { recursive: true });
    const compose = join(copy, 'docker-compose.yml');
    const block = await readFile(join(SYSTEM, 'docker-compose.block.yml'), 'utf8');
    await writeFile(compose, withBlock(await readFile(compose, 'utf8'), block));
  }, STEP_MS);
  afterAll(() => rm(copy, { recursive: true, force: true }), STEP_MS);

  it(
    'passes every check after the commands that are told there',
    async () => {
      const { packageManager } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
      const { storeDir } = parse(await readFile(join(ROOT, 'node_modules/.modules.yaml'), 'utf8'));
      await run(copy, 'npx', '--yes', packageManager, 'install', '--prefer-offline', `--store-dir=${storeDir}`);
      await run(copy, 'npm', 'run', 'generate');
      await run(copy, 'npx', 'drizzle-kit', 'generate', '--name', 'lights');
      await run(copy, 'npm', 'run', 'compose');
      // What `npm run check` does besides, and on the new files alone where the others are not concerned.
      await run(copy, 'biome', 'check', 'subgraphs/lights', 'subgraphs/devices/systems/lights.ts');
      await run(copy, 'tsc', '-p', '.');
    },
    STEP_MS,
  );

  it('has touched its own folder, one file of devices and docker-compose.yml, and what is generated', async () => {
    const own = [...(await contentsOf(join(SYSTEM, 'files'))).keys()];
    const changed = changesBetween(before, await contentsOf(copy));
    const migration = changed.find((path) => /^drizzle\/\d{4}_lights\.sql$/.test(path)) ?? 'no migration';
    const snapshot = migration.replace('drizzle/', 'drizzle/meta/').replace('_lights.sql', '_snapshot.json');
    const generated = ['drizzle/meta/_journal.json', migration, snapshot, 'pnpm-lock.yaml', 'supergraph.graphql'];
    expect(changed).toEqual([...own, 'docker-compose.yml', ...generated].sort());
    expect(own.filter((path) => !path.startsWith('subgraphs/lights/'))).toEqual([
      'subgraphs/devices/systems/lights.ts',
    ]);
  });

  it(
    'works: its own tests pass there, and those of what all systems have in common',
    async () => {
      const common = ['boundaries', 'compose'].map((name) => `tests/${name}.test.ts`);
      const said = await run(copy, 'npx', 'vitest', 'run', 'subgraphs/lights', ...common);
      expect(said).toMatch(/subgraphs\/lights\/lights\.test\.ts/);
    },
    STEP_MS,
  );
});
