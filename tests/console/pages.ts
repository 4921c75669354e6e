import { globSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../console/pages/', import.meta.url));

/** A page of the console as a browser finds it; what an entry.ts says besides is for the console alone. */
export type ConsolePage = { name: string; paths: readonly string[]; frame?: 'shell' | 'bare' | 'anyone' };

/** Every page of the console by its folder, so that one that is added is looked at as well. */
export async function findPages(): Promise<ConsolePage[]> {
  const files = globSync(`${FOLDER}*/entry.ts`).sort();
  return Promise.all(
    files.map(async (file) => {
      const { entry }: { entry: Omit<ConsolePage, 'name'> } = await import(pathToFileURL(file).href);
      return { ...entry, name: basename(dirname(file)) };
    }),
  );
}

/** The pages that have an address without an object in it come first: the others are found by what they link to. */
export const inOrder = (pages: readonly ConsolePage[]): ConsolePage[] => {
  const isPlain = ({ paths }: ConsolePage): boolean => paths.some((path) => !path.includes(':'));
  return [...pages.filter(isPlain), ...pages.filter((page) => !isPlain(page))];
};

const patternOf = (path: string): RegExp => new RegExp(`^${path.replace(/:\w+/g, '[^/?]+').replace(/\*$/, '.*')}$`);

/** The links to a page's addresses that have an object in them. */
export const linksTo = ({ paths }: ConsolePage, links: Iterable<string>): string[] => {
  const patterns = paths.filter((path) => path.includes(':')).map(patternOf);
  return [...links].filter((link) => patterns.some((pattern) => pattern.test(link)));
};

/** An address of a page: its own, or a link to it that was seen on another page. @throws Error when nothing leads there */
export function addressOf(page: ConsolePage, links: ReadonlySet<string>): string {
  const plain = page.paths.find((path) => !path.includes(':'));
  if (plain !== undefined) return plain.replace(/\/?\*$/, '') || '/';
  const [found] = linksTo(page, links);
  if (found === undefined) throw new Error(`no page links to console/pages/${page.name}, ${page.paths[0]}`);
  return found;
}
