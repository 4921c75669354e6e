import { asc } from 'drizzle-orm';
import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { queueBackends, type TestBackend } from '../tests/queue-backends.ts';
import type { DatabaseHandle } from './database.ts';
import { StopList } from './lifecycle.ts';
import { readLogHead } from './log-table.ts';
import { createLogger } from './logger.ts';
import type { Queues } from './queue.ts';
import { takeSamples } from './sample-store.ts';
import { openSampler, type SampleSource } from './sampler.ts';
import { openSamplingDatabase, ovens, tables } from './testing/sampling.ts';

const hour = new Date('2026-11-25T09:00:00Z');
const minutesLater = (minutes: number): Date => new Date(hour.getTime() + minutes * 60_000);
const source: SampleSource = {
  from: ovens,
  subject: ovens.id,
  metrics: { celsius: { column: ovens.celsius, unit: '°C' } },
  attributes: {},
};
const sealedShape = z.object({ epoch: z.string(), throughPosition: z.number(), before: z.string() });

let handle: DatabaseHandle;
beforeAll(async () => {
  handle = await openSamplingDatabase();
});
beforeEach(async () => {
  await handle.sql`truncate testing.ovens, testing.samples, testing.sample_runs, testing.sample_metrics, testing.log_counters`;
  await handle.sql`insert into testing.ovens (id, celsius) values ('a', 180), ('b', 200)`;
});
afterAll(() => handle.close());

const runs = () => handle.db.select().from(tables.sampleRuns).orderBy(asc(tables.sampleRuns.hour));

describe('a sampler', () => {
  /** Opens one at a time of day; its ticks come from the test. */
  async function open(at: Date) {
    const clock = { now: at };
    const lines: Record<string, unknown>[] = [];
    const ticks: { name: string; everySeconds: number; handle: (at: Date) => Promise<void> }[] = [];
    const metrics = new Registry();
    await openSampler({
      db: handle.db,
      queues: { every: async (name, everySeconds, take) => void ticks.push({ name, everySeconds, handle: take }) },
      service: 'bakery',
      tables,
      sources: [source],
      sealed: { work: async () => {} },
      metrics,
      logger: createLogger({
        name: 'test',
        level: 'info',
        destination: { write: (line: string) => void lines.push(JSON.parse(line)) },
      }),
      now: () => clock.now,
    });
    return {
      ticks,
      lines,
      tick: async (scheduledAt: Date, comesAt: Date) => {
        clock.now = comesAt;
        await ticks[0]?.handle(scheduledAt);
      },
      counted: async (name: string) =>
        Number(new RegExp(`${name}\\{service="bakery"\\} (\\d+)`).exec(await metrics.metrics())?.[1]),
    };
  }

  it('samples on every hour', async () => {
    const sampler = await open(minutesLater(-5));
    expect(sampler.ticks).toMatchObject([{ name: 'bakery-samples', everySeconds: 3_600 }]);
    expect(await runs()).toEqual([]);
    expect(await handle.db.select().from(tables.sampleMetrics)).toEqual([{ name: 'celsius', unit: '°C' }]);
    await sampler.tick(hour, minutesLater(0.01));
    expect(await runs()).toEqual([{ hour, sampledAt: minutesLater(0.01), samples: 2 }]);
    expect(await sampler.counted('wheelhouse_samples_total')).toBe(2);
    await sampler.tick(hour, minutesLater(1));
    expect(await sampler.counted('wheelhouse_samples_total')).toBe(2);
    expect(sampler.lines.map(({ msg }) => msg)).toEqual(['samples taken']);
  });

  it('takes a tick that is late for its hour, until the next one begins', async () => {
    const sampler = await open(minutesLater(-5));
    await sampler.tick(hour, new Date(minutesLater(60).getTime() - 1));
    expect(await runs()).toMatchObject([{ hour, samples: 2 }]);
    expect(await sampler.counted('wheelhouse_sample_hours_left_out_total')).toBe(0);
  });

  it('leaves out the hours for which a tick comes too late, says so, and samples the present one', async () => {
    const sampler = await open(minutesLater(-5));
    await sampler.tick(hour, minutesLater(120));
    expect(await runs()).toMatchObject([{ hour: minutesLater(120), samples: 2 }]);
    expect(await sampler.counted('wheelhouse_sample_hours_left_out_total')).toBe(2);
    expect(sampler.lines[0]).toMatchObject({ from: hour.toISOString(), hours: 2 });
  });

  it('misses nothing when a tick comes again later', async () => {
    const sampler = await open(minutesLater(-5));
    await sampler.tick(hour, minutesLater(59));
    await sampler.tick(hour, minutesLater(61));
    expect((await runs()).map((run) => run.hour)).toEqual([hour, minutesLater(60)]);
    expect(await sampler.counted('wheelhouse_sample_hours_left_out_total')).toBe(0);
  });

  it('keeps to the hour of the tick where its own clock is behind', async () => {
    const sampler = await open(minutesLater(-5));
    await sampler.tick(hour, minutesLater(-0.01));
    expect(await runs()).toEqual([{ hour, sampledAt: hour, samples: 2 }]);
  });

  it('loses no hour to a restart over it', async () => {
    await takeSamples(handle.db, tables, [source], { hour, now: hour });
    await open(minutesLater(61));
    expect((await runs()).map((run) => run.hour)).toEqual([hour, minutesLater(60)]);
    await open(minutesLater(62));
    expect(await runs()).toHaveLength(2);
  });

  it('waits for the next hour where there was none an hour ago: nothing is known yet', async () => {
    await takeSamples(handle.db, tables, [source], { hour, now: hour });
    await open(minutesLater(121));
    expect(await runs()).toHaveLength(1);
  });
});

describe.each(queueBackends)('a sampler with its queues on $backend', ({ isMissing, start }) => {
  if (isMissing) return void it.skip('needs a program that is not installed', () => {});
  let backend: TestBackend;
  let stops: StopList;
  let queues: Queues;
  const logger = createLogger({ name: 'test', level: 'silent' });

  beforeAll(async () => {
    backend = await start();
  });
  beforeEach(() => {
    stops = new StopList(logger);
    queues = backend.open({ logger, stops });
  });
  afterEach(() => stops.stop());
  afterAll(() => backend.close());

  it('removes what it is told is archived', async () => {
    await takeSamples(handle.db, tables, [source], { hour, now: hour });
    await takeSamples(handle.db, tables, [source], { hour: minutesLater(60), now: minutesLater(60) });
    const sealed = queues.queue('sealed', sealedShape);
    await openSampler({
      ...{ db: handle.db, queues, tables, logger, sealed, service: 'bakery' },
      sources: [source],
      metrics: new Registry(),
      now: () => minutesLater(200),
    });
    const { epoch } = await readLogHead(handle.db, tables.samples);
    const payload = { epoch, throughPosition: 4, before: minutesLater(60).toISOString() };
    await sealed.add([{ id: 'one', payload }]);
    await vi.waitFor(async () => expect(await handle.db.$count(tables.samples)).toBe(2), 40_000);
    expect((await handle.db.select().from(tables.samples)).map((row) => row.hour)).toEqual([
      minutesLater(60),
      minutesLater(60),
    ]);
  });
});
