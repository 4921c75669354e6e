import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { queueBackends, type TestBackend } from '../tests/queue-backends.ts';
import { StopList } from './lifecycle.ts';
import { createLogger } from './logger.ts';

const lines: string[] = [];
const logger = createLogger({
  name: 'test',
  level: 'warn',
  destination: { write: (line: string) => void lines.push(line) },
});
const payload = z.object({ value: z.number() });

describe.each(queueBackends)('queues on $backend that stop', ({ isMissing, start }) => {
  if (isMissing) return void it.skip('need a program that is not installed', () => {});
  let backend: TestBackend;

  beforeAll(async () => {
    backend = await start();
  });
  afterAll(() => backend.close());

  it('let the jobs in hand add theirs, also to a queue that was opened last', async () => {
    const stops = new StopList(logger);
    const queues = backend.open({ logger, stops });
    const later = queues.queue('later', payload);
    const begun = Promise.withResolvers<void>();
    const stopping = Promise.withResolvers<void>();
    await queues.queue('first', payload).work(
      async ({ value }) => {
        begun.resolve();
        await stopping.promise;
        await later.add([{ id: `behind-${value}`, payload: { value } }]);
      },
      { concurrency: 1 },
    );
    await queues.queue('first', payload).add([{ id: 'one', payload: { value: 1 } }]);
    await later.add([{ id: 'zero', payload: { value: 0 } }]);
    await begun.promise;
    const stopped = stops.stop();
    stopping.resolve();
    await stopped;
    expect(lines).toEqual([]);

    const seen: number[] = [];
    const next = new StopList(logger);
    await backend
      .open({ logger, stops: next })
      .queue('later', payload)
      .work(async ({ value }) => void seen.push(value), { concurrency: 1 });
    await expect.poll(() => seen, { timeout: 40_000 }).toEqual([0, 1]);
    await next.stop();
  });
});
