import { createLogger } from '@wheelhouse/kit/logger.ts';
import { describe, expect, it, onTestFinished } from 'vitest';
import { has } from '../tests/programs.ts';
import { type RedisServer, startRedis } from '../tests/redis.ts';
import type { RateSettings } from './config.ts';
import { createRates, type Rates } from './rates.ts';

const logger = createLogger({ name: 'test', level: 'silent' });

function open(settings: Partial<RateSettings> = {}) {
  const refused: string[] = [];
  const rates = createRates(
    { operations: 4, cost: 200, work: 200, fields: [], redisUrl: null, ...settings },
    logger,
    (what) => {
      refused.push(what);
    },
  );
  onTestFinished(() => rates.close());
  return { rates, refused };
}

/** How many of `asked` are let through, one after the other. */
async function passed(rates: Rates, caller: string, asked: number): Promise<number> {
  let count = 0;
  for (let index = 0; index < asked; index += 1) {
    if ((await rates.take(caller, 'operations', 1)) === null) count += 1;
  }
  return count;
}

describe('a caller', () => {
  it('may ask for five seconds’ worth at once, and then has to wait', async () => {
    const { rates, refused } = open();
    expect(await passed(rates, 'a', 25)).toBe(20);
    expect(refused).toEqual(Array.from({ length: 5 }, () => 'operations'));
    const refusal = rates.refusal('a');
    expect(refusal).toMatchObject({ what: 'operations', limit: 20, seconds: 5 });
    expect(refusal?.retryAfterMs).toBeGreaterThan(0);
    expect(refusal?.retryAfterMs).toBeLessThanOrEqual(5_000);
  });

  it('is not held back by another', async () => {
    const { rates } = open();
    await passed(rates, 'a', 21);
    expect(await passed(rates, 'b', 20)).toBe(20);
    expect(rates.refusal('b')).toBeNull();
  });

  it('that has spent its cost may ask for nothing', async () => {
    const { rates } = open();
    expect(await rates.take('a', 'cost', 1_000)).toBeNull();
    expect(await rates.take('a', 'cost', 1)).toMatchObject({ what: 'units of cost', limit: 1_000 });
    expect(await passed(rates, 'a', 1)).toBe(0);
  });

  it('may ask for fields with a rate of their own as often as that says, each by itself', async () => {
    const { rates, refused } = open({ fields: [{ field: 'login', points: 2, seconds: 60 }] });
    expect(await rates.takeFields('a', ['login', 'other', 'other', 'login'])).toBeNull();
    expect(await rates.takeFields('a', ['other'])).toBeNull();
    expect(await rates.takeFields('a', ['login'])).toMatchObject({
      what: 'operations with login',
      limit: 2,
      seconds: 60,
    });
    expect(await rates.takeFields('b', ['login'])).toBeNull();
    expect(refused).toEqual(['field:login']);
    expect(await passed(rates, 'a', 1)).toBe(1);
  });

  it('may ask for whatever it likes where there are no limits', async () => {
    const { rates } = open({ operations: 0, cost: 0, work: 0 });
    expect(await passed(rates, 'a', 100)).toBe(100);
    expect(await rates.take('a', 'cost', 1e9)).toBeNull();
  });
});

describe.skipIf(!has('redis-server'))('with Redis', () => {
  const startOwn = async (): Promise<RedisServer> => {
    const redis = await startRedis();
    onTestFinished(() => redis.close());
    return redis;
  };
  /** Two routers whose connections are there: each hears of a caller that the other has counted. */
  const openTwo = async (redisUrl: string) => {
    const [one, other] = [open({ redisUrl }).rates, open({ redisUrl }).rates];
    let caller = 0;
    await expect
      .poll(async () => {
        caller += 1;
        return (await passed(one, `probe ${caller}`, 20)) + (await passed(other, `probe ${caller}`, 1));
      })
      .toBe(20);
    return [one, other] as const;
  };

  it('callers are counted by all routers together', async () => {
    const { url } = await startOwn();
    const [one, other] = await openTwo(url);
    expect((await passed(one, 'a', 15)) + (await passed(other, 'a', 15))).toBe(20);
    expect(other.refusal('a')).toMatchObject({ limit: 20 });
  });

  it.each<[what: string, away: (redis: RedisServer) => unknown]>([
    ['is gone', (redis) => redis.kill()],
    ['answers nothing', (redis) => redis.pause()],
  ])('that %s, each router counts for itself, and nobody is refused for it', async (_what, away) => {
    const redis = await startOwn();
    onTestFinished(() => redis.resume());
    const [one, other] = await openTwo(redis.url);
    await away(redis);
    expect(await passed(one, 'b', 1)).toBe(1);
    expect(await passed(one, 'c', 5)).toBe(5);
    expect(await other.take('c', 'cost', 50)).toBeNull();
  });

  it('that was never there, each router counts for itself', async () => {
    const { rates } = open({ redisUrl: 'redis://127.0.0.1:1' });
    expect(await passed(rates, 'a', 25)).toBe(20);
  });
});
