import { parseArgs } from 'node:util';
import { ConfigError } from '@wheelhouse/kit/config.ts';
import { RotationError } from '@wheelhouse/kit/rotation.ts';
import { SealedColumnError } from '@wheelhouse/kit/sealed-store.ts';
import { ComposeFileError } from './compose/definitions.ts';
import { DataFolderHeldError } from './data-folder.ts';
import { EstateError } from './estate.ts';
import { PortError } from './free-port.ts';
import { KeyError } from './secrets.ts';
import { openTerminal, type Terminal } from './terminal.ts';

/** What is wrong with how the program was called. */
export class UsageError extends Error {
  readonly code = 'USAGE';
}

/** What is wrong with the call or the machine; the message is all that the user needs. */
const EXPLAINED = [
  UsageError,
  ConfigError,
  ComposeFileError,
  DataFolderHeldError,
  EstateError,
  KeyError,
  PortError,
  RotationError,
  SealedColumnError,
];

/** What a program that starts others is given. */
export type ProgramRun = {
  terminal: Terminal;
  /** Aborted when the start is not wanted any more. */
  signal: AbortSignal;
  /** Takes charge of stopping a part: the last one in is the first to stop. */
  own: (name: string, stop: () => Promise<unknown>) => void;
  /** Called when what runs can't go on. */
  onLost: (reason: string) => void;
};

/** The values of the options of `names`, each of which takes one. @throws UsageError with the usage */
export function readOptions<Name extends string>(
  usage: string,
  names: readonly Name[],
): Partial<Record<Name, string>> | 'help' {
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' } as const]));
  try {
    const { help, ...values } = parseArgs({ options: { ...options, help: { type: 'boolean' } } }).values;
    return help === true ? 'help' : (values as Partial<Record<Name, string>>);
  } catch (err) {
    throw new UsageError(`${err instanceof Error ? err.message : err}\n\n${usage}`);
  }
}

/**
 * Runs a program that starts others until a signal, then stops them in the reverse order. A fault of the call or the machine
 * goes to stderr, with exit code 1. `start` resolves with 'running' when all runs, or with 'done' when there
 * was nothing to run.
 */
export function runProgram(start: (run: ProgramRun) => Promise<'running' | 'done'>): void {
  const terminal = openTerminal(process.stdout);
  const aborter = new AbortController();
  const parts: { name: string; stop: () => Promise<unknown> }[] = [];
  let stopping: Promise<void> | undefined;

  const stopAll = async (): Promise<void> => {
    for (const { name, stop } of parts.reverse()) {
      try {
        await stop();
      } catch (err) {
        terminal.say(`The ${name} did not stop as it should: ${err instanceof Error ? err.message : err}`);
      }
    }
  };
  const exit = (exitCode: number): void => {
    aborter.abort(new Error('stopping'));
    stopping ??= stopAll().then(() => {
      if (exitCode === 0 && parts.length > 0) terminal.say('Stopped.');
      process.exit(exitCode);
    });
  };
  const fail = (err: unknown): void => {
    if (aborter.signal.aborted) return;
    const isExplained = EXPLAINED.some((kind) => err instanceof kind);
    const cause = err instanceof Error && err.cause instanceof Error ? ` (${err.cause.message})` : '';
    const text =
      isExplained && err instanceof Error ? err.message : `${err instanceof Error ? err.message : err}${cause}`;
    process.stderr.write(`\n${text}\n`);
    exit(1);
  };

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (stopping === undefined) terminal.say('\nStopping ...');
      exit(0);
    });
  }
  // Whoever started us was killed.
  process.on('disconnect', () => exit(0));
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  start({
    terminal,
    signal: aborter.signal,
    own: (name, stop) => parts.push({ name, stop }),
    onLost: (reason) => {
      terminal.say(reason);
      exit(1);
    },
  }).then((outcome) => {
    if (outcome === 'done') exit(0);
  }, fail);
}
