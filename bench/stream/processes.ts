import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { composeSupergraph } from '@wheelhouse/router/compose.ts';
import { factsSdl, logSdl } from './sdl.ts';

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

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

/** Starts a program of this folder and gives it with the first thing that it says. */
export async function startProgram<Said>(name: string, args: string[] = []): Promise<Program & { said: Said }> {
  const program = programOf(fork(file(name), args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }));
  const [said] = (await once(program.child, 'message')) as [Said];
  return { ...program, said };
}

/** Asks a program something and waits for what it says next. */
export async function ask<Said>({ child }: Program, question: unknown): Promise<Said> {
  const answer = once(child, 'message') as Promise<[Said]>;
  child.send(question as object);
  return (await answer)[0];
}

export type Estate = {
  log: Program & { said: { url: string } };
  facts: Program & { said: { url: string } };
  startRouter: (port?: number, settings?: NodeJS.ProcessEnv) => Promise<Program & { url: string; port: number }>;
  close: () => Promise<void>;
};

/** The log, the facts about its devices, and a way to start the router as `npm run router` does. */
export async function startEstate(): Promise<Estate> {
  const log = await startProgram<{ url: string }>('log-subgraph.ts');
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
        [file('../../router/main.ts'), '--supergraph', supergraph, '--port', `${port}`],
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
