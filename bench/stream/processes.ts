import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composeSupergraph } from '@wheelhouse/router/compose.ts';
import { type Program, type RouterProgram, startProgram, startRouterProgram } from '../support/programs.ts';
import { factsSdl, logSdl } from './sdl.ts';

export type Estate = {
  log: Program & { said: { url: string } };
  facts: Program & { said: { url: string } };
  startRouter: (port?: number, settings?: NodeJS.ProcessEnv) => Promise<RouterProgram>;
  close: () => Promise<void>;
};

/**
 * The log, the facts about its devices, and a way to start the router as `npm run router` does.
 *
 * @param options.paddingBytes what is added to each event
 */
export async function startEstate({ paddingBytes = 0 } = {}): Promise<Estate> {
  const log = await startProgram<{ url: string }>(new URL('log-subgraph.ts', import.meta.url), [`${paddingBytes}`]);
  const facts = await startProgram<{ url: string }>(new URL('facts-subgraph.ts', import.meta.url));
  const folder = await mkdtemp(join(tmpdir(), 'wheelhouse-bench-'));
  const supergraph = join(folder, 'supergraph.graphql');
  const { supergraphSdl } = composeSupergraph([
    { name: 'log', url: log.said.url, sdl: logSdl },
    { name: 'facts', url: facts.said.url, sdl: factsSdl },
  ]);
  await writeFile(supergraph, supergraphSdl);
  const programs: Program[] = [log, facts];
  return {
    log,
    facts,
    startRouter: async (port, settings) => {
      const router = await startRouterProgram(supergraph, { ...(port && { port }), ...(settings && { settings }) });
      programs.push(router);
      return router;
    },
    close: async () => {
      for (const program of programs.reverse()) await program.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
