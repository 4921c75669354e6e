import { writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environment } from '@wheelhouse/kit/config.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { z } from 'zod';
import { type Child, superviseChild } from './child.ts';
import type { StandaloneConfig } from './config.ts';
import { estateSecrets, lockDataFolder, openDataFolder } from './data-folder.ts';
import { openStandaloneDatabase } from './database.ts';
import { type Estate, importEstateFile, importSimulatedEstate } from './estate.ts';
import { choosePort, findFreePort } from './free-port.ts';
import { rotateLog } from './logs.ts';
import { awaitRedis, describeQueues } from './queues.ts';
import { subgraphNames } from './services.ts';
import type { Terminal } from './terminal.ts';
import { firstLook, welcome } from './welcome.ts';

const programFile = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

const addressShape = z.object({ url: z.string() });
const simulatorsShape = z.object({ controlUrl: z.string(), estate: z.unknown() });

export type Run = {
  config: StandaloneConfig;
  /** The estate file; null: the simulated museum. */
  estate: { file: string; estate: Estate } | null;
  terminal: Terminal;
  /** Aborted when the start is not wanted any more. */
  signal: AbortSignal;
  /** Takes charge of stopping a part: the last one in is the first to stop. */
  own: (name: string, stop: () => Promise<unknown>) => void;
  /** Called when what runs can't go on. */
  onLost: (reason: string) => void;
};

/** Starts everything that one machine needs, in order, and resolves when it serves. */
export async function startEverything(run: Run): Promise<void> {
  const { config, terminal, signal, own } = run;
  const { folder, logs } = await openDataFolder(resolve(config.dataFolder));
  own('data folder', await lockDataFolder(folder, new Date()));
  const secrets = await estateSecrets(folder, config.secretKey);
  const { port, gaveWay } = await choosePort(config.port, config.host);
  if (gaveWay) terminal.say(`Port 4000 is taken by another program: using ${port} (set PORT to choose).`);

  await rotateLog(join(logs, 'supervisor.log'));
  const log = await open(join(logs, 'supervisor.log'), 'a', 0o600);
  own('log', () => log.close());
  const write = (line: string): void => void writeSync(log.fd, line);
  const logger = createLogger({ name: 'supervisor', level: config.logLevel, destination: { write } });

  const names = await subgraphNames();
  const ports: Record<string, number> = {};
  for (const name of names) ports[name] = await findFreePort(config.host);
  const address = config.host.includes(':') ? `[${config.host}]` : config.host;
  const devicesUrl = `http://${address}:${ports.devices}`;
  const serviceToken = config.serviceToken ?? secrets.serviceToken;
  const env: NodeJS.ProcessEnv = {
    ...environment,
    HOST: config.host,
    WHEELHOUSE_SERVICE_TOKEN: serviceToken,
    WHEELHOUSE_SECRET_KEY: secrets.secretKey,
    DEVICES_URL: devicesUrl,
    // Saves about a seventh of a start.
    NODE_COMPILE_CACHE: join(folder, 'compile-cache'),
  };
  const startChild = (name: string, args: string[], settings: NodeJS.ProcessEnv): Child => {
    signal.throwIfAborted();
    const logFile = join(logs, `${name}.log`);
    const child = superviseChild({ name, args, env: { ...env, ...settings }, logFile, say: terminal.say });
    own(name, child.stop);
    return child;
  };

  const database = openStandaloneDatabase({ ...run, databaseUrl: config.databaseUrl, folder, logs, logger });
  own('PostgreSQL', async () => (await database.catch(() => undefined))?.stop());
  const { url: DATABASE_URL } = await database;
  if (config.redisUrl !== undefined) await awaitRedis(config.redisUrl, terminal);

  const serverArgs = [programFile('standalone/server-process.ts'), JSON.stringify(ports)];
  const server = startChild('server', serverArgs, { DATABASE_URL, PORT: String(port) });
  const started = await terminal.step('Starting the server', server.start);
  const { url: graphUrl } = addressShape.parse(started);

  // It starts while the estate is brought in, and learns of it from the registry's log.
  const worker = startChild('worker', [programFile('standalone/worker-process.ts')], { DATABASE_URL });
  const workerReady = worker.start();
  workerReady.catch(() => {});
  const where = { devicesUrl, serviceToken };
  let simulatorsUrl: string | null = null;
  if (run.estate === null) {
    const args = [programFile('simulators/main.ts'), '--state', join(folder, 'simulators.json')];
    const simulators = startChild('simulators', args, {});
    const { controlUrl, estate } = simulatorsShape.parse(
      await terminal.step('Starting the simulated museum', simulators.start),
    );
    simulatorsUrl = controlUrl;
    await importSimulatedEstate({ ...where, content: estate });
  } else {
    const { file, estate } = run.estate;
    const { added, updated, unchanged } = await importEstateFile(file, estate, where);
    terminal.say(`The estate file ${file}: ${added} devices added, ${updated} updated, ${unchanged} unchanged.`);
  }
  const { url: workerUrl } = addressShape.parse(await terminal.step('Starting the worker', () => workerReady));
  await terminal.step('Taking the first look at the devices', () => firstLook(graphUrl));
  terminal.say(await welcome({ graphUrl, workerUrl, simulatorsUrl, folder, queues: describeQueues(config.redisUrl) }));
}
