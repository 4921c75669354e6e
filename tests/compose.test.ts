import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { POOL_CONNECTIONS } from '@wheelhouse/kit/database.ts';
import { LOG_WATCH_CONNECTIONS } from '@wheelhouse/kit/log-watch.ts';
import { QUEUE_CONNECTIONS, QUEUE_WATCH_CONNECTIONS } from '@wheelhouse/kit/queue-postgres.ts';
import { subgraphAddresses } from '@wheelhouse/router/addresses.ts';
import { readDefinitions } from '@wheelhouse/standalone/compose/definitions.ts';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const subgraphs = readdirSync(join(ROOT, 'subgraphs'));
const secrets = { POSTGRES_PASSWORD: 'x', WHEELHOUSE_SERVICE_TOKEN: 'x', WHEELHOUSE_SECRET_KEY: 'x' };
const services = readDefinitions('docker-compose.yml', read('docker-compose.yml'), secrets);
const service = (wanted: string) => services.find(({ name }) => name === wanted);
const ours = services.filter(({ isOurs }) => isOurs);

/** The settings that a file's shapes read. */
const settingsIn = (file: string): string[] =>
  [...read(file).matchAll(/^ {2}([A-Z][A-Z0-9_]+):/gm)].map(([, name = '']) => name);
const shared = settingsIn('kit/config.ts');

/** Whether the server or the worker of a service opens queues: each of its two starts is a method of its main.ts. */
function opensQueues(name: string, role: 'server' | 'worker'): boolean {
  const [server = '', worker = ''] = read(`subgraphs/${name}/main.ts`).split('async startWorker(');
  return (role === 'server' ? server : worker).includes('openQueues');
}

describe('docker-compose.yml', () => {
  it.each(subgraphs)('runs %s as three servers and, apart from them, as two workers', (name) => {
    const command = ['node', `subgraphs/${name}/main.ts`];
    expect(service(name)).toMatchObject({ command, replicas: 3, environment: { RUN: 'server' } });
    expect(service(`${name}-worker`)).toMatchObject({ command, replicas: 2, environment: { RUN: 'worker' } });
  });

  it('reaches every subgraph at the address that the supergraph has', () => {
    expect(subgraphAddresses(read('supergraph.graphql'))).toEqual(
      Object.fromEntries(subgraphs.map((name) => [name, `http://${name}:${service(name)?.environment.PORT}/graphql`])),
    );
  });

  it.each(ours)('starts a program that there is: $name', ({ command: [program, file = ''] }) => {
    expect(program).toBe('node');
    expect(existsSync(join(ROOT, file))).toBe(true);
  });

  it.each(ours.filter(({ isKeptRunning }) => isKeptRunning))(
    'asks $name how it is, on its own port',
    ({ healthCheck }) => {
      expect(healthCheck?.command.join(' ')).toMatch(/process\.env\.PORT \+ '\/health\/ready'/);
    },
  );

  it.each(ours.filter(({ isKeptRunning }) => isKeptRunning))(
    'hands every setting on that $name reads',
    (definition) => {
      const file = join(definition.command[1] ?? '', '..', 'config.ts');
      const wanted = [...settingsIn(file), ...(read(file).includes('...serviceSettings') ? shared : [])];
      expect(wanted.filter((name) => !(name in definition.environment))).toEqual([]);
    },
  );

  it('hands no setting on that nobody reads', () => {
    const files = globSync('{kit,router,standalone,subgraphs/*}/config.ts', { cwd: ROOT });
    const known = new Set(['kit/service.ts', ...files].flatMap(settingsIn));
    const given = ours.flatMap(({ environment }) => Object.keys(environment));
    expect(given.filter((name) => !known.has(name))).toEqual([]);
  });

  // Redis has no password there: who can reach it can reach the queues.
  it('gives the routers no secret but the token by which they vouch for who asks', () => {
    expect(
      Object.keys(service('router')?.environment ?? {}).filter((name) =>
        /SECRET|SERVICE_TOKEN|DATABASE|REDIS/.test(name),
      ),
    ).toEqual(['REDIS_URL', 'REDIS_URL_FILE', 'WHEELHOUSE_SERVICE_TOKEN', 'WHEELHOUSE_SERVICE_TOKEN_FILE']);
  });

  it('publishes two routers, each on a port of its own, to this machine only', () => {
    expect(services.flatMap(({ name, ports }) => ports.map((port) => ({ name, ...port })))).toEqual([
      {
        name: 'router',
        host: '127.0.0.1',
        first: 4000,
        last: 4001,
        inside: Number(service('router')?.environment.PORT),
      },
    ]);
    expect(service('router')?.replicas).toBe(2);
  });

  it('runs nothing as root, and nothing of ours with a file system that can be written', () => {
    const blocks: Record<string, { user?: string; read_only?: boolean; cap_drop?: string[] }> = parse(
      read('docker-compose.yml'),
      { merge: true },
    ).services;
    expect(read('Dockerfile')).toMatch(/^USER node$/m);
    for (const { name, isOurs } of services) {
      if (isOurs) expect(blocks[name]).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
      else expect(blocks[name]?.user).toMatch(/^(postgres|redis)$/);
    }
  });

  it('keeps what Redis holds on disk, and drops nothing to make room', () => {
    expect(service('redis')?.command.join(' ')).toMatch(/--appendonly yes .*--maxmemory-policy noeviction/);
  });

  it('lets PostgreSQL take the connections of all pools at once, also with the queues in it', () => {
    const most = { inRedis: 0, inPostgres: 0 };
    for (const { name, replicas, environment } of ours) {
      const role = environment.RUN;
      if (role !== 'server' && role !== 'worker') continue;
      // A server may follow logs.
      const own = POOL_CONNECTIONS + (role === 'server' ? LOG_WATCH_CONNECTIONS : 0);
      // A process has one pool for all its queues, however many they are.
      const added = opensQueues(name.replace(/-worker$/, ''), role) ? QUEUE_CONNECTIONS : 0;
      const taken = role === 'worker' ? QUEUE_WATCH_CONNECTIONS : 0;
      most.inRedis += replicas * own;
      most.inPostgres += replicas * (own + added + taken);
    }
    expect(subgraphs.filter((name) => !opensQueues(name, 'worker'))).toEqual([]);
    const [, limit = ''] = /max_connections=(\d+)/.exec(service('postgres')?.command.join(' ') ?? '') ?? [];
    expect(most.inRedis).toBeGreaterThan(300);
    // What is left is for the migration, for who looks in, and for those that a killed process leaves for a moment.
    expect(most.inPostgres * 1.5).toBeLessThan(Number(limit));
  });
});
