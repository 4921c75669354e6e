import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** How Node is started for what is measured. */
const MEASURED = ['--expose-gc', '--import', fileURLToPath(new URL('collect-garbage.ts', import.meta.url))];

export type Program = { child: ChildProcess; pid: number; stop: (signal?: NodeJS.Signals) => Promise<void> };
export type RouterProgram = Program & { url: string; port: number };

function programOf(child: ChildProcess): Program {
  const stop = async (signal: NodeJS.Signals = 'SIGKILL'): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  };
  return { child, pid: child.pid ?? 0, stop };
}

/** Starts a program and gives it with the first thing that it says. */
export async function startProgram<Said>(
  file: URL,
  args: string[] = [],
  nodeArgs: string[] = [],
): Promise<Program & { said: Said }> {
  const program = programOf(
    fork(fileURLToPath(file), args, {
      env: inProduction(),
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: [...MEASURED, ...nodeArgs],
    }),
  );
  return { ...program, said: await nextWord<Said>(program.child) };
}

/** The next thing that a program says. @throws Error when it ends instead */
async function nextWord<Said>(child: ChildProcess): Promise<Said> {
  const aborter = new AbortController();
  const ended = (): void =>
    aborter.abort(new Error(`a program of the benchmark has ended: ${child.spawnargs.join(' ').slice(0, 300)}`));
  child.once('exit', ended);
  try {
    return ((await once(child, 'message', { signal: aborter.signal })) as [Said])[0];
  } finally {
    child.off('exit', ended);
  }
}

/** Asks a program something and waits for what it says next. @throws Error when it ends instead */
export async function ask<Said>({ child }: Program, question: unknown): Promise<Said> {
  const answer = nextWord<Said>(child);
  child.send(question as object);
  return answer;
}

/** Settings as they are in production, and more. */
const inProduction = (settings: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  ...process.env,
  LOG_LEVEL: 'error',
  NODE_ENV: 'production',
  ...settings,
});

/** Starts the router as `npm run router` does. */
export async function startRouterProgram(
  supergraphFile: string,
  {
    port = 0,
    settings = {},
    nodeArgs = [],
    args = [],
  }: { port?: number; settings?: NodeJS.ProcessEnv; nodeArgs?: string[]; args?: readonly string[] } = {},
): Promise<RouterProgram> {
  const main = fileURLToPath(new URL('../../router/main.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    [...MEASURED, ...nodeArgs, main, '--supergraph', supergraphFile, '--port', `${port}`, ...args],
    {
      env: inProduction(settings),
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let text = '';
  for await (const chunk of child.stdout ?? []) {
    text += chunk;
    const url = / at (http\S+)/.exec(text)?.[1];
    if (url !== undefined) return { ...programOf(child), url, port: Number(new URL(url).port) };
  }
  throw new Error(`the router did not start: ${text}`);
}
