import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '@wheelhouse/kit/seeded-random.ts';
import type { ClusterProcess } from '@wheelhouse/standalone/cluster/cluster.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ONE_OF_EACH } from './cluster.ts';
import { eventually } from './harness.ts';
import { has } from './programs.ts';
import { type ChangingEstate, startChangingEstate } from './unbroken/estate.ts';
import { drawSeeds, planFaults } from './unbroken/fault-plan.ts';
import { faultsOf, openWitness, type WitnessOptions } from './unbroken/witness.ts';

const FEW = { ...ONE_OF_EACH, devices: 2 };
const CHANGES = 200;
/** After all that was killed is back. */
const CHANGES_AFTERWARDS = 20;
/** All kills fall within this time, and changes go on for as long as it takes. */
const KILLS_WITHIN_MS = 5_000;
const SEED_LIMIT_MS = 120_000;
/** TEST_SEEDS=1,2 repeats a run that failed. */
const seeds = process.env.TEST_SEEDS?.split(',').map(Number) ?? drawSeeds(10);

const BACKENDS = [
  { backend: 'PostgreSQL', queues: 'postgres', isMissing: false },
  { backend: 'Redis', queues: 'redis', isMissing: !has('redis-server') },
] as const;

const isReady = (url: string): Promise<boolean> =>
  fetch(new URL('/health/ready', url), { signal: AbortSignal.timeout(2_000) }).then(
    ({ ok }) => ok,
    () => false,
  );

/** Kills a process; resolves when another runs in its place, and works. */
async function killAndAwait(victim: ClusterProcess): Promise<void> {
  const { pid } = victim;
  victim.kill('SIGKILL');
  const works = victim.url.startsWith('http') ? () => isReady(victim.url) : () => true;
  await eventually(
    `${victim.name}-${victim.replica} is back`,
    async () => victim.pid !== undefined && victim.pid !== pid && (await works()),
    60_000,
  );
}

describe.each(BACKENDS)('while 200 status changes happen, with the queues in $backend', ({ queues, isMissing }) => {
  if (isMissing) return void it.skip('need a program that is not installed', () => {});
  let estate: ChangingEstate;

  beforeAll(async () => {
    estate = await startChangingEstate({ queues, replicas: FEW });
  }, 180_000);
  afterAll(async () => {
    await estate.close();
  }, 60_000);

  function witnesses(): WitnessOptions[] {
    const [first = '', second = ''] = estate.cluster.graphUrls;
    const urls = [first, second];
    return [
      { name: 'at the first router', urls: [first] },
      { name: 'at the second router, with fields of another service', urls: [second], asksForMore: true },
      { name: 'at both routers', urls },
      { name: 'over SSE', urls, transport: 'sse' },
      {
        name: 'with a filter',
        urls: [second, first],
        filter: { sites: ['museum/left'], statuses: ['OFFLINE'] },
        isWanted: ({ device, to }) => estate.siteOf(device) === 'museum/left' && to === 'OFFLINE',
      },
      { name: 'that reads slowly', urls, readMs: 20 },
      { name: 'that starts anew every now and then', urls, restartsAfter: 37 },
    ];
  }

  it.each(seeds)(
    'a client that resumes has each once and in order, whatever is killed: seed %i',
    { timeout: SEED_LIMIT_MS },
    async (seed) => {
      const random = seededRandom(seed);
      const anyOf = <T>(...items: readonly [T, ...T[]]): T => items[Math.floor(random() * items.length)] ?? items[0];
      const find = (name: string, ...replicas: number[]) =>
        replicas.map((replica) => estate.cluster.process(name, replica));
      const plan = planFaults(
        [
          find('router', ...anyOf([1], [2], [1, 2])),
          // Where one is left, the routers hardly notice.
          find('devices', ...anyOf([1], [2], [1, 2], [1, 2])),
          find('postgres', 1),
          ...(queues === 'redis' ? [find('redis', 1)] : []),
          find(anyOf('fida-worker', 'devices-worker'), 1),
        ],
        { random, withinMs: KILLS_WITHIN_MS },
      );
      const start = await estate.head();
      const clients = witnesses().map((options) => openWitness(options, start.cursor));
      const givenUp = Promise.race(clients.map(({ failed }) => failed));
      const stopChanging = estate.keepChanging(random);
      const enoughRows = (what: string, after: number, count: number) =>
        eventually(
          `${count} status changes ${what}`,
          async () => {
            const rows = await estate.readLog(after).catch(() => []);
            return rows.length >= count && rows;
          },
          60_000,
        );
      const allKilled = async (): Promise<void> => {
        const killing = plan.map(async ({ victim, atMs }) => {
          await sleep(atMs);
          await Promise.all(victim.map(killAndAwait));
        });
        await Promise.all(killing);
      };
      try {
        await Promise.race([allKilled(), givenUp]);
        const { position } = await eventually('PostgreSQL answers', () => estate.head().catch(() => null), 30_000);
        await enoughRows('after the kills', position, CHANGES_AFTERWARDS);
        const log = await enoughRows('in all', start.position, CHANGES);
        stopChanging();
        const hasAll = ({ told, isWanted }: (typeof clients)[number]): boolean =>
          (told.at(-1)?.position ?? 0) >= (log.findLast(isWanted)?.position ?? 0);
        // Where one stays behind, what it lacks says more than that it does.
        const caughtUp = eventually('all have the last one', () => clients.every(hasAll), 30_000).catch(() => false);
        await Promise.race([caughtUp, givenUp]);
        const killed = plan.map(
          ({ victim, atMs }) =>
            `${victim.map(({ name, replica }) => `${name}-${replica}`).join(' and ')} after ${atMs} ms`,
        );
        for (const client of clients)
          expect({ seed, killed, client: client.name, faults: faultsOf(client, log) }).toMatchObject({ faults: [] });
      } finally {
        stopChanging();
        await Promise.all(clients.map(({ stop }) => stop()));
      }
    },
  );
});
