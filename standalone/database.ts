import { join } from 'node:path';
import { migrate, waitForDatabase } from '@wheelhouse/kit/database.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import { startPostgres } from './postgres.ts';
import { type Terminal, waitingLogger } from './terminal.ts';

const RESTART_ATTEMPTS = 5;

export type DatabaseOptions = {
  /** Set: that one is used, and none is started. */
  databaseUrl: string | undefined;
  folder: string;
  logs: string;
  logger: Logger;
  terminal: Terminal;
  /** Settings of our own in place of its defaults, as in `max_connections=300`. */
  settings?: string[];
  /** Aborted when the start is not wanted any more. */
  signal: AbortSignal;
  /** Called when our PostgreSQL ended and can't be brought back. */
  onLost: (reason: string) => void;
};

export type OpenedDatabase = {
  url: string;
  /** Undefined where the database is not ours. */
  readonly pid: number | undefined;
  /** Whether it is new, without a table in it. */
  made: boolean;
  stop: () => Promise<void>;
};

async function useGiven(url: string, { terminal, signal }: DatabaseOptions): Promise<OpenedDatabase> {
  const { host } = new URL(url);
  await terminal.step(`Connecting to the database at ${host}`, () =>
    waitForDatabase(url, waitingLogger(terminal.say), { signal }),
  );
  return { url, pid: undefined, made: false, stop: () => Promise.resolve() };
}

async function startOwn(options: DatabaseOptions): Promise<OpenedDatabase> {
  const { folder, logs, logger, terminal } = options;
  let stopping = false;
  const bringBack = async (): Promise<void> => {
    if (stopping) return;
    terminal.say(`PostgreSQL ended unexpectedly. Starting it again. Log: ${join(logs, 'postgres.log')}`);
    for (let attempt = 1; !stopping; attempt += 1) {
      try {
        await database.restart();
        terminal.say('PostgreSQL runs again.');
        return;
      } catch (err) {
        const reason = err instanceof Error ? err.message : String(err);
        if (attempt === RESTART_ATTEMPTS) return options.onLost(`PostgreSQL could not be started again: ${reason}`);
        await new Promise((resolve) => setTimeout(resolve, 1_000 * attempt));
      }
    }
  };
  let bringingBack = Promise.resolve();
  const dataFolder = join(folder, 'postgres');
  const database = await terminal.step('Starting PostgreSQL', () =>
    startPostgres({
      dataFolder,
      logger,
      settings: options.settings ?? [],
      logFile: join(logs, 'postgres.log'),
      onUnexpectedExit: () => {
        bringingBack = bringBack();
      },
    }),
  );
  if (!database.cluster.startsWith(dataFolder)) {
    terminal.say(
      `  PostgreSQL does not run as root, and as another user it can't enter ${folder}; its data is in ${database.cluster}`,
    );
  }
  const stop = async (): Promise<void> => {
    stopping = true;
    await bringingBack;
    await database.stop();
  };
  return {
    url: database.url,
    get pid() {
      return database.pid;
    },
    made: database.made,
    stop,
  };
}

/** Brings the tables up to date. */
export function updateTables({ url, made }: OpenedDatabase, terminal: Terminal, logger: Logger): Promise<void> {
  return terminal.step(made ? 'Making the tables' : 'Updating the tables', () => migrate(url, logger));
}

/** Opens the database that DATABASE_URL names, or starts one of our own. */
export function openStandaloneDatabase(options: DatabaseOptions): Promise<OpenedDatabase> {
  return options.databaseUrl === undefined ? startOwn(options) : useGiven(options.databaseUrl, options);
}
