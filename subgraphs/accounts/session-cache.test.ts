import { createLogger } from '@wheelhouse/kit/logger.ts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../tests/redis.ts';
import { openSessionCache, type SessionCache, type SessionUser } from './session-cache.ts';

const logger = createLogger({ name: 'test', level: 'silent' });
const ann: SessionUser = {
  id: '1',
  email: 'ann@example.org',
  name: 'Ann',
  grants: [{ role: 'VIEWER', site: 'museum' }],
};
let redis: RedisServer;
let truth: SessionUser | null = ann;
let reads = 0;
const open = (): SessionCache =>
  openSessionCache({
    ...{ redisUrl: redis.url, logger, deadlineMs: 10_000 },
    read: () => {
      reads += 1;
      return Promise.resolve(truth);
    },
  });
let one: SessionCache;
let other: SessionCache;

beforeAll(async () => {
  redis = await startRedis();
  one = open();
  other = open();
});
afterAll(async () => {
  one.close();
  other.close();
  await redis.close();
});

/** Whether a cache is connected: what it reads it keeps. */
const isConnected = async (cache: SessionCache): Promise<boolean> => {
  const before = reads;
  await cache.userOf('first');
  await cache.userOf('first');
  return reads - before < 2;
};

it('reads a session once for all processes, until one of them takes it back', async () => {
  for (const cache of [one, other]) await expect.poll(() => isConnected(cache), { timeout: 40_000 }).toBe(true);
  reads = 0;
  expect(await one.userOf('s1')).toEqual(ann);
  expect(await other.userOf('s1')).toEqual(ann);
  expect(reads).toBe(1);
  truth = null;
  await other.forget(['s1', 's2']);
  expect(await one.userOf('s1')).toBeNull();
  expect(reads).toBe(2);
});

it('keeps nothing of a session that is over', async () => {
  truth = null;
  expect(await one.userOf('s3')).toBeNull();
  truth = ann;
  expect(await one.userOf('s3')).toEqual(ann);
});

it('keeps nothing that is secret, whatever is read', async () => {
  truth = { ...ann, passwordHash: '$argon2id$' } as SessionUser;
  await one.userOf('s4');
  truth = null;
  expect(JSON.stringify(await other.userOf('s4'))).toBe(JSON.stringify(ann));
});

it('reads the database while Redis is away', async () => {
  await redis.kill();
  truth = ann;
  expect(await one.userOf('s1')).toEqual(ann);
  truth = null;
  expect(await one.userOf('s1')).toBeNull();
  await one.forget(['s1']);
});
