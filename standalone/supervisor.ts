import { environment } from '@wheelhouse/kit/config.ts';
import { z } from 'zod';
import { type BringOptions, bringEstate } from './bring-estate.ts';
import type { Child } from './child.ts';
import { LOOPBACK, READ_BY_US, type StandaloneConfig } from './config.ts';
import { openStandaloneDatabase, updateTables } from './database.ts';
import { chooseFirstAdmin, findSignIn } from './first-admin.ts';
import { choosePort, findFreePorts } from './free-port.ts';
import type { ProgramRun } from './program.ts';
import { awaitRedis, describeQueues } from './queues.ts';
import { secretSettings } from './secrets.ts';
import { subgraphNames } from './services.ts';
import { planSimulatedAppspace } from './simulated-appspace.ts';
import { firstLook, welcome } from './welcome.ts';
import { openWorkspace, programFile } from './workspace.ts';

const addressShape = z.object({ url: z.string() });

export type Run = ProgramRun & Pick<BringOptions, 'estate'> & { config: StandaloneConfig };

/** Starts everything that one machine needs, in order, and resolves when it serves. */
export async function startEverything(run: Run): Promise<void> {
  const { config, terminal, signal, own } = run;
  const workspace = await openWorkspace(run);
  const { folder, secrets } = workspace;
  const { port, gaveWay } = await choosePort(config.port, config.host);
  if (gaveWay) terminal.say(`Port 4000 is taken by another program: using ${port} (set PORT to choose).`);

  const names = await subgraphNames();
  const free = await findFreePorts(LOOPBACK, names.length);
  const ports = Object.fromEntries(names.map((name, index) => [name, free[index]]));
  const urlOf = (name: string): string => `http://${LOOPBACK}:${ports[name]}`;
  const devicesUrl = urlOf('devices');
  const chosen = await chooseFirstAdmin(folder, environment);
  const { simulatorArgs, settings: appspace } = await planSimulatedAppspace({
    isMuseumRun: run.estate === null,
    environment,
  });
  const env: NodeJS.ProcessEnv = {
    ...environment,
    ...appspace,
    ...READ_BY_US,
    ...secretSettings(secrets),
    HOST: LOOPBACK,
    WHEELHOUSE_ADMIN_PASSWORD: chosen.password,
    REDIS_URL: config.redisUrl ?? '',
    DEVICES_URL: devicesUrl,
    NODE_COMPILE_CACHE: workspace.compileCache,
  };
  const startChild = (name: string, args: string[], settings: NodeJS.ProcessEnv): Child => {
    signal.throwIfAborted();
    const child = workspace.supervise({ name, args, env: { ...env, ...settings } });
    own(name, child.stop);
    return child;
  };

  const database = openStandaloneDatabase({ ...run, ...workspace, databaseUrl: config.databaseUrl });
  own('PostgreSQL', async () => (await database.catch(() => undefined))?.stop());
  await updateTables(await database, run.terminal, workspace.logger);
  const { url: DATABASE_URL } = await database;
  if (config.redisUrl !== undefined) await awaitRedis(config.redisUrl, terminal);

  const serverArgs = [programFile('standalone/server-process.ts'), JSON.stringify(ports), config.host];
  const server = startChild('server', serverArgs, { DATABASE_URL, PORT: String(port) });
  const started = await terminal.step('Starting the server', server.start);
  const { url: graphUrl } = addressShape.parse(started);

  // It starts while the estate is brought in, and learns of it from the registry's log.
  const worker = startChild('worker', [programFile('standalone/worker-process.ts')], { DATABASE_URL });
  const workerReady = worker.start();
  workerReady.catch(() => {});
  const { simulatorsUrl } = await bringEstate({ ...run, workspace, devicesUrl, simulatorArgs });
  const { url: workerUrl } = addressShape.parse(await terminal.step('Starting the worker', () => workerReady));
  const { serviceToken } = secrets;
  const registry = { devicesUrl, serviceToken };
  await terminal.step('Taking the first look at the devices', () => firstLook(registry));
  const signIn = await findSignIn({ accountsUrl: urlOf('accounts'), serviceToken, chosen });
  const queues = describeQueues(config.redisUrl);
  terminal.say(await welcome({ graphUrl, workerUrl, simulatorsUrl, folder, queues, registry, signIn }));
  await chosen.forget();
}
