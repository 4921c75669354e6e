import { randomBytes, randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openPasswords } from '@wheelhouse/accounts/passwords.ts';
import { insertUser } from '@wheelhouse/accounts/store/users.ts';
import { statusChanges } from '@wheelhouse/devices/tables.ts';
import { type Database, migrate, openDatabase } from '@wheelhouse/kit/database.ts';
import { appendToLog } from '@wheelhouse/kit/log-table.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { importSimulatedEstate } from '@wheelhouse/standalone/estate.ts';
import { startPostgres } from '@wheelhouse/standalone/postgres.ts';
import { temporaryFolder } from '../../tests/temporary-postgres.ts';
import { startProgram, startRouterProgram } from '../support/programs.ts';

const HALLS = 10;
export const PASSWORD = 'correct horse battery staple';
export const emailOf = (index: number): string => `user-${index}@example.org`;

export type House = {
  /** The router's. */
  url: string;
  routerPid: number;
  /** Of all subgraphs. */
  serverPid: number;
  postgresPid: number;
  deviceIds: string[];
  /** Each device's status has changed. */
  change: (deviceIds: readonly string[]) => Promise<void>;
  close: () => Promise<void>;
};

export type HouseOptions = {
  users: number;
  devices: number;
  /** What a hash of their passwords costs; null: as shipped. */
  hashing: { memory: number; passes: number; parallelism: number } | null;
  /** Of the router. */
  settings?: NodeJS.ProcessEnv;
  /** Where the server's CPU profile goes when it ends. */
  profileFolder?: string | null;
};

/** Viewers, half of them everywhere and half at one hall, all with one password. */
async function addUsers(db: Database, { users, hashing }: HouseOptions): Promise<void> {
  const passwords = openPasswords(hashing === null ? {} : { parameters: hashing });
  const passwordHash = await passwords.hash(PASSWORD);
  await passwords.close();
  const createdAt = new Date();
  await db.transaction(async (tx) => {
    for (let index = 0; index < users; index += 1) {
      const site = index % 2 === 0 ? null : `museum/hall-${index % HALLS}`;
      const [id, email] = [randomUUID(), emailOf(index)];
      await insertUser(tx, { id, email, name: email, passwordHash, createdAt, grants: [{ role: 'VIEWER', site }] });
    }
  });
}

/** PostgreSQL, all subgraphs in one process and the router in another, as shipped, with users and devices. */
export async function startHouse(options: HouseOptions): Promise<House> {
  const stops: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const stop of stops.splice(0).reverse()) await stop();
  };
  // PostgreSQL is in a process group of its own, and would outlive us.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void close().finally(() => process.exit(1)));
  try {
    const logger = createLogger({ name: 'bench', level: 'warn' });
    const folder = await temporaryFolder();
    stops.push(() => rm(folder, { recursive: true, force: true }));
    const database = await startPostgres({ dataFolder: join(folder, 'postgres'), logger });
    stops.push(database.stop);
    await migrate(database.url, logger);
    const serviceToken = randomBytes(16).toString('hex');
    const env = {
      ...{ DATABASE_URL: database.url, WHEELHOUSE_SERVICE_TOKEN: serviceToken },
      WHEELHOUSE_SECRET_KEY: randomBytes(32).toString('hex'),
    };
    const { profileFolder = null } = options;
    const nodeArgs = profileFolder === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
    const server = await startProgram<{ urls: Record<string, string> }>(
      new URL('server.ts', import.meta.url),
      [JSON.stringify(env)],
      nodeArgs,
    );
    stops.push(() => server.stop('SIGTERM'));
    const router = await startRouterProgram(fileURLToPath(new URL('../../supergraph.graphql', import.meta.url)), {
      // A proxy that the benchmark plays names the callers: each has an address of their own.
      settings: { WHEELHOUSE_SERVICE_TOKEN: serviceToken, ROUTER_PROXY_HOPS: '1', ...options.settings },
      args: Object.entries(server.said.urls).flatMap(([name, url]) => ['--subgraph', `${name}=${url}`]),
    });
    stops.push(() => router.stop('SIGTERM'));
    await importSimulatedEstate({
      devicesUrl: new URL(server.said.urls.devices ?? '').origin,
      serviceToken,
      content: {
        devices: Array.from({ length: options.devices }, (_, index) => ({
          ...{
            externalId: `d${index}`,
            name: `display ${index}`,
            system: 'FIDA',
            site: `museum/hall-${index % HALLS}`,
          },
          snmp: { host: '192.0.2.1', version: 'V2C', community: 'public' },
        })),
      },
    });
    const { db, sql, close: closeDatabase } = openDatabase(database.url, { maxConnections: 2 });
    stops.push(closeDatabase);
    await addUsers(db, options);
    const deviceIds = (await sql<{ id: string }[]>`select id from devices.devices order by site, name`).map(
      ({ id }) => id,
    );
    return {
      ...{ url: router.url, routerPid: router.pid, serverPid: server.pid, postgresPid: database.pid, deviceIds, close },
      change: (ids) =>
        db.transaction((tx) => {
          const change = { at: new Date(), from: 'UNKNOWN', to: 'ONLINE', reason: null, blind: false };
          return appendToLog(
            tx,
            statusChanges,
            ids.map((id) => ({ device_id: id, ...change })),
          );
        }),
    };
  } catch (err) {
    await close();
    throw err;
  }
}
