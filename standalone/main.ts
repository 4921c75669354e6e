// `npm start`: everything on one machine, until Ctrl-C.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigError } from '@wheelhouse/kit/config.ts';
import { checkSettings } from './config.ts';
import { DataFolderHeldError } from './data-folder.ts';
import { EstateError, readEstateFile } from './estate.ts';
import { PortError } from './free-port.ts';
import { startEverything } from './supervisor.ts';
import { openTerminal } from './terminal.ts';

const USAGE = `Starts Wheelhouse on this machine: the graph, its database, and a simulated museum.

  npm start -- [--data DIR] [--estate FILE]

  --data DIR      where everything is kept (default: WHEELHOUSE_DATA, or .wheelhouse in the clone)
  --estate FILE   watch the devices of this YAML file instead of a simulated museum
  --help          this text

Settings are read from the environment; .env.example lists them.
`;

class UsageError extends Error {}

/** What is wrong with the call or the machine; the message is all that the user needs. */
const EXPLAINED = [UsageError, ConfigError, DataFolderHeldError, EstateError, PortError];

const terminal = openTerminal(process.stdout);
const aborter = new AbortController();
const parts: { name: string; stop: () => Promise<unknown> }[] = [];
let stopping: Promise<void> | undefined;

async function stopAll(): Promise<void> {
  for (const { name, stop } of parts.reverse()) {
    try {
      await stop();
    } catch (err) {
      terminal.say(`The ${name} did not stop as it should: ${err instanceof Error ? err.message : err}`);
    }
  }
}

function exit(exitCode: number): void {
  aborter.abort(new Error('stopping'));
  stopping ??= stopAll().then(() => {
    if (exitCode === 0 && parts.length > 0) terminal.say('Stopped.');
    process.exit(exitCode);
  });
}

function readArguments(): { data?: string; estate?: string; help?: boolean } {
  try {
    const { values } = parseArgs({
      options: { data: { type: 'string' }, estate: { type: 'string' }, help: { type: 'boolean' } },
    });
    return values;
  } catch (err) {
    throw new UsageError(`${err instanceof Error ? err.message : err}\n\n${USAGE}`);
  }
}

async function start(): Promise<void> {
  const { data, estate: file, help } = readArguments();
  if (help === true) {
    process.stdout.write(USAGE);
    exit(0);
    return;
  }
  const settings = await checkSettings();
  const estate = file === undefined ? null : { file, estate: await readEstateFile(file) };
  await startEverything({
    config: { ...settings, dataFolder: resolve(data ?? settings.dataFolder) },
    estate,
    terminal,
    signal: aborter.signal,
    own: (name, stop) => parts.push({ name, stop }),
    onLost: (reason) => {
      terminal.say(`PostgreSQL could not be started again: ${reason}`);
      exit(1);
    },
  });
}

function fail(err: unknown): void {
  if (aborter.signal.aborted) return;
  const isExplained = EXPLAINED.some((kind) => err instanceof kind);
  const cause = err instanceof Error && err.cause instanceof Error ? ` (${err.cause.message})` : '';
  const text =
    isExplained && err instanceof Error ? err.message : `${err instanceof Error ? err.message : err}${cause}`;
  process.stderr.write(`\n${text}\n`);
  exit(1);
}

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
start().catch(fail);
