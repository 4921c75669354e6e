import { access, readFile } from 'node:fs/promises';

/**
 * The whole SDL of the subgraph in `folder`: what all subgraphs share, then its own. A subgraph that builds a part of its SDL
 * has an `sdl.ts` that exports `typeDefs`; the others have `schema.graphql` alone.
 *
 * @param folder the subgraph's folder as a URL that ends in a slash
 */
export async function readSubgraphSdl(folder: URL): Promise<string> {
  const shared = await readFile(new URL('./shared.graphql', import.meta.url), 'utf8');
  const built = new URL('sdl.ts', folder);
  const hasBuilt = await access(built).then(
    () => true,
    () => false,
  );
  if (!hasBuilt) return `${shared}\n${await readFile(new URL('schema.graphql', folder), 'utf8')}`;
  const { typeDefs }: { typeDefs: string } = await import(built.href);
  return `${shared}\n${typeDefs}`;
}
