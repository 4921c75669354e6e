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
