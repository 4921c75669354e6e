import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composeSupergraph } from '@wheelhouse/router/compose.ts';
import { SERVICE_TOKEN } from '@wheelhouse/router/testing/accounts.ts';
import { ask, type Program, startProgram, startRouterProgram } from '../support/programs.ts';
import { guarded, SUBGRAPH_NAMES, SUBGRAPHS } from './estate.ts';

export type Peer = { name: string; url: string; pid: number };
export type Peers = {
  peers: readonly [ours: Peer, stock: Peer];
  load: Program;
  /** Access tokens of so many people, new ones each time; null where nobody looks at them. */
  tokens: (count: number) => Promise<readonly string[] | null>;
  /** Bytes of traces that our router has sent; null when it sends none. */
  tracedBytes: () => Promise<number | null>;
  close: () => Promise<void>;
};

export type PeerOptions = {
  /** Settings of our router. */
  settings: NodeJS.ProcessEnv;
  /** Whether our router traces every request. */
  tracing: boolean;
  /** Whether our router has to find out who asks, and what they may ask for. */
  identity: boolean;
  /** Where our router's CPU profile goes when it ends. */
  profileFolder: string | null;
};

const ACCOUNTS = 'type Query { whoAmI: String }';

const beside = (file: string): URL => new URL(file, import.meta.url);

/** The subgraphs, both routers over one supergraph, and the load, each a process of its own. */
export async function startPeers({ settings, tracing, identity, profileFolder }: PeerOptions): Promise<Peers> {
  const programs: Program[] = [];
  const owned = <P extends Program>(program: P): P => {
    programs.push(program);
    return program;
  };
  const folder = await mkdtemp(join(tmpdir(), 'wheelhouse-bench-'));
  const close = async (): Promise<void> => {
    // A profile is written when the program ends by itself.
    for (const program of programs.reverse()) await program.stop(profileFolder === null ? 'SIGKILL' : 'SIGTERM');
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const subgraphs = owned(await startProgram<{ urls: Record<string, string> }>(beside('subgraphs.ts')));
    const file = join(folder, 'supergraph.graphql');
    const { supergraphSdl } = composeSupergraph(
      SUBGRAPH_NAMES.map((name) => ({ name, url: subgraphs.said.urls[name] ?? '', sdl: SUBGRAPHS[name] })),
    );
    await writeFile(file, supergraphSdl);
    const guardedFile = join(folder, 'guarded.graphql');
    const url = subgraphs.said.urls.accounts ?? '';
    const known = SUBGRAPH_NAMES.map((name) => ({
      name,
      url: subgraphs.said.urls[name] ?? '',
      sdl: guarded(SUBGRAPHS[name]),
    }));
    await writeFile(guardedFile, composeSupergraph([...known, { name: 'accounts', url, sdl: ACCOUNTS }]).supergraphSdl);
    const nodeArgs = profileFolder === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
    const collector = tracing ? owned(await startProgram<{ url: string }>(beside('collector.ts'))) : null;
    const traced = collector === null ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: collector.said.url };
    const ours = owned(
      await startRouterProgram(identity ? guardedFile : file, {
        settings: { ...traced, WHEELHOUSE_SERVICE_TOKEN: SERVICE_TOKEN, ...settings },
        nodeArgs,
      }),
    );
    const stock = owned(await startProgram<{ url: string }>(beside('stock.ts'), [file]));
    const load = owned(await startProgram(beside('load.ts')));
    return {
      peers: [
        { name: 'Wheelhouse', url: ours.url, pid: ours.pid },
        { name: 'ApolloGateway', url: stock.said.url, pid: stock.pid },
      ],
      load,
      tokens: async (count) => (identity ? ask<string[]>(subgraphs, { tokens: count }) : null),
      tracedBytes: async () =>
        collector === null ? null : (await ask<{ receivedBytes: number }>(collector, 'how many?')).receivedBytes,
      close,
    };
  } catch (err) {
    await close();
    throw err;
  }
}
