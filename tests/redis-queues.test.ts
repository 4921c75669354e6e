import { type SimulatedDisplays, startDisplays } from '@wheelhouse/simulators/displays/start-displays.ts';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, startWheelhouse, type Wheelhouse } from './harness.ts';
import { has } from './programs.ts';
import { type RedisServer, startRedis } from './redis.ts';

describe.skipIf(!has('redis-server'))('with REDIS_URL', () => {
  let redis: RedisServer;
  let simulated: SimulatedDisplays;
  let wheelhouse: Wheelhouse;

  beforeAll(async () => {
    redis = await startRedis();
    const access = { version: 'V2C', community: 'public' } as const;
    simulated = await startDisplays(['a', 'b', 'c'].map((name) => ({ name, profile: 'wheelhouse-fida', access })));
    wheelhouse = await startWheelhouse({
      REDIS_URL: redis.url,
      WHEELHOUSE_SWEEP_SECONDS: '1',
      FIDA_SNMP_TIMEOUT_MS: '300',
    });
    const devices = simulated.displays.map(({ name, snmp }) => ({ name, system: 'FIDA', site: 'museum', snmp }));
    await wheelhouse.importEstate({ devices });
    await wheelhouse.startWorker();
  });
  afterAll(async () => {
    await wheelhouse.close();
    await simulated.close();
    await redis.close();
  });

  const allAreOnline = () =>
    eventually('all displays are ONLINE', async () => {
      const { data } = await wheelhouse.query('{ estateSummary { online } }');
      return data.estateSummary.online === 3;
    });
  const allAreLookedAtAfter = (time: Date) =>
    eventually(
      'all displays are looked at again',
      async () => (await wheelhouse.looks()).every(({ slot }) => slot > time),
      40_000,
    );

  it('devices come ONLINE by way of Redis, and the database holds no job', async () => {
    await allAreOnline();
    const sql = postgres(wheelhouse.databaseUrl, { max: 1 });
    const [row] = await sql`select count(*)::int as jobs from bullmq.job`;
    await sql.end();
    expect(row).toEqual({ jobs: 0 });
  });

  it('the sweep goes on when Redis is killed and comes back', async () => {
    await redis.kill();
    await redis.start();
    await allAreLookedAtAfter(new Date());
    await allAreOnline();
  }, 60_000);

  it('the sweep goes on when Redis comes back empty', async () => {
    await redis.kill();
    await redis.start({ empty: true });
    await allAreLookedAtAfter(new Date());
    await allAreOnline();
  }, 60_000);
});
