import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composeSupergraph } from '@wheelhouse/router/compose.ts';
import { SUBGRAPH_NAMES, SUBGRAPHS } from '../router/estate.ts';
import { startProgram, startRouterProgram } from '../support/programs.ts';

export type Target = { url: string; pid: number; close: () => Promise<void> };

/** The router as shipped, over the subgraphs of the benchmark `router`, each a process of its own. */
export async function startTarget(settings: NodeJS.ProcessEnv): Promise<Target> {
  const subgraphs = await startProgram<{ urls: Record<string, string> }>(
    new URL('../router/subgraphs.ts', import.meta.url),
  );
  const folder = await mkdtemp(join(tmpdir(), 'wheelhouse-bench-'));
  const file = join(folder, 'supergraph.graphql');
  const { supergraphSdl } = composeSupergraph(
    SUBGRAPH_NAMES.map((name) => ({ name, url: subgraphs.said.urls[name] ?? '', sdl: SUBGRAPHS[name] })),
  );
  await writeFile(file, supergraphSdl);
  const router = await startRouterProgram(file, { settings });
  return {
    url: router.url,
    pid: router.pid,
    close: async () => {
      await router.stop();
      await subgraphs.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
