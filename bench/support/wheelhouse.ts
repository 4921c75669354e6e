import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { migrate } from '@wheelhouse/kit/database.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { importSimulatedEstate } from '@wheelhouse/standalone/estate.ts';
import { findFreePort } from '@wheelhouse/standalone/free-port.ts';
import { startPostgres } from '@wheelhouse/standalone/postgres.ts';
import postgres from 'postgres';
import { type RedisServer, startRedis } from '../../tests/redis.ts';
import { temporaryFolder } from '../../tests/temporary-postgres.ts';
import { cpuMs, endedCpuMs, treeCpuMs } from './cpu.ts';

const HOST = '127.0.0.1';

const program = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** CPU milliseconds so far, by part. */
export type Cpu = {
  /** The router and the servers. */
  server: number;
  worker: number;
  /** Of the programs that the worker has run to their end. */
  programs: number;
  postgres: number;
  redis: number;
};
export type SlotLooks = { answered: number; latestMs: number };

export type RunningWheelhouse = {
  /** The router's. */
  url: string;
  databaseUrl: string;
  cpu: () => Cpu;
  /** The looks of one slot: how many were answered, and how late after its place the latest began. */
  looksOf: (slotMs: number, paceMs: number) => Promise<SlotLooks>;
  /** Devices by status. */
  statuses: () => Promise<Record<string, number>>;
  close: () => Promise<void>;
};

/** A child program of ours, ready. @throws Error when it ends instead, or says that it can't */
async function startChild(file: string, args: string[], env: NodeJS.ProcessEnv, execArgv: string[] = []) {
  const child = fork(program(file), args, { env, execArgv, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const [message] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`${file} ended with exit code ${code}`))),
  ]);
  if (message.kind !== 'ready') throw new Error(`${file} did not start: ${message.message}`);
  return { child, url: String(message.url) };
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}

/**
 * PostgreSQL as `npm start` starts it (what is committed is on disk), the server and the worker as it runs them, and a registry
 * full of devices.
 *
 * @param options.profileFolder where the worker writes a CPU profile when it stops; null: nowhere
 */
export async function startWheelhouse(options: {
  /** As an estate file has them. */
  devices: readonly Record<string, unknown>[];
  /** Where their system keeps its last look at each: the columns device_id, slot, looked_at, look_problem. */
  looksTable: 'fida.displays' | 'entertainment.pinged' | 'qsys.cores';
  sweepSeconds: number;
  usesRedis: boolean;
  profileFolder: string | null;
  /** PostgreSQL's, as in `max_connections=100`. */
  databaseSettings?: string[];
}): Promise<RunningWheelhouse> {
  const { devices, looksTable, sweepSeconds, usesRedis, profileFolder } = options;
  const stops: (() => Promise<unknown>)[] = [];
  const stopAll = async (): Promise<void> => {
    for (const stop of stops.splice(0).reverse()) await stop();
  };
  let stopped: Promise<void> | undefined;
  const close = (): Promise<void> => {
    stopped ??= stopAll();
    return stopped;
  };
  // PostgreSQL is in a process group of its own, and would outlive us.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void close().finally(() => process.exit(1)));
  try {
    const logger = createLogger({ name: 'bench', level: 'warn' });
    const folder = await temporaryFolder();
    stops.push(() => rm(folder, { recursive: true, force: true }));
    const database = await startPostgres({
      dataFolder: join(folder, 'postgres'),
      logger,
      settings: options.databaseSettings ?? [],
    });
    stops.push(database.stop);
    await migrate(database.url, logger);
    const redis: RedisServer | null = usesRedis ? await startRedis() : null;
    if (redis) stops.push(redis.close);
    const port = await findFreePort(HOST);
    const env = {
      ...process.env,
      HOST,
      LOG_LEVEL: 'warn',
      DATABASE_URL: database.url,
      REDIS_URL: redis?.url ?? '',
      WHEELHOUSE_SERVICE_TOKEN: randomBytes(16).toString('hex'),
      WHEELHOUSE_ANONYMOUS_ROLE: 'ADMIN',
      WHEELHOUSE_SECRET_KEY: randomBytes(32).toString('hex'),
      WHEELHOUSE_SWEEP_SECONDS: String(sweepSeconds),
      DEVICES_URL: `http://${HOST}:${port}`,
    };
    const serverPorts = JSON.stringify({ devices: port });
    const server = await startChild('standalone/server-process.ts', [serverPorts], { ...env, PORT: '0' });
    stops.push(() => stopChild(server.child));
    await importSimulatedEstate({
      devicesUrl: env.DEVICES_URL,
      serviceToken: env.WHEELHOUSE_SERVICE_TOKEN,
      content: { sites: [{ path: 'bench' }], devices },
    });
    const profiling = profileFolder === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
    const { child: worker } = await startChild('standalone/worker-process.ts', [], env, profiling);
    stops.push(() => stopChild(worker));
    const sql = postgres(database.url, { max: 1, onnotice: () => {} });
    stops.push(() => sql.end({ timeout: 5 }));
    return {
      close,
      url: server.url,
      databaseUrl: database.url,
      cpu: () => ({
        server: cpuMs(server.child.pid ?? 0),
        worker: cpuMs(worker.pid ?? 0),
        programs: endedCpuMs(worker.pid ?? 0),
        postgres: treeCpuMs(database.pid),
        redis: redis === null ? 0 : cpuMs(redis.pid),
      }),
      looksOf: async (slotMs, paceMs) => {
        const [row] = await sql<[SlotLooks]>`
          select count(*) filter (where look_problem is null)::int as answered,
            coalesce(max(extract(epoch from looked_at) * 1000 - ${slotMs}::float8 - (place - 1) * ${paceMs}::float8), 0)::float8 as "latestMs"
          from (select *, row_number() over (order by device_id) as place from ${sql.unsafe(looksTable)}) as placed
          where slot = ${new Date(slotMs)}`;
        return row;
      },
      statuses: async () => {
        const rows = await sql`select status, count(*)::int as total from devices.device_statuses group by status`;
        return Object.fromEntries(rows.map(({ status, total }) => [status, total]));
      },
    };
  } catch (err) {
    await close();
    throw err;
  }
}
