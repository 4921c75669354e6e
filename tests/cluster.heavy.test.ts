import { rm } from 'node:fs/promises';
import { type SimulatedDisplays, startDisplays } from '@wheelhouse/simulators/displays/start-displays.ts';
import { stopPostmaster } from '@wheelhouse/standalone/postgres-orphan.ts';
import { holdsWithin, isRunning } from '@wheelhouse/standalone/processes.ts';
import { subgraphNames } from '@wheelhouse/standalone/services.ts';
import { runStandalone } from '@wheelhouse/standalone/testing/run-standalone.ts';
import { createClient } from 'graphql-ws';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ONE_OF_EACH, startTestCluster, type TestCluster } from './cluster.ts';
import { type Answer, eventually, openSubscription } from './harness.ts';
import { has } from './programs.ts';
import { temporaryFolder } from './temporary-postgres.ts';

/** In the order of the file, which begins with the one that all others read. */
const OTHERS = (await subgraphNames()).filter((name) => name !== 'devices');
const FEW = { ...ONE_OF_EACH, devices: 2 };
const SETTINGS = { WHEELHOUSE_SWEEP_SECONDS: '1', FIDA_SNMP_TIMEOUT_MS: '300', LOG_LEVEL: 'info' };
const ONLINE = '{ estateSummary { total online } }';

async function ask(url: string, query: string): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
    signal: AbortSignal.timeout(10_000),
  });
  return (await response.json()) as Answer;
}

describe.skipIf(!has('redis-server'))('the processes of docker-compose.yml', () => {
  let simulated: SimulatedDisplays;
  let cluster: TestCluster;
  const client = () =>
    createClient({
      url: String(cluster.graphUrls[1]).replace('http', 'ws'),
      webSocketImpl: WebSocket,
      retryAttempts: 0,
    });
  const entry = (index: number) => {
    const { name, snmp } = simulated.displays[index] ?? {};
    return { name, system: 'FIDA', site: 'museum', snmp };
  };
  const summary = async (url = cluster.graphUrls[0] ?? ''): Promise<{ total: number; online: number }> =>
    (await ask(url, ONLINE)).data.estateSummary;
  const areOnline = (count: number, timeoutMs?: number) =>
    eventually(
      `${count} displays are ONLINE`,
      async () => (await summary().catch(() => null))?.online === count,
      timeoutMs,
    );

  beforeAll(async () => {
    const access = { version: 'V2C', community: 'public' } as const;
    simulated = await startDisplays(['a', 'b', 'c'].map((name) => ({ name, profile: 'wheelhouse-fida', access })));
    cluster = await startTestCluster({ queues: 'redis', replicas: FEW, settings: SETTINGS });
    expect((await cluster.importEstate({ devices: [entry(0), entry(1)] })).status).toBe(200);
    await areOnline(2, 30_000);
  }, 180_000);
  afterAll(async () => {
    const pids = cluster.processes.map(({ pid }) => pid ?? 0);
    await cluster.close();
    await simulated.close();
    const left = [];
    for (const pid of pids) if (await isRunning(pid)) left.push(pid);
    expect(left).toEqual([]);
  }, 60_000);

  it('are as many as wanted, in the order of the file, each with a number and an address', () => {
    const names = [
      ...['postgres-1', 'redis-1', 'devices-1', 'devices-2', 'devices-worker-1'],
      ...OTHERS.flatMap((name) => [`${name}-1`, `${name}-worker-1`]),
      ...['router-1', 'router-2'],
    ];
    expect(cluster.processes.map(({ name, replica }) => `${name}-${replica}`)).toEqual(names);
    expect(new Set(cluster.processes.map(({ pid }) => pid)).size).toBe(names.length);
    expect(new Set(cluster.processes.map(({ url }) => new URL(url).host)).size).toBe(names.length);
  });

  it('answer by way of both routers, and keep their queues in Redis', async () => {
    for (const url of cluster.graphUrls) expect(await summary(url)).toEqual({ total: 2, online: 2 });
    const sql = postgres(cluster.databaseUrl, { max: 1 });
    const [row] = await sql`select count(*)::int as jobs from bullmq.job`;
    await sql.end();
    expect(row).toEqual({ jobs: 0 });
  });

  it('answer within a moment again when one of two is killed, and it is back at its address', async () => {
    const killed = cluster.process('devices', 1);
    const { pid } = killed;
    const failures: number[] = [];
    let isOver = false;
    let asked = 0;
    let killedAt = 0;
    const asking = (async () => {
      for (let turn = 0; !isOver; turn += 1) {
        const at = performance.now();
        const answer = await summary(cluster.graphUrls[turn % 2]).catch(() => null);
        asked += 1;
        if (answer?.total !== 2) failures.push(at - killedAt);
      }
    })();
    await eventually('queries are answered', () => asked > 20);
    expect(failures).toEqual([]);
    killedAt = performance.now();
    killed.kill('SIGKILL');
    await eventually(
      'it runs again, at the same address',
      async () => {
        const isReady = await fetch(new URL('/health/ready', killed.url)).then(
          ({ ok }) => ok,
          () => false,
        );
        return isReady && killed.pid !== pid;
      },
      60_000,
    );
    isOver = true;
    await asking;
    expect(failures.filter((afterMs) => afterMs > 1_000)).toEqual([]);
    expect(cluster.said.join('\n')).toContain('Ended unexpectedly: devices-1 (signal SIGKILL). Starting it again.');
  }, 90_000);

  it('learn of a new device while each of the registry servers is killed in turn', async () => {
    const kinds = [1, 2].map((replica) => cluster.process('devices', replica));
    const [first, second] = kinds;
    first?.kill('SIGKILL');
    const imported = await eventually('the estate is taken', async () => {
      const response = await cluster.importEstate({ devices: [entry(2)] }).catch(() => null);
      return response?.status === 200;
    });
    expect(imported).toBe(true);
    await areOnline(3, 30_000);
    await eventually(
      'the first one is back',
      () =>
        fetch(new URL('/health/ready', first?.url)).then(
          ({ ok }) => ok,
          () => false,
        ),
      60_000,
    );
    second?.kill('SIGKILL');
    await areOnline(3, 30_000);
  }, 120_000);

  it('go on after Redis and PostgreSQL are killed, and a status change reaches who subscribed before', async () => {
    const subscriber = client();
    const changes = openSubscription(subscriber, 'subscription { deviceStatusChanged { to device { name } } }', {});
    const becomesOffline = (name: string) =>
      changes.first(({ data }) => {
        const change = data?.deviceStatusChanged;
        return change?.to === 'OFFLINE' && change.device.name === name;
      }, 40_000);
    simulated.displays[0]?.setFault({ kind: 'silent' });
    await becomesOffline('a');
    const stores = ['redis', 'postgres'].map((name) => cluster.process(name));
    const before = stores.map(({ pid }) => pid);
    for (const store of stores) store.kill('SIGKILL');
    await eventually(
      'both run again',
      () => stores.every(({ pid }, index) => pid !== undefined && pid !== before[index]),
      30_000,
    );
    await eventually('the graph answers', async () => (await summary().catch(() => null))?.total === 3, 30_000);
    simulated.displays[1]?.setFault({ kind: 'silent' });
    await becomesOffline('b');
    expect(changes.events.filter(({ errors }) => errors !== undefined)).toEqual([]);
    changes.stop();
    await subscriber.dispose();
  }, 120_000);
});

