import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { ROOT } from './pnpm.ts';

const versions = z.record(z.string(), z.string()).default({});
const importerVersions = z.record(z.string(), z.object({ version: z.string() })).default({});

const lockfileShape = z.object({
  importers: z.record(z.string(), z.object({ dependencies: importerVersions, optionalDependencies: importerVersions })),
  snapshots: z.record(
    z.string(),
    z.object({ dependencies: versions, optionalDependencies: versions, optional: z.boolean().default(false) }),
  ),
});

/** A package that is installed where Wheelhouse runs, test and build tools apart. */
export type RuntimePackage = {
  name: string;
  version: string;
  /** Whether it is left out where it does not fit: Node and PostgreSQL for other platforms. */
  isOptional: boolean;
};

/** Without the peers and patches that pnpm writes behind a version in parentheses. */
const plain = (key: string): string => key.replace(/\(.*$/, '');

/** Everything that the dependencies of all workspace packages lead to, by name and version, as pnpm-lock.yaml has it. */
export function readRuntimePackages(
  text: string = readFileSync(join(ROOT, 'pnpm-lock.yaml'), 'utf8'),
): RuntimePackage[] {
  const { importers, snapshots } = lockfileShape.parse(parse(text));
  // A version that begins with a name is another package under this name.
  const keyOf = (name: string, version: string): string =>
    /^(@[^/]+\/)?[a-z][^@]*@/i.test(version) ? version : `${name}@${version}`;
  const found = new Set<string>();
  const waiting = Object.values(importers).flatMap(({ dependencies, optionalDependencies }) =>
    Object.entries({ ...dependencies, ...optionalDependencies }).flatMap(([name, { version }]) =>
      // A workspace package: an importer of its own.
      version.startsWith('link:') ? [] : [keyOf(name, version)],
    ),
  );
  for (const key of waiting) {
    if (found.has(key)) continue;
    found.add(key);
    const snapshot = snapshots[key];
    if (snapshot === undefined) throw new Error(`pnpm-lock.yaml has no snapshot of ${key}`);
    const { dependencies, optionalDependencies } = snapshot;
    for (const [name, version] of Object.entries({ ...dependencies, ...optionalDependencies }))
      waiting.push(keyOf(name, version));
  }
  const optional = new Map([...found].map((key) => [plain(key), snapshots[key]?.optional === true]));
  return [...optional]
    .map(([key, isOptional]) => {
      const at = key.lastIndexOf('@');
      return { name: key.slice(0, at), version: key.slice(at + 1), isOptional };
    })
    .sort((one, other) => one.name.localeCompare(other.name));
}
