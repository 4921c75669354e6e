import { z } from 'zod';
import type { RuntimePackage } from './lockfile.ts';
import { runPnpm } from './pnpm.ts';
import type { Policy } from './policy.ts';

const listShape = z.record(z.string(), z.array(z.object({ name: z.string(), versions: z.array(z.string()) })));

/** A package with its licence, as its package.json has it: an SPDX expression. */
export type Licensed = { name: string; version: string; licence: string };

/** The licences of all that is installed here and runs. @throws Error when pnpm does not tell */
export function readLicences(): Licensed[] {
  const { status, stdout, stderr } = runPnpm(['licenses', 'list', '--recursive', '--prod', '--json']);
  if (status !== 0) throw new Error(`pnpm could not list licences: ${stderr.trim()}`);
  return Object.entries(listShape.parse(JSON.parse(stdout))).flatMap(([licence, packages]) =>
    packages.flatMap(({ name, versions }) => versions.map((version) => ({ name, version, licence }))),
  );
}

/** The licences that an SPDX expression names; `isMet` says whether it lets who accepts some of them use the package. */
function parseExpression(text: string): { ids: string[]; isMet: (accepts: (id: string) => boolean) => boolean } {
  const words = text.match(/[()]|[^\s()]+/g) ?? [];
  const ids: string[] = [];
  type Met = (accepts: (id: string) => boolean) => boolean;
  let at = 0;
  // SPDX 2.3, annex D: AND binds more than OR, and WITH belongs to the licence before it.
  const term = (): Met => {
    const word = words[at];
    at += 1;
    if (word === '(') {
      const inner = either();
      at += 1;
      return inner;
    }
    let id = word ?? '';
    if (words[at] === 'WITH') {
      id = `${id} WITH ${words[at + 1] ?? ''}`;
      at += 2;
    }
    ids.push(id);
    return (accepts) => accepts(id);
  };
  const all = (): Met => {
    const parts = [term()];
    for (; words[at] === 'AND'; parts.push(term())) at += 1;
    return (accepts) => parts.every((part) => part(accepts));
  };
  const either = (): Met => {
    const parts = [all()];
    for (; words[at] === 'OR'; parts.push(all())) at += 1;
    return (accepts) => parts.some((part) => part(accepts));
  };
  const met = either();
  // What is left over is no expression: a sentence, or "SEE LICENSE IN file".
  const isWhole = at === words.length;
  return { ids, isMet: (accepts) => isWhole && met(accepts) };
}

/** Those whose licence is not allowed, for any package or for this one. */
export function refusedLicences(packages: readonly Licensed[], { licences }: Policy): Licensed[] {
  return packages.filter(({ name, licence }) => {
    const accepts = (id: string): boolean =>
      licences.allowed.includes(id) || licences.forPackages[id]?.includes(name) === true;
    return !parseExpression(licence).isMet(accepts);
  });
}

/** Packages that the lockfile has and nobody has told the licence of; those for other platforms are not installed here. */
export function unknownLicences(runtime: readonly RuntimePackage[], packages: readonly Licensed[]) {
  const known = new Set(packages.map(({ name, version }) => `${name}@${version}`));
  const unknown = runtime.filter(({ name, version }) => !known.has(`${name}@${version}`));
  return {
    missing: unknown.filter(({ isOptional }) => !isOptional),
    otherPlatforms: unknown.filter(({ isOptional }) => isOptional),
  };
}

/** Packages under a licence that was accepted for them by name: what NOTICE has to name. */
export const namedInNotice = ({ licences }: Policy): string[] => Object.values(licences.forPackages).flat();
