// `npm run cluster`: the processes of docker-compose.yml on this machine, without containers, until Ctrl-C.
import { resolve } from 'node:path';
import { ConfigError, environment } from '@wheelhouse/kit/config.ts';
import { bringEstate } from '../bring-estate.ts';
import { checkSettings } from '../config.ts';
import { readEstateFile } from '../estate.ts';
import { chooseFirstAdmin, findSignIn } from '../first-admin.ts';
import { readOptions, runProgram, UsageError } from '../program.ts';
import { planSimulatedAppspace } from '../simulated-appspace.ts';
import { firstLook } from '../welcome.ts';
import { openWorkspace } from '../workspace.ts';
import { CLUSTER_HOST, startCluster } from './cluster.ts';
import type { QueuesChoice } from './stores.ts';
import { welcomeToCluster } from './welcome.ts';

const USAGE = `Starts the processes of docker-compose.yml on this machine, without containers.

  npm run cluster -- [--data DIR] [--estate FILE] [--queues redis|postgres]

  --data DIR      where everything is kept (default: WHEELHOUSE_DATA, or .wheelhouse in the clone)
  --estate FILE   watch the devices of this YAML file instead of a simulated museum
  --queues WHERE  redis or postgres (default: Redis where REDIS_URL names one or this machine has redis-server)
  --help          this text

Settings are read from the environment; .env.example lists them.
`;

/** @throws UsageError */
function queuesOf(choice: string | undefined): QueuesChoice {
  if (choice === undefined) return 'auto';
  if (choice === 'redis' || choice === 'postgres') return choice;
  throw new UsageError(`--queues must be redis or postgres, not "${choice}"\n\n${USAGE}`);
}

runProgram(async (run) => {
  const options = readOptions(USAGE, ['data', 'estate', 'queues']);
  if (options === 'help') {
    process.stdout.write(USAGE);
    return 'done';
  }
  const queues = queuesOf(options.queues);
  const settings = await checkSettings();
  if (settings.host !== CLUSTER_HOST) {
    throw new ConfigError(
      `These settings are wrong:\n  HOST: must be ${CLUSTER_HOST} or left away for npm run cluster`,
    );
  }
  const { data, estate: file } = options;
  const estate = file === undefined ? null : { file, estate: await readEstateFile(file) };
  const config = { ...settings, dataFolder: resolve(data ?? settings.dataFolder) };
  const workspace = await openWorkspace({ ...run, config });
  const { simulatorArgs, settings: appspace } = await planSimulatedAppspace({
    isMuseumRun: estate === null,
    environment,
  });
  const chosen = await chooseFirstAdmin(workspace.folder, environment);
  const variables = { ...environment, ...appspace, WHEELHOUSE_ADMIN_PASSWORD: chosen.password };
  const cluster = await startCluster({ ...run, config, workspace, queues, variables });
  const devicesUrl = cluster.originOf('devices');
  const { simulatorsUrl } = await bringEstate({ ...run, workspace, estate, devicesUrl, simulatorArgs });
  const { serviceToken } = workspace.secrets;
  const registry = { devicesUrl, serviceToken };
  await run.terminal.step('Taking the first look at the devices', () => firstLook(registry));
  const signIn = await findSignIn({ accountsUrl: cluster.originOf('accounts'), serviceToken, chosen });
  run.terminal.say(await welcomeToCluster({ cluster, simulatorsUrl, folder: workspace.folder, registry, signIn }));
  await chosen.forget();
  return 'running';
});
