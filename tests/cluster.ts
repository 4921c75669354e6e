import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { environment } from '@wheelhouse/kit/config.ts';
import { type Cluster, type ClusterOptions, startCluster } from '@wheelhouse/standalone/cluster/cluster.ts';
import { readStandaloneConfig } from '@wheelhouse/standalone/config.ts';
import { subgraphNames } from '@wheelhouse/standalone/services.ts';
import type { Terminal } from '@wheelhouse/standalone/terminal.ts';
import { openWorkspace } from '@wheelhouse/standalone/workspace.ts';
import { temporaryFolder } from './temporary-postgres.ts';

/** One process of each service, for `replicas`: fewer than the file has, since every process takes more than a second of a core to start. */
export const ONE_OF_EACH: Readonly<Record<string, number>> = Object.fromEntries(
  (await subgraphNames()).flatMap((name) => [
    [name, 1],
    [`${name}-worker`, 1],
  ]),
);

export type TestCluster = Cluster & {
  /** What the terminal would have shown, a text each. */
  said: string[];
  /** The address of the application's database. */
  databaseUrl: string;
  importEstate: (estate: unknown) => Promise<Response>;
  /** Stops all processes in order, and leaves nothing behind. */
  close: () => Promise<void>;
};

export type TestClusterOptions = Required<Pick<ClusterOptions, 'queues'>> &
  Pick<ClusterOptions, 'replicas'> & {
    /** Settings, as the environment would have them. */
    settings?: Record<string, string>;
  };

/**
 * The processes of docker-compose.yml on loopback, on a database and a Redis of their own in a temporary folder. PostgreSQL is
 * as durable as in production: without synchronous commits, a kill would take back what subscribers have heard of.
 */
export async function startTestCluster({
  queues,
  replicas = {},
  settings = {},
}: TestClusterOptions): Promise<TestCluster> {
  const folder = await temporaryFolder();
  const parts: (() => Promise<unknown>)[] = [];
  const said: string[] = [];
  const aborter = new AbortController();
  const terminal: Terminal = { say: (text) => said.push(text), step: (_title, work) => work() };
  const config = { ...readStandaloneConfig({ PORT: '0', ...settings }), dataFolder: join(folder, 'data') };
  const run = {
    config,
    terminal,
    signal: aborter.signal,
    own: (_name: string, stop: () => Promise<unknown>) => void parts.push(stop),
    onLost: (reason: string) => void said.push(reason),
  };
  const close = async (): Promise<void> => {
    aborter.abort(new Error('the test is over'));
    for (const stop of parts.splice(0).reverse()) await stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const workspace = await openWorkspace(run);
    // These tests are not about who asks.
    const variables = { ...environment, WHEELHOUSE_ANONYMOUS_ROLE: 'ADMIN', ...settings };
    const cluster = await startCluster({ ...run, workspace, queues, replicas, variables });
    return {
      ...cluster,
      said,
      databaseUrl: cluster.process('postgres').url,
      importEstate: (estate) =>
        fetch(new URL('/service/estate', cluster.originOf('devices')), {
          method: 'POST',
          headers: { authorization: `Bearer ${workspace.secrets.serviceToken}`, 'content-type': 'application/json' },
          body: JSON.stringify(estate),
        }),
      close,
    };
  } catch (err) {
    await close();
    throw err;
  }
}
