import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { environment } from '@wheelhouse/kit/config.ts';
import type { Child } from '../child.ts';
import type { HealthCheck, ServiceDefinition } from '../compose/definitions.ts';
import { holdsWithin, signalProcess } from '../processes.ts';
import type { Workspace } from '../workspace.ts';

/** Where commands run, as in the image's working directory. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CONNECT_LIMIT_MS = 1_000;
const LOOK_MS = 100;
/** Each check is a process: asked less often than a connection is tried. */
const CHECK_MS = 500;

/** The program of a command: `node` is this Node, whatever the PATH has. */
const programOf = (word: string): string => (word === 'node' ? process.execPath : word);

/**
 * What a container has: its image's environment and what the file gives it, and nothing else of the caller's. A setting that the
 * file does not hand on is missed here as it would be there.
 */
export function containerEnvironment(
  given: Readonly<Record<string, string>>,
  place: { host: string; port: number },
  compileCache: string,
): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = environment;
  return { PATH, HOME, TMPDIR, NODE_COMPILE_CACHE: compileCache, ...given, HOST: place.host, PORT: String(place.port) };
}

async function accepts(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  socket.setTimeout(CONNECT_LIMIT_MS, () => resolve(false));
  socket.once('connect', () => resolve(true));
  socket.once('error', () => resolve(false));
  const connected = await promise;
  socket.destroy();
  return connected;
}

async function passes({ command, timeoutMs }: HealthCheck, env: NodeJS.ProcessEnv): Promise<boolean> {
  const [word = '', ...args] = command;
  const child = spawn(programOf(word), args, { cwd: ROOT, env, stdio: 'ignore', timeout: timeoutMs });
  const [exitCode] = await once(child, 'exit');
  return exitCode === 0;
}

export type ReplicaOptions = {
  definition: Pick<ServiceDefinition, 'name' | 'command' | 'healthCheck'>;
  replica: number;
  host: string;
  port: number;
  env: NodeJS.ProcessEnv;
  workspace: Workspace;
};

/** One process of a service, kept running on its port. It counts as started when its health check passes. */
export function superviseReplica({ definition, replica, host, port, env, workspace }: ReplicaOptions): Child {
  const { name, command, healthCheck } = definition;
  const [word = '', ...args] = command;
  const whenReady = async (signal: AbortSignal): Promise<void> => {
    if (healthCheck === null) return;
    const { startPeriodMs, intervalMs, retries } = healthCheck;
    const end = performance.now() + startPeriodMs + intervalMs * retries;
    const holds = async (everyMs: number, condition: () => Promise<boolean>): Promise<boolean> =>
      holdsWithin(end - performance.now(), async () => signal.aborted || (await condition()), everyMs);
    // A check is a process of its own: before anybody listens it would only take time from those that start.
    if (!(await holds(LOOK_MS, () => accepts(host, port)))) throw new Error(`it does not listen on port ${port}`);
    if (!(await holds(CHECK_MS, () => passes(healthCheck, env)))) throw new Error('its health check does not pass');
  };
  return workspace.supervise({
    name: `${name}-${replica}`,
    // Only Node gets the channel by which it notices that we were killed.
    ...(word === 'node' ? {} : { program: word }),
    args,
    env,
    cwd: ROOT,
    whenReady,
  });
}

/** A process that does its work and ends. */
export type Errand = { run: () => Promise<void>; stop: () => Promise<void> };

/** A command that must end with exit code 0 before others start. */
export function openErrand({ definition, env }: Pick<ReplicaOptions, 'definition' | 'env'>): Errand {
  const [word = '', ...args] = definition.command;
  let pid: number | undefined;
  let ended: Promise<unknown> = Promise.resolve();
  return {
    async run() {
      const child = spawn(programOf(word), args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => (output += text));
      pid = child.pid;
      const closed = once(child, 'close');
      ended = closed.catch(() => {});
      const [exitCode] = await closed;
      pid = undefined;
      if (exitCode !== 0) throw new Error(`${definition.name} failed (exit code ${exitCode}):\n${output.trim()}`);
    },
    async stop() {
      if (pid !== undefined) signalProcess(pid, 'SIGTERM');
      await ended;
    },
  };
}
