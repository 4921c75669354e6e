import { access, readFile } from 'node:fs/promises';

const readOwn = (name: string): Promise<string> => readFile(new URL(name, import.meta.url), 'utf8');

/**
 * The whole SDL of the subgraph in `folder`: what all subgraphs share, the type SettingsChange where it is spoken of, then its own.
 * A subgraph that builds a part of its SDL has an `sdl.ts` that exports `typeDefs`; the others have `schema.graphql` alone.
 *
 * @param folder the subgraph's folder as a URL that ends in a slash
 */
export async function readSubgraphSdl(folder: URL): Promise<string> {
  const built = new URL('sdl.ts', folder);
  const hasBuilt = await access(built).then(
    () => true,
    () => false,
  );
  const { typeDefs }: { typeDefs: string } = hasBuilt
    ? await import(built.href)
    : { typeDefs: await readFile(new URL('schema.graphql', folder), 'utf8') };
  const parts = [await readOwn('shared.graphql'), typeDefs];
  if (/\bSettingsChange\b/.test(typeDefs)) parts.splice(1, 0, await readOwn('settings.graphql'));
  return parts.join('\n');
}
