import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { readDefinitions, type ServiceDefinition } from '../compose/definitions.ts';
import { findFreePort } from '../free-port.ts';
import { type PlannedService, planPorts, resolveAddresses } from './plan.ts';

const HOST = '127.0.0.1';
const FILE = `
services:
  devices:
    image: own
    build: .
    restart: always
    command: [node, devices.ts]
    environment: { PORT: 4000, DATABASE_URL: "postgres://a:b@postgres:5432/c", REDIS_URL: "redis://redis:6379" }
    deploy: { replicas: 2 }
  fida:
    image: own
    build: .
    restart: always
    command: [node, fida.ts]
    environment: { PORT: 4000, DEVICES_URL: "http://devices:4000" }
  router:
    image: own
    build: .
    restart: always
    command: [node, router.ts, --supergraph, supergraph.graphql]
    environment: { PORT: 4000 }
    ports: ["127.0.0.1:4000-4001:4000"]
    deploy: { replicas: 2 }
`;
const definitions = (text = FILE): ServiceDefinition[] => readDefinitions('compose.yml', text, {});
const stores = new Map([
  ['postgres', 'postgres://own@127.0.0.1:1/d'],
  ['redis', ''],
]);

describe('the plan of the cluster', () => {
  const closers: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });
  const portsOf = (services: PlannedService[], wanted: string): number[] =>
    services.find(({ name }) => name === wanted)?.listensOn ?? [];
  const resolve = (planned: PlannedService[]) =>
    resolveAddresses(planned, { host: HOST, stores, own: (_, close) => closers.push(close) });

  it('gives each replica a port of its own', async () => {
    const services = await planPorts(definitions(), { host: HOST, port: 0 });
    const ports = services.flatMap(({ listensOn }) => listensOn);
    expect(services.map(({ listensOn }) => listensOn.length)).toEqual([2, 1, 2]);
    expect(new Set(ports).size).toBe(5);
  });

  it('runs as many replicas as it is told, in place of the count of the file', async () => {
    const services = await planPorts(definitions(), { host: HOST, port: 0, replicas: { fida: 3, router: 1 } });
    expect(services.map(({ replicas, listensOn }) => [replicas, listensOn.length])).toEqual([
      [2, 2],
      [3, 3],
      [1, 1],
    ]);
  });

  it('publishes the first router on the port that was asked for, and the second on the next free one', async () => {
    const port = await findFreePort(HOST);
    const taken = createTcpServer().listen(port + 1, HOST);
    closers.push(() => taken.close());
    await once(taken, 'listening');
    const [first, second = 0] = portsOf(await planPorts(definitions(), { host: HOST, port }), 'router');
    expect(first).toBe(port);
    expect(second).toBeGreaterThan(port + 1);
  });

  it('refuses a port that was asked for and is taken', async () => {
    const port = await findFreePort(HOST);
    const taken = createTcpServer().listen(port, HOST);
    closers.push(() => taken.close());
    await once(taken, 'listening');
    await expect(planPorts(definitions(), { host: HOST, port })).rejects.toThrow(`Port ${port} on ${HOST} is taken`);
  });

  it('leads what names a service to each of its replicas, and what names a store to the store', async () => {
    const planned = await planPorts(definitions(), { host: HOST, port: 0 });
    for (const port of portsOf(planned, 'devices')) {
      const replica: Server = createServer((_, response) =>
        response.setHeader('connection', 'close').end(String(port)),
      );
      replica.listen(port, HOST);
      closers.push(() => replica.close());
      await once(replica, 'listening');
    }
    const { services, origins } = await resolve(planned);
    const [devices, fida, router] = services;
    expect(devices?.environment).toEqual({ PORT: '4000', DATABASE_URL: stores.get('postgres'), REDIS_URL: '' });
    const origin = fida?.environment.DEVICES_URL ?? '';
    expect(origins.get('devices')).toBe(origin);
    const answers = [await (await fetch(origin)).text(), await (await fetch(origin)).text()];
    expect(answers.map(Number).sort()).toEqual(portsOf(planned, 'devices').toSorted());
    // The supergraph of this repository is the file that the command names.
    const addresses = [`devices=${origin}/graphql`, `fida=${origins.get('fida')}/graphql`];
    expect(router?.command).toEqual(expect.arrayContaining(addresses));
  });

  it('refuses an address of a service that says no port, or another one', async () => {
    const silent = await planPorts(definitions(FILE.replace('{ PORT: 4000, DATABASE', '{ DATABASE')), {
      host: HOST,
      port: 0,
    });
    await expect(resolve(silent)).rejects.toThrow(
      'services.devices.environment.PORT: is missing, and others name devices',
    );
    const wrong = await planPorts(definitions(FILE.replace('devices:4000', 'devices:4001')), { host: HOST, port: 0 });
    await expect(resolve(wrong)).rejects.toThrow(
      /^services\.fida\.environment\.DEVICES_URL: http:\/\/devices:4001 is no address/,
    );
  });
});
