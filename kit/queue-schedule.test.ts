import { expect, it, onTestFinished } from 'vitest';
import { queueBackends } from '../tests/queue-backends.ts';
import { StopList } from './lifecycle.ts';
import { createLogger } from './logger.ts';

const logger = createLogger({ name: 'test', level: 'silent' });
const SECONDS = 2;

it.each(queueBackends.filter(({ isMissing }) => !isMissing))(
  'workers that schedule the same at the same moment do not fail each other, and each tick comes once, on $backend',
  async ({ start }) => {
    const backend = await start();
    const stops = new StopList(logger);
    onTestFinished(async () => {
      await stops.stop();
      await backend.close();
    });
    const ticks: string[] = [];
    const workers = Array.from({ length: 6 }, () => backend.open({ logger, stops }));
    const names = ['a', 'b', 'c', 'd', 'e'];
    for (const name of names) {
      const scheduled = workers.map((queues) =>
        queues.every(name, SECONDS, async (at) => void ticks.push(`${name} ${at.getTime()}`)),
      );
      expect((await Promise.allSettled(scheduled)).filter(({ status }) => status === 'rejected')).toEqual([]);
    }
    await expect.poll(() => new Set(ticks.map((tick) => tick[0])).size, { timeout: 40_000 }).toBe(names.length);
    expect(new Set(ticks).size).toBe(ticks.length);
  },
  60_000,
);
