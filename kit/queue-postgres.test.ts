import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { eventually } from '../tests/harness.ts';
import { startTemporaryPostgres } from '../tests/temporary-postgres.ts';
import { migrate } from './database.ts';
import { StopList } from './lifecycle.ts';
import { createLogger } from './logger.ts';
import { openQueues, type Queues } from './queue.ts';

const logger = createLogger({ name: 'test', level: 'silent' });
const payload = z.object({ value: z.number() });
/** Far below the 15 s that BullMQ pauses by itself after each failure. */
const GOES_ON_MS = 8_000;

let database: Awaited<ReturnType<typeof startTemporaryPostgres>>;
let stops: StopList;
let queues: Queues;

beforeAll(async () => {
  database = await startTemporaryPostgres();
  await migrate(database.server.url, logger);
  stops = new StopList(logger);
  queues = openQueues({ databaseUrl: database.server.url, logger, stops });
});
afterAll(async () => {
  await stops.stop();
  await database.close();
});

it('queues in PostgreSQL go on soon after it is back, those too that were first used while it was away', async () => {
  const ticks: number[] = [];
  const done: number[] = [];
  await queues.every('clock', 1, async (scheduledAt) => void ticks.push(scheduledAt.getTime()));
  const late = queues.queue('late', payload);
  await late.work(async ({ value }) => void done.push(value), { concurrency: 1 });
  await eventually('the first tick', () => ticks.length > 0);

  await database.server.stop();
  const jobs = [{ id: 'a', payload: { value: 7 } }];
  await expect(late.add(jobs)).rejects.toThrow('ECONNREFUSED');
  // By then the worker has looked for the tick that was due.
  await eventually('a tick is missed', () => Date.now() > (ticks.at(-1) ?? 0) + 2_500);
  await database.server.restart();

  const before = ticks.length;
  await late.add(jobs);
  await eventually('two more ticks', () => ticks.length >= before + 2, GOES_ON_MS);
  await eventually('the job is done', () => done.length > 0, GOES_ON_MS);
  expect(done).toEqual([7]);
}, 60_000);
