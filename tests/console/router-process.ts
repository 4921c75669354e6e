import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { environment } from '@wheelhouse/kit/config.ts';
import { eventually } from '../harness.ts';

const PROGRAM = fileURLToPath(import.meta.resolve('@wheelhouse/router/main.ts'));
const SUPERGRAPH = fileURLToPath(new URL('../../supergraph.graphql', import.meta.url));

/** A router in a process of its own, which can be killed and started again where it was. */
export type RouterProcess = {
  /** Where the console is. */
  origin: string;
  /** Ends it at once, as a crash would (SIGKILL). */
  kill: () => Promise<void>;
  /** At the same port. */
  start: () => Promise<void>;
};

/** @param settings as environment variables, the service token among them */
export async function startRouterProcess(
  subgraphUrls: Readonly<Record<string, string>>,
  settings: Record<string, string>,
): Promise<RouterProcess> {
  let child: ChildProcess | null = null;
  let port = '0';
  const start = async (): Promise<void> => {
    const subgraphs = Object.entries(subgraphUrls).flatMap(([name, url]) => ['--subgraph', `${name}=${url}`]);
    const started = spawn(process.execPath, [PROGRAM, '--supergraph', SUPERGRAPH, '--port', port, ...subgraphs], {
      env: { ...environment, LOG_LEVEL: 'error', ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = started;
    let output = '';
    for (const stream of [started.stdout, started.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    const [, found = ''] = await eventually('the router serves', () => {
      if (started.exitCode !== null) throw new Error(`the router ended:\n${output}`);
      return / at http:\/\/[^:]+:(\d+)\//.exec(output);
    });
    port = found;
  };
  await start();
  return {
    origin: `http://127.0.0.1:${port}`,
    start,
    kill: async () => {
      if (child === null || child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}
