import { type ChildProcess, spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { z } from 'zod';
import { describeExit, end, STOP_LIMIT_MS } from './end-child.ts';
import { endOfLog, rotateLog } from './logs.ts';

const START_LIMIT_MS = 120_000;
/** How long a child must have run for its next failure to count as the first, after which it is started again at once. */
const SETTLED_MS = 5_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

const messageShape = z.union([
  z.looseObject({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('failed'), message: z.string() }),
]);
export type ReadyMessage = Extract<z.infer<typeof messageShape>, { kind: 'ready' }>;

export type ChildOptions = {
  /** What the terminal calls it: "server". */
  name: string;
  /** @default this Node, with a channel to us */
  program?: string;
  /** The arguments of the program; for Node, the file to run comes first. */
  args: string[];
  env: NodeJS.ProcessEnv;
  /** @default our own folder */
  cwd?: string;
  logFile: string;
  /**
   * For a child that does not say itself when it is ready: resolves when it is. Rejects when it never will be; the signal
   * aborts once nobody waits.
   *
   * @default the child's own message
   */
  whenReady?: (signal: AbortSignal) => Promise<void>;
  /** Tells the person at the terminal what became of the child. */
  say: (text: string) => void;
};

export type Child = {
  readonly pid: number | undefined;
  /**
   * Resolves when the child is ready. From then on, when it ends by itself, it is started again: at once, then at ever longer
   * intervals.
   *
   * @throws Error with the child's own words when it does not start
   */
  start: () => Promise<ReadyMessage>;
  stop: () => Promise<void>;
};

/** A child in a process group of its own: Ctrl-C reaches the supervisor alone, which stops its children in order. */
export function superviseChild(options: ChildOptions): Child {
  const { name, program, args, env, cwd, logFile, whenReady, say } = options;
  let current: ChildProcess | undefined;
  let stopping = false;
  let failures = 0;
  let retry: NodeJS.Timeout | undefined;

  const awaitReady = (child: ChildProcess): Promise<ReadyMessage> => {
    const { promise, resolve, reject } = Promise.withResolvers<ReadyMessage>();
    const fail = (reason: string): void => reject(new Error(`The ${name} did not start: ${reason}`));
    const timer = setTimeout(
      () => fail(`not ready within ${START_LIMIT_MS / 1000} s; log: ${logFile}`),
      START_LIMIT_MS,
    );
    const aborter = new AbortController();
    whenReady?.(aborter.signal).then(
      () => resolve({ kind: 'ready' }),
      (err: unknown) => fail(`${err instanceof Error ? err.message : err}; log: ${logFile}`),
    );
    child.on('message', (message) => {
      const read = messageShape.safeParse(message).data;
      if (read?.kind === 'ready') resolve(read);
      else if (read !== undefined) fail(read.message);
    });
    child.once('error', (err) => fail(err.message));
    child.once('exit', () => {
      void endOfLog(logFile).then((lines) => fail(`${describeExit(child)}. The end of ${logFile}:\n${lines}`));
    });
    return promise.finally(() => {
      clearTimeout(timer);
      aborter.abort(new Error(`nobody waits for the ${name} any more`));
    });
  };
  const startAgain = (why: string): void => {
    const pauseMs = failures <= 1 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (failures - 2), LONGEST_PAUSE_MS);
    say(`${why} Starting it again${pauseMs === 0 ? '' : ` in ${pauseMs / 1000} s`}. Log: ${logFile}`);
    retry = setTimeout(() => {
      launch().then(
        () => say(`Running again: ${name}.`),
        (err: unknown) => {
          failures += 1;
          if (!stopping) startAgain(err instanceof Error ? err.message : String(err));
        },
      );
    }, pauseMs);
  };
  const launch = async (): Promise<ReadyMessage> => {
    await rotateLog(logFile);
    const log = await open(logFile, 'a', 0o600);
    if (stopping) throw new Error(`The ${name} is not wanted any more`);
    const channel = program === undefined ? (['ipc'] as const) : [];
    const child = spawn(program ?? process.execPath, args, {
      env,
      cwd,
      stdio: ['ignore', log.fd, log.fd, ...channel],
      detached: true,
    });
    current = child;
    const startedAt = performance.now();
    try {
      const [message] = await Promise.all([awaitReady(child), log.close()]);
      child.once('exit', () => {
        if (stopping) return;
        failures = performance.now() - startedAt > SETTLED_MS ? 1 : failures + 1;
        startAgain(`Ended unexpectedly: ${name} (${describeExit(child)}).`);
      });
      return message;
    } catch (err) {
      await end(child);
      throw err;
    }
  };

  return {
    get pid() {
      return current?.pid;
    },
    start: launch,
    async stop() {
      stopping = true;
      clearTimeout(retry);
      if (current !== undefined && !(await end(current))) {
        say(`The ${name} did not stop in ${STOP_LIMIT_MS / 1000} s and was killed.`);
      }
    },
  };
}
