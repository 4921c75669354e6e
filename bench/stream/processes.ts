import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { composeSupergraph } from '@wheelhouse/router/compose.ts';
import { factsSdl, logSdl } from './sdl.ts';

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** How Node is started for what is measured. */
const MEASURED = ['--expose-gc', '--import', file('collect-garbage.ts')];

export type Program = { child: ChildProcess; pid: number; stop: () => Promise<void> };

function programOf(child: ChildProcess): Program {
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  return { child, pid: child.pid ?? 0, stop };
}

/** The next thing that a program says. @throws Error when it ends instead */
async function nextWord<Said>(child: ChildProcess): Promise<Said> {
  const { promise, reject } = Promise.withResolvers<never>();
  const fail = (): void => reject(new Error(`${child.spawnargs.slice(1).join(' ').slice(0, 200)} has ended`));
  child.once('exit', fail);
  const word = once(child, 'message') as Promise<[Said]>;
  try {
    return (await Promise.race([word, promise]))[0];
  } finally {
    child.off('exit', fail);
  }
}

/** Starts a program of this folder and gives it with the first thing that it says. */
export async function startProgram<Said>(name: string, args: string[] = []): Promise<Program & { said: Said }> {
  const program = programOf(
    fork(file(name), args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: MEASURED }),
  );
  return { ...program, said: await nextWord<Said>(program.child) };
}

/** Asks a program something and waits for what it says next. */
export async function ask<Said>({ child }: Program, question: unknown): Promise<Said> {
  const answer = nextWord<Said>(child);
  child.send(question as object);
  return answer;
}

export type Estate = {
  log: Program & { said: { url: string } };
  facts: Program & { said: { url: string } };
  startRouter: (port?: number, settings?: NodeJS.ProcessEnv) => Promise<Program & { url: string; port: number }>;
  close: () => Promise<void>;
};

/**
 * The log, the facts about its devices, and a way to start the router as `npm run router` does.
 *
 * @param options.paddingBytes what is added to each event
 */
export async function startEstate({ paddingBytes = 0 } = {}): Promise<Estate> {
  const log = await startProgram<{ url: string }>('log-subgraph.ts', [`${paddingBytes}`]);
  const facts = await startProgram<{ url: string }>('facts-subgraph.ts');
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
    startRouter: async (port = 0, settings = {}) => {
      const child = spawn(
        process.execPath,
        [...MEASURED, file('../../router/main.ts'), '--supergraph', supergraph, '--port', `${port}`],
        {
          env: { ...process.env, LOG_LEVEL: 'error', NODE_ENV: 'production', ...settings },
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      const program = programOf(child);
      programs.push(program);
      let text = '';
      for await (const chunk of child.stdout ?? []) {
        text += chunk;
        const url = / at (http\S+)/.exec(text)?.[1];
        if (url !== undefined) return { ...program, url, port: Number(new URL(url).port) };
      }
      throw new Error(`the router did not start: ${text}`);
    },
    close: async () => {
      for (const program of programs.reverse()) await program.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
