import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { subgraphAddresses } from '@wheelhouse/router/addresses.ts';
import { openBalancer } from '../balancer.ts';
import { hostOf, mapAddress, type Places } from '../compose/addresses.ts';
import { ComposeFileError, type ServiceDefinition } from '../compose/definitions.ts';
import { choosePort, findFreePorts } from '../free-port.ts';
import { bracketed } from '../workspace.ts';
import { ROOT } from './replica.ts';

/** A service with its replicas' ports and, once stores and balancers stand, with the addresses of this machine. */
export type PlannedService = ServiceDefinition & { listensOn: number[] };

/**
 * Gives each replica a port of its own: those of published services from `port` on, which gives way when nobody asked for it,
 * any free one to the rest.
 *
 * @param replicas counts in place of the file's, by service
 */
export async function planPorts(
  services: readonly ServiceDefinition[],
  {
    host,
    port,
    replicas = {},
  }: { host: string; port: number | undefined; replicas?: Readonly<Record<string, number>> },
): Promise<PlannedService[]> {
  const counted = services.map((service) => ({ ...service, replicas: replicas[service.name] ?? service.replicas }));
  const total = counted.reduce((sum, service) => sum + service.replicas, 0);
  const free = await findFreePorts(host, total);
  let wanted = port;
  let from: number | undefined;
  const planned: PlannedService[] = [];
  for (const service of counted) {
    const listensOn = free.splice(0, service.replicas);
    if (service.ports.length > 0 && port !== 0) {
      for (let index = 0; index < listensOn.length; index += 1) {
        const chosen = await choosePort(wanted, host, from);
        listensOn[index] = chosen.port;
        // Only the first one was asked for; the others come behind it.
        wanted = undefined;
        from = chosen.port + 1;
      }
    }
    planned.push({ ...service, listensOn });
  }
  return planned;
}

/** Adds to the command of a router where the subgraphs are: the addresses in its supergraph name compose services. */
async function withSubgraphs(
  service: PlannedService,
): Promise<{ service: PlannedService; addresses: [string, string][] }> {
  const file = service.command[service.command.indexOf('--supergraph') + 1];
  if (!service.command.includes('--supergraph') || file === undefined) return { service, addresses: [] };
  return { service, addresses: Object.entries(subgraphAddresses(await readFile(join(ROOT, file), 'utf8'))) };
}

export type Resolved = {
  services: PlannedService[];
  /** `http://host:port` that reaches one of a service's replicas, for each service whose name stands in an address. */
  origins: ReadonlyMap<string, string>;
};

/**
 * Puts the addresses of this machine in place of those that name compose services, and opens a balancer for each of our
 * services that is named.
 *
 * @param stores the URLs of databases and queue servers by service, empty for one that the cluster does without
 * @param own takes charge of closing the balancers
 * @throws ComposeFileError for an address that leads nowhere
 */
export async function resolveAddresses(
  planned: readonly PlannedService[],
  options: {
    host: string;
    stores: ReadonlyMap<string, string>;
    own: (name: string, close: () => Promise<unknown>) => void;
  },
): Promise<Resolved> {
  const { host, stores, own } = options;
  const all = await Promise.all(planned.map(withSubgraphs));
  const named = new Set(
    all.flatMap(({ service, addresses }) => [
      ...Object.values(service.environment).map(hostOf),
      ...addresses.map(([, address]) => hostOf(address)),
    ]),
  );
  const services = new Map<string, { inside: number; outside: string }>();
  for (const { name, environment, listensOn } of planned.filter((service) => named.has(service.name))) {
    const inside = Number(environment.PORT);
    if (!(inside > 0))
      throw new ComposeFileError(`services.${name}.environment.PORT: is missing, and others name ${name}`);
    const balancer = await openBalancer({ host, ports: listensOn });
    own(`balancer of ${name}`, balancer.close);
    services.set(name, { inside, outside: `${bracketed(host)}:${balancer.port}` });
  }
  const places: Places = { stores, services };
  const resolved = all.map(({ service, addresses }) => ({
    ...service,
    command: [
      ...service.command,
      ...addresses.flatMap(([name, address]) => {
        const mapped = mapAddress(address, `services.${service.name}.command, subgraph ${name}`, places);
        return ['--subgraph', `${name}=${mapped}`];
      }),
    ],
    environment: Object.fromEntries(
      Object.entries(service.environment).map(([variable, value]) => [
        variable,
        mapAddress(value, `services.${service.name}.environment.${variable}`, places),
      ]),
    ),
  }));
  return {
    services: resolved,
    origins: new Map([...services].map(([name, { outside }]) => [name, `http://${outside}`])),
  };
}