describe('npm run cluster', () => {
  it('starts all that the file has, shows where each is, and when it is killed none of ours lives on', async () => {
    const folder = await temporaryFolder();
    const started = runStandalone(
      ['--data', folder, '--queues', 'postgres'],
      { WHEELHOUSE_ANONYMOUS_ROLE: 'VIEWER' },
      'cluster',
    );
    await started.printed(/Ctrl-C stops everything/, 300_000);
    const rows = [...started.output().matchAll(/^ {2}([a-z-]+) +(\d+) +(\d+) +127\.0\.0\.1:(\d+)$/gm)];
    const processes = rows.map(([, name, replica, pid]) => ({ name: `${name}-${replica}`, pid: Number(pid) }));
    expect(processes.map(({ name }) => name)).toEqual([
      'postgres-1',
      ...['devices', ...OTHERS].flatMap((name) => [
        ...[1, 2, 3].map((replica) => `${name}-${replica}`),
        ...[1, 2].map((replica) => `${name}-worker-${replica}`),
      ]),
      ...['router-1', 'router-2'],
    ]);
    const [, first = '', second = ''] = await started.printed(/Graph +(\S+) and (\S+)/);
    for (const url of [first, second]) expect((await ask(url, ONLINE)).data.estateSummary.total).toBe(39);
    // What is printed signs in, whichever of the three servers of accounts is asked.
    const [, email, password] = await started.printed(/Sign in +(\S+)\n +Password +(\S+)/);
    const login = `mutation { login(email: "${email}", password: "${password}") { userErrors { code } user { roles } } }`;
    for (const url of [first, second])
      expect((await ask(url, login)).data.login).toEqual({ userErrors: [], user: { roles: ['ADMIN'] } });
    expect(started.output()).toMatch(/Queues +in PostgreSQL/);

    await started.end('SIGKILL');
    const [database, ...ours] = processes;
    const areGone = async (): Promise<boolean> => {
      for (const { pid } of ours) if (await isRunning(pid)) return false;
      return true;
    };
    expect(await holdsWithin(60_000, areGone)).toBe(true);
    // PostgreSQL hears of nothing; the next start on its folder would stop it.
    await stopPostmaster(database?.pid ?? 0);
    await rm(folder, { recursive: true, force: true });
  }, 600_000);
});
