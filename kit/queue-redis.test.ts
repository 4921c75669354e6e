import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { eventually } from '../tests/harness.ts';
import { has } from '../tests/programs.ts';
import { type RedisServer, startRedis } from '../tests/redis.ts';
import { StopList } from './lifecycle.ts';
import { createLogger } from './logger.ts';
import { openQueues, type Queues } from './queue.ts';
import { waitForRedis } from './queue-redis.ts';

const logger = createLogger({ name: 'test', level: 'silent' });
const payload = z.object({ value: z.number() });
/** What was in hand when Redis went is taken again when its lock has run out. */
const TAKEN_AGAIN_MS = 40_000;

describe.skipIf(!has('redis-server'))('queues on a Redis', () => {
  let redis: RedisServer;
  let stops: StopList;
  let queues: Queues;
  const ticks: number[] = [];
  const done = new Set<number>();

  const newTicks = async (count: number): Promise<void> => {
    const before = ticks.length;
    await eventually(`${count} more ticks`, () => ticks.length >= before + count, TAKEN_AGAIN_MS);
  };

  beforeAll(async () => {
    redis = await startRedis();
    stops = new StopList(logger);
    const databaseUrl = 'postgres://127.0.0.1:1/none';
    queues = openQueues({ databaseUrl, redisUrl: redis.url, logger, stops });
    await queues.every('clock', 1, async (scheduledAt) => void ticks.push(scheduledAt.getTime()));
    await queues.queue('numbers', payload).work(async ({ value }) => void done.add(value), { concurrency: 4 });
    await newTicks(1);
  });
  afterAll(async () => {
    await stops.stop();
    await redis.close();
  });

  const add = (from: number, count: number, delayMs: number): Promise<void> =>
    queues
      .queue('numbers', payload)
      .add(Array.from({ length: count }, (_, n) => ({ id: `n-${from + n}`, payload: { value: from + n }, delayMs })));
  const allDone = (count: number): Promise<unknown> =>
    eventually(`${count} jobs are done`, () => done.size === count, TAKEN_AGAIN_MS);

  it('that is killed and comes back with its data lose no job, and tick on', async () => {
    done.clear();
    await add(0, 200, 0);
    await add(200, 200, 1_500);
    await redis.kill();
    await redis.start();
    await allDone(400);
    await newTicks(3);
    expect(ticks.filter((tick) => tick % 1_000 !== 0)).toEqual([]);
  }, 90_000);

  it('that comes back empty tick on, and take new jobs', async () => {
    await redis.kill();
    await redis.start({ empty: true });
    done.clear();
    await newTicks(3);
    await add(1_000, 50, 0);
    await allDone(50);
  }, 90_000);

  it('wait a moment for a Redis that starts again, and then say what could not be done', async () => {
    done.clear();
    await redis.kill();
    const adding = add(2_000, 1, 0);
    await redis.start();
    await adding;
    await allDone(1);
    await redis.kill();
    await expect(add(3_000, 2, 0)).rejects.toThrow(
      /^Redis at 127\.0\.0\.1:\d+ did not answer within 5 s: could not add 2 jobs to numbers$/,
    );
    await redis.start();
    await newTicks(2);
  }, 90_000);

  it('give up on a Redis that is there and does not answer', async () => {
    redis.pause();
    await expect(add(4_000, 1, 0)).rejects.toThrow(/did not answer within 5 s/);
    redis.resume();
    done.clear();
    await add(5_000, 1, 0);
    await eventually('the job is done', () => done.has(5_000), TAKEN_AGAIN_MS);
  }, 90_000);

  it('close within their limit while it is away', async () => {
    await redis.kill();
    const startedAt = performance.now();
    await stops.stop();
    expect(performance.now() - startedAt).toBeLessThan(9_500);
    await redis.start();
  }, 30_000);
});

describe.skipIf(!has('redis-server'))('a process that waits for its Redis', () => {
  it('goes on when it is there', async () => {
    const redis = await startRedis();
    await waitForRedis(redis.url, logger);
    await redis.close();
  });

  it('is told at once when it is refused, without the password', async () => {
    const redis = await startRedis({ password: 'the-right-one' });
    const url = new URL(redis.url);
    url.password = 'the-wrong-one';
    const refused = waitForRedis(url.href, logger);
    await expect(refused).rejects.toThrow(/^Redis at 127\.0\.0\.1:\d+ refuses us/);
    await expect(refused).rejects.not.toThrow(/the-wrong-one/);
    url.password = 'the-right-one';
    await waitForRedis(url.href, logger);
    await redis.close();
  });
});
