import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { environment } from '@wheelhouse/kit/config.ts';
import { readDefinitions } from '../compose/definitions.ts';
import { READ_BY_US } from '../config.ts';
import { signalProcess } from '../processes.ts';
import { secretSettings } from '../secrets.ts';
import { bracketed } from '../workspace.ts';
import { planPorts, resolveAddresses } from './plan.ts';
import { ROOT } from './replica.ts';
import { startServices } from './services.ts';
import { type Store, type StoresOptions, startStore } from './stores.ts';

const FILE = 'docker-compose.yml';
/** Where all processes listen: the health checks of the file ask there. */
export const CLUSTER_HOST = '127.0.0.1';

export type ClusterProcess = {
  /** The service's name in the compose file. */
  name: string;
  /** From 1 on. */
  replica: number;
  /** Of the one that runs now: another one after each restart. Undefined where it is not ours. */
  readonly pid: number | undefined;
  /** Where this very process is reached, past the balancer. */
  url: string;
  /** Does nothing to a process that is not ours. */
  kill: (signal: NodeJS.Signals) => void;
};

export type Cluster = {
  /** In the order of the file. */
  processes: readonly ClusterProcess[];
  /** @throws Error when there is no such process */
  process: (name: string, replica?: number) => ClusterProcess;
  /** GraphQL at each process of the published service. */
  graphUrls: string[];
  /** `http://host:port` that reaches the replicas of a service in turn. @throws Error for a service that no address names */
  originOf: (name: string) => string;
};

export type ClusterOptions = StoresOptions & {
  /** How many of a service run, in place of the file's count. */
  replicas?: Readonly<Record<string, number>>;
  /** What fills in the variables of the file. @default the environment */
  variables?: NodeJS.ProcessEnv;
};

function toProcess(
  name: string,
  replica: number,
  url: string,
  owner: { readonly pid: number | undefined },
): ClusterProcess {
  return {
    name,
    replica,
    url,
    get pid() {
      return owner.pid;
    },
    kill(signal) {
      if (owner.pid !== undefined) signalProcess(owner.pid, signal);
    },
  };
}

/**
 * Starts what docker-compose.yml describes as plain processes on loopback: the same services, commands, settings, counts and
 * order. What the file calls by a service's name is reached through a balancer of that service. Resolves when all are healthy.
 *
 * @throws ComposeFileError when the file holds what plain processes can't play
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { config, workspace, terminal, replicas = {}, own } = options;
  const definitions = readDefinitions(FILE, await readFile(join(ROOT, FILE), 'utf8'), {
    ...(options.variables ?? environment),
    ...READ_BY_US,
    ...secretSettings(workspace.secrets),
    // The URL that it goes into is replaced as a whole.
    POSTGRES_PASSWORD: 'replaced',
  });
  const unknown = Object.keys(replicas).filter((name) => !definitions.some((service) => service.name === name));
  if (unknown.length > 0) throw new Error(`${FILE} has no service ${unknown.join(', ')}`);

  const host = CLUSTER_HOST;
  const stores: Store[] = [];
  for (const definition of definitions.filter(({ isOurs }) => !isOurs))
    stores.push(await startStore(definition, options));
  // After the stores: a port that is free now must not become theirs.
  const planned = await planPorts(
    definitions.filter(({ isOurs }) => isOurs),
    { host, port: config.port, replicas },
  );
  const storeUrls = new Map(stores.map(({ name, url }) => [name, url]));
  const { services, origins } = await resolveAddresses(planned, { host, stores: storeUrls, own });

  const count = services
    .filter(({ isKeptRunning }) => isKeptRunning)
    .reduce((sum, { listensOn }) => sum + listensOn.length, 0);
  const children = await terminal.step(`Starting ${count} processes of ${FILE}`, () =>
    startServices(services, { ...options, host }),
  );

  const urlOf = (port: number): string => `http://${bracketed(host)}:${port}`;
  const processes = definitions.flatMap(({ name }) => {
    const store = stores.find((one) => one.name === name);
    if (store !== undefined) return store.url === '' ? [] : [toProcess(name, 1, store.url, store)];
    const ports = services.find((service) => service.name === name)?.listensOn ?? [];
    return (children.get(name) ?? []).map((child, index) =>
      toProcess(name, index + 1, urlOf(ports[index] ?? 0), child),
    );
  });
  return {
    processes,
    process(name, replica = 1) {
      const found = processes.find((one) => one.name === name && one.replica === replica);
      if (found === undefined) throw new Error(`There is no process ${name}-${replica}`);
      return found;
    },
    graphUrls: services
      .filter(({ ports }) => ports.length > 0)
      .flatMap(({ listensOn }) => listensOn.map((port) => `${urlOf(port)}/graphql`)),
    originOf(name) {
      const origin = origins.get(name);
      if (origin === undefined) throw new Error(`${FILE} has no address of ${name}`);
      return origin;
    },
  };
}
