import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { queueBackends, type TestBackend } from '../tests/queue-backends.ts';
import { openDatabase } from './database.ts';
import { StopList } from './lifecycle.ts';
import { createLogger } from './logger.ts';
import type { OpenedQueues } from './queue.ts';
import { type Chunk, openSweep, visitPaced } from './sweep.ts';
import { createSweepLog } from './sweep-log.ts';

const logger = createLogger({ name: 'test', level: 'silent' });
const payload = z.object({ value: z.number() });
/** Half of them were no later: a busy machine may hold up some. */
const median = (all: readonly { lateMs: number }[]): number =>
  all.map(({ lateMs }) => lateMs).toSorted((one, other) => one - other)[Math.floor(all.length / 2)] ?? Number.NaN;

describe.each(queueBackends)('queues on $backend', ({ isMissing, start }) => {
  if (isMissing) return void it.skip('need a program that is not installed', () => {});
  let backend: TestBackend;
  let stops: StopList;
  let queues: OpenedQueues;

  beforeAll(async () => {
    backend = await start();
    stops = new StopList(logger);
    queues = backend.open({ logger, stops });
  });
  afterAll(async () => {
    await stops.stop();
    await backend.close();
  });

  it('runs a job once although it was added twice under one id', async () => {
    const seen: number[] = [];
    const queue = queues.queue('twice', payload);
    await queue.work(async ({ value }) => void seen.push(value), { concurrency: 1 });
    await queue.add([{ id: 'a', payload: { value: 1 } }]);
    await queue.add([
      { id: 'a', payload: { value: 1 } },
      { id: 'b', payload: { value: 2 } },
    ]);
    await vi.waitFor(() => expect(seen).toEqual([1, 2]), 40_000);
  });

  it('counts what is due and waits, and what is in hand, of the queues that it takes from', async () => {
    const gate = Promise.withResolvers<void>();
    const queue = queues.queue('counted', payload);
    const { db, close } = openDatabase(backend.urls[0] ?? '', { maxConnections: 1 });
    await queue.work(() => gate.promise, { concurrency: 1 });
    await queue.add([
      { id: 'a', payload: { value: 1 } },
      { id: 'b', payload: { value: 2 } },
      { id: 'c', payload: { value: 3 }, isBackground: true },
      { id: 'later', payload: { value: 4 }, delayMs: 600_000 },
    ]);
    const counted = async () => (await queues.count(db)).find(({ name }) => name === 'counted');
    await vi.waitFor(async () => expect(await counted()).toMatchObject({ waiting: 2, active: 1 }), 10_000);
    gate.resolve();
    await vi.waitFor(async () => expect(await counted()).toMatchObject({ waiting: 0, active: 0 }), 10_000);
    await close();
  });

  it('tries a failed job again', async () => {
    let attempts = 0;
    const queue = queues.queue('flaky', payload);
    await queue.work(
      async () => {
        attempts += 1;
        if (attempts === 1) throw new Error('not yet');
      },
      { concurrency: 1 },
    );
    await queue.add([{ id: 'a', payload: { value: 1 } }]);
    await vi.waitFor(() => expect(attempts).toBe(2), 40_000);
  });

  it('never hands over a payload of another shape', async () => {
    const seen: unknown[] = [];
    const text = queues.queue('shape', z.object({ value: z.union([z.number(), z.string()]) }));
    await queues.queue('shape', payload).work(async (job) => void seen.push(job), { concurrency: 1 });
    await text.add([
      { id: 'bad', payload: { value: 'one' } },
      { id: 'good', payload: { value: 2 } },
    ]);
    await vi.waitFor(() => expect(seen).toEqual([{ value: 2 }]), 40_000);
  });

  it('ticks on multiples of the interval, and on time', async () => {
    const ticks: { scheduledAt: number; lateMs: number }[] = [];
    await queues.every('clock', 1, async (scheduledAt) => {
      ticks.push({ scheduledAt: scheduledAt.getTime(), lateMs: Date.now() - scheduledAt.getTime() });
    });
    await vi.waitFor(() => expect(ticks.length).toBeGreaterThanOrEqual(4), 40_000);
    expect(ticks.map(({ scheduledAt }) => scheduledAt % 1_000)).toEqual(ticks.map(() => 0));
    const gaps = ticks.slice(1).map(({ scheduledAt }, index) => scheduledAt - (ticks[index]?.scheduledAt ?? 0));
    // One that nobody had time for is skipped; none comes twice.
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(1_000);
    for (const { lateMs } of ticks) expect(lateMs).toBeGreaterThanOrEqual(0);
    expect(median(ticks)).toBeLessThan(900);
  });

  it('sweeps every key once a slot, each at its place, in chunks', async () => {
    const keys = Array.from({ length: 120 }, (_, index) => `key-${String(index).padStart(3, '0')}`);
    const visits: { key: string; slotMs: number; lateMs: number }[] = [];
    const visitChunk = async (chunk: Chunk): Promise<void> => {
      await visitPaced(chunk, chunk.keys, async (key, dueMs) => {
        visits.push({ key, slotMs: chunk.slotMs, lateMs: Date.now() - dueMs });
      });
    };
    const listKeys = () => Promise.resolve(keys);
    await openSweep({
      queues,
      name: 'test',
      intervalSeconds: 2,
      concurrency: 8,
      listKeys,
      visitChunk,
      ...{ lateChunks: { inc: () => {} }, logger, log: createSweepLog(Date.now).open(2) },
    });
    const slots = () => [...Map.groupBy(visits, ({ slotMs }) => slotMs)].sort(([a], [b]) => a - b);
    await vi.waitFor(() => expect(slots().length).toBeGreaterThanOrEqual(4), 40_000);
    // The first slot had begun before the sweep was opened.
    for (const [, list] of slots().slice(1, 3)) {
      expect(list.map(({ key }) => key).sort()).toEqual(keys);
      expect(median(list)).toBeLessThan(900);
    }
  });
});
