import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systems } from '@wheelhouse/devices/system.ts';
import { profiles } from '@wheelhouse/fida/profiles/registry.ts';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LEFT_OUT = new Set(['node_modules', 'generated', 'coverage']);

function* filesBelow(folder: string): Generator<string> {
  for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true })) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isFile()) yield path;
    if (entry.isDirectory() && !entry.name.startsWith('.') && !LEFT_OUT.has(entry.name)) yield* filesBelow(path);
  }
}

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
/** A file's text; nothing for what is imported by a package's name. */
const textOf = (path: string): string => (files.includes(path) ? read(path) : '');
const files = [...filesBelow('')];
/** Workspace packages whose folder has another name. */
const FOLDERS: Readonly<Record<string, string>> = { client: 'clients/typescript' };
const subgraphs = readdirSync(join(ROOT, 'subgraphs'));
/** Written for tests, or to run them: these may reach for what they like. */
const isForTests = (path: string): boolean =>
  /^(tests|bench)\/|\/testing\/|\.test\.ts$|^standalone\/test\.ts$/.test(path) || / from 'vitest'/.test(textOf(path));
const code = files.filter((path) => /\.(ts|tsx|mjs)$/.test(path));
const product = code.filter((path) => !isForTests(path));

const IMPORT = /(?:^|[\s;])(?:import|export)\s[^'"]*?from\s*['"]([^'"]+)['"]|\bimport\s*\(?\s*['"]([^'"]+)['"]/g;

/** What a file imports: paths from the root for our own files and workspace packages, names for the rest. */
function importsOf(path: string): string[] {
  return [...read(path).matchAll(IMPORT)].map(([, from, bare]) => {
    const name = from ?? bare ?? '';
    if (name.startsWith('.'))
      return relative(ROOT, resolve(ROOT, path, '..', name))
        .split(sep)
        .join('/');
    const [, workspace, rest] = /^@wheelhouse\/([^/]+)(\/.*)?$/.exec(name) ?? [];
    if (workspace === undefined) return name;
    const folder = subgraphs.includes(workspace) ? `subgraphs/${workspace}` : (FOLDERS[workspace] ?? workspace);
    return `${folder}${rest ?? ''}`;
  });
}

/** `file -> import` for every import of these files that is not allowed. */
const trespasses = (paths: readonly string[], isAllowed: (imported: string, path: string) => boolean): string[] =>
  paths.flatMap((path) =>
    importsOf(path)
      .filter((imported) => !isAllowed(imported, path))
      .map((imported) => `${path} -> ${imported}`),
  );

const folderOf = (path: string): string => path.split('/').slice(0, 2).join('/');
const isOurs = (imported: string): boolean =>
  /^(subgraphs|kit|contracts|clients|router|simulators|standalone|tests|bench|console|watchdog)\b/.test(imported);

describe('imports', () => {
  it('are found by this test', () => {
    expect(importsOf('subgraphs/fida/main.ts')).toContain('kit/service.ts');
    expect(importsOf('subgraphs/fida/main.ts')).toContain('subgraphs/fida/config.ts');
    expect(importsOf('tests/boundaries.test.ts')).toContain('subgraphs/devices/system.ts');
    expect(product.length).toBeGreaterThan(50);
  });

  it('of a subgraph never reach into another: entities are referred to by key, in the schema', () => {
    const own = code.filter((path) => path.startsWith('subgraphs/'));
    const isAllowed = (imported: string, path: string): boolean =>
      !imported.startsWith('subgraphs/') || folderOf(imported) === folderOf(path);
    expect(trespasses(own, isAllowed)).toEqual([]);
  });

  it('of a subgraph reach for the kit and the contracts only', () => {
    const own = product.filter((path) => path.startsWith('subgraphs/'));
    const isAllowed = (imported: string): boolean => !isOurs(imported) || /^(subgraphs|kit|contracts)\//.test(imported);
    expect(trespasses(own, isAllowed)).toEqual([]);
  });

  it.each(['kit', 'contracts'])('of %s never leave it', (folder) => {
    const own = product.filter((path) => path.startsWith(`${folder}/`));
    expect(own.length).toBeGreaterThan(0);
    expect(trespasses(own, (imported) => !isOurs(imported) || imported.startsWith(`${folder}/`))).toEqual([]);
  });

  it("of the client library reach for nothing of ours and nothing of Node's", () => {
    const own = product.filter((path) => path.startsWith('clients/typescript/'));
    const isAllowed = (imported: string): boolean =>
      imported.startsWith('clients/typescript/') || /^graphql-(ws|sse)$/.test(imported);
    expect(own.length).toBeGreaterThan(5);
    expect(trespasses(own, isAllowed)).toEqual([]);
  });

  it('of the console reach for nothing of ours but the client library: it knows no more of the graph than others', () => {
    const inNode = /^console\/(build|codegen|config|dev|vite\.config)\.ts$/;
    const own = product.filter((path) => path.startsWith('console/') && !inNode.test(path));
    const isAllowed = (imported: string): boolean => !isOurs(imported) || /^(console|clients)\//.test(imported);
    expect(own.length).toBeGreaterThan(30);
    expect(trespasses(own, isAllowed)).toEqual([]);
  });

  it('of the product never reach for what is written for tests', () => {
    expect(trespasses(product, (imported) => !isForTests(imported))).toEqual([]);
  });
});

describe('the kit', () => {
  const WORDS =
    /\b(devices?|displays?|snmp|vessels?|museums?|estates?|sensors?|venues?|fida|appspace|qsys|drivers?|shipments?|signage|halls?|screens?|oids?|probes?|probers?)\b/i;

  it('has not a word of the domain', () => {
    const own = files.filter((path) => /^kit\/.*\.(ts|graphql)$/.test(path) && !isForTests(path));
    const found = own.flatMap((path) =>
      read(path)
        .split('\n')
        .flatMap((line, index) => (WORDS.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
    );
    expect(found).toEqual([]);
  });
});

describe('settings', () => {
  it('are read from the environment by config.ts files only', () => {
    const readers = product.filter((path) => /\bprocess\s*\.\s*env\b/.test(read(path)));
    expect(readers.filter((path) => !/(^|\/)config\.ts$|\.mjs$/.test(path))).toEqual([]);
  });
});

describe('every subgraph', () => {
  it.each(subgraphs)('%s has the same rooms as the others', (name) => {
    const has = (...rooms: string[]): boolean =>
      rooms.some((room) =>
        files.some((path) => path === `subgraphs/${name}/${room}` || path.startsWith(`subgraphs/${name}/${room}/`)),
      );
    const missing = [
      ['main.ts'],
      ['config.ts'],
      ['resolvers.ts', 'resolvers'],
      ['tables.ts'],
      ['store.ts', 'store'],
      ['schema.graphql'],
    ].filter((rooms) => !has(...rooms));
    expect(missing).toEqual([]);
  });
});

describe('files', () => {
  it('are split before they grow past 250 lines', () => {
    const long = product
      .map((path) => [path, read(path).split('\n').length - 1] as const)
      .filter(([, lines]) => lines > 250);
    expect(long).toEqual([]);
  });
});

describe('display profiles', () => {
  it('are the same to the registry, which checks their names, and to fida, which has them', () => {
    const fida = systems.find(({ system }) => system === 'FIDA');
    const takes = (profile: string): boolean =>
      fida?.connection.safeParse({ host: 'h', port: 161, version: 'V2C', community: 'c', profile }).success === true;
    expect([...profiles.keys()].filter((profile) => !takes(profile))).toEqual([]);
    const named = fida?.typeDefs.match(/Which vendor's objects it has: ([^;]*);/)?.[1]?.split(/, | or /) ?? [];
    expect(named.toSorted()).toEqual([...profiles.keys()].toSorted());
  });
});
