import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import postgres from 'postgres';
import { findFreePort } from './free-port.ts';
import { rotateLog } from './logs.ts';
import { postgresBinaries } from './postgres-binaries.ts';
import { DATABASE_USER, databaseCluster, databasePassword } from './postgres-cluster.ts';
import { databaseHome } from './postgres-home.ts';
import { readPostmasterFile, stopOrphan, stopPostmaster } from './postgres-orphan.ts';
import { holdsWithin } from './processes.ts';

const HOST = '127.0.0.1';
const DATABASE = 'wheelhouse';
/** Recovery after a kill replays the log since the last checkpoint: seconds as a rule, minutes on a slow disk. */
const START_LIMIT_MS = 180_000;
/** How often a start is tried again whose port was taken meanwhile, or whose predecessor's last processes still end. */
const START_ATTEMPTS = 5;
const RETRIABLE =
  /could not bind|could not create any TCP|pre-existing shared memory block|lock file .* already exists/;

export type PostgresOptions = {
  dataFolder: string;
  logger: Logger;
  /** @default 0: a free one */
  port?: number;
  /** Off: nothing is forced to disk, which a test's throw-away database can do without. @default true */
  durable?: boolean;
  /** Settings as in `max_connections=100`, in place of what is set here otherwise. */
  settings?: string[];
  /** @default `server.log` in the data folder */
  logFile?: string;
  /** Called when PostgreSQL ends without having been asked to. */
  onUnexpectedExit?: () => void;
};

export type EmbeddedPostgres = {
  /** The application's database. */
  readonly url: string;
  /** The maintenance database, from which others are made. */
  readonly adminUrl: string;
  readonly pid: number;
  /** Where the data really is: for root this may be outside the data folder. */
  readonly cluster: string;
  /** Whether the data folder had no database before. */
  readonly made: boolean;
  stop: () => Promise<void>;
  /** Stops it if it runs, and starts it again at the same address. */
  restart: () => Promise<void>;
};

async function ensureDatabase(adminUrl: string): Promise<void> {
  const sql = postgres(adminUrl, { max: 1, onnotice: () => {} });
  try {
    const found = await sql`select 1 from pg_database where datname = ${DATABASE}`;
    if (found.length === 0) await sql`create database ${sql(DATABASE)}`;
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/**
 * Starts the PostgreSQL that comes from npm on `dataFolder`, which is made when it is not there, and resolves when it takes
 * connections. It has a process group of its own: Ctrl-C in the terminal must not reach it before the services drain.
 */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const { logger, durable = true } = options;
  const home = await databaseHome(options.dataFolder);
  const binaries = await postgresBinaries(home.account);
  const password = await databasePassword(options.dataFolder);
  const { cluster, made } = await databaseCluster(home, binaries, password, durable);
  const logFile = options.logFile ?? join(options.dataFolder, 'server.log');
  await rotateLog(logFile);

  const settings = [
    `listen_addresses=${HOST}`,
    'unix_socket_directories=',
    // One server and one worker of each service open 170 at most, with the queues in it (tests/compose.test.ts has their pools).
    'max_connections=500',
    'timezone=UTC',
    'log_timezone=UTC',
    ...(durable ? [] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']),
    // Of two that set the same, PostgreSQL takes the last.
    ...(options.settings ?? []),
  ];
  let child: ChildProcess;
  let stopping = false;

  const launch = async (port: number): Promise<void> => {
    await stopOrphan(cluster, logger);
    const log = await open(logFile, 'a', 0o600);
    const logStart = (await log.stat()).size;
    const args = ['-D', cluster, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
    const started = spawn(join(binaries.folder, 'postgres'), args, {
      ...home.account,
      cwd: '/',
      env: { LC_ALL: 'C' },
      stdio: ['ignore', log.fd, log.fd],
      detached: true,
    });
    await once(started, 'spawn').finally(() => log.close());
    const hasExited = (): boolean => started.exitCode !== null || started.signalCode !== null;
    const ready = await holdsWithin(START_LIMIT_MS, async () => {
      const found = await readPostmasterFile(cluster);
      return hasExited() || (found?.pid === started.pid && found?.state === 'ready');
    });
    if (!ready || hasExited()) {
      if (!ready) await stopPostmaster(started.pid ?? 0);
      const output = (await readFile(logFile)).subarray(logStart).toString().trim();
      throw new Error(`PostgreSQL did not start on ${cluster}:\n${output}`);
    }
    child = started;
    started.once('exit', () => {
      if (!stopping && child === started) options.onUnexpectedExit?.();
    });
  };
  const start = async (choosePort: () => number | Promise<number>): Promise<number> => {
    for (let attempt = 1; ; attempt += 1) {
      const port = await choosePort();
      try {
        await launch(port);
        return port;
      } catch (err) {
        if (attempt === START_ATTEMPTS || !(err instanceof Error) || !RETRIABLE.test(err.message)) throw err;
        logger.info({ err, attempt }, 'PostgreSQL did not start, trying again');
        await new Promise((resolve) => setTimeout(resolve, 300 * attempt));
      }
    }
  };

  const port = await start(() => options.port || findFreePort(HOST));
  const urlOf = (database: string): string => `postgres://${DATABASE_USER}:${password}@${HOST}:${port}/${database}`;
  const stop = async (): Promise<void> => {
    stopping = true;
    const { pid, exitCode, signalCode } = child;
    if (pid !== undefined && exitCode === null && signalCode === null) {
      const exited = once(child, 'exit');
      await stopPostmaster(pid);
      await exited;
    }
  };
  try {
    await ensureDatabase(urlOf('postgres'));
  } catch (err) {
    await stop();
    throw err;
  }
  return {
    url: urlOf(DATABASE),
    adminUrl: urlOf('postgres'),
    get pid() {
      return child.pid ?? 0;
    },
    cluster,
    made,
    stop,
    async restart() {
      await stop();
      stopping = false;
      await start(() => port);
    },
  };
}
