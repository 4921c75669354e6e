import { asc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DatabaseHandle } from './database.ts';
import { appendToLog, readLogHead } from './log-table.ts';
import { hasSampleRun, pruneSamples, publishSampleNames, type SampleSource, takeSamples } from './sample-store.ts';
import { bakers, type Oven, openSamplingDatabase, ovens, tables } from './testing/sampling.ts';

const hour = new Date('2026-11-25T09:00:00Z');
const now = new Date('2026-11-25T09:00:02.5Z');
const HOUR_MS = 3_600_000;
const hoursLater = (hours: number): Date => new Date(hour.getTime() + hours * HOUR_MS);
const { samples, sampleRuns, sampleMetrics } = tables;

const source: SampleSource = {
  from: ovens,
  measuredAt: ovens.measuredAt,
  subject: ovens.id,
  metrics: { celsius: { column: ovens.celsius, unit: '°C' }, watts: { column: ovens.watts, unit: null } },
  attributes: { label: ovens.label, isLit: ovens.isLit },
};

describe('samples', () => {
  let handle: DatabaseHandle;

  beforeAll(async () => {
    handle = await openSamplingDatabase();
  });
  beforeEach(async () => {
    await handle.sql`truncate testing.ovens, testing.bakers, testing.samples, testing.sample_runs,
      testing.sample_metrics, testing.log_counters`;
  });
  afterAll(() => handle.close());

  const anOven = (overrides: Partial<Oven> = {}): Oven => ({
    id: 'a',
    celsius: 180.5,
    watts: 2000,
    label: 'left',
    isLit: false,
    measuredAt: hour,
    ...overrides,
  });
  const put = (...list: Partial<Oven>[]) => handle.db.insert(ovens).values(list.map(anOven));
  const take = (at = hour, sources: readonly SampleSource[] = [source]) =>
    takeSamples(handle.db, tables, sources, { hour: at, now });
  const rows = () => handle.db.select().from(samples).orderBy(asc(samples.position));
  const runs = () => handle.db.select().from(sampleRuns).orderBy(asc(sampleRuns.hour));

  it('say what the tables said, and leave out what was not known', async () => {
    await put({}, { id: 'b', watts: null, label: null, isLit: true });
    expect(await take()).toBe(2);
    const common = { hour, sampledAt: now };
    expect(await rows()).toEqual([
      {
        position: 1,
        subject: 'a',
        ...common,
        metrics: { celsius: 180.5, watts: 2000 },
        attributes: { label: 'left', isLit: false },
      },
      { position: 2, subject: 'b', ...common, metrics: { celsius: 180.5 }, attributes: { isLit: true } },
    ]);
    expect(await runs()).toEqual([{ hour, sampledAt: now, samples: 2 }]);
  });

  it('keep a number to its last digit', async () => {
    await put({ celsius: 0.1 + 0.2, watts: 1e300 });
    await take();
    expect((await rows())[0]?.metrics).toEqual({ celsius: 0.1 + 0.2, watts: 1e300 });
  });

  it('are of what was measured in the hour before or since, and of that alone', async () => {
    await put(
      { id: 'older', measuredAt: new Date(hour.getTime() - HOUR_MS - 1) },
      { id: 'never', measuredAt: null },
      { id: 'oldest', measuredAt: new Date(hour.getTime() - HOUR_MS) },
      { id: 'newest', measuredAt: now },
    );
    expect(await take()).toBe(2);
    expect((await rows()).map(({ subject }) => subject).sort()).toEqual(['newest', 'oldest']);
  });

  it('are not taken of what has no metric', async () => {
    await put({ id: 'silent', celsius: null, watts: null }, { id: 'half', celsius: null });
    expect(await take()).toBe(1);
    expect((await rows())[0]).toMatchObject({ subject: 'half', metrics: { watts: 2000 } });
  });

  it('may have attributes only, from several tables, of some rows', async () => {
    await put({ measuredAt: null }, { id: 'b' }, { id: 'c' });
    await handle.db.insert(bakers).values([
      { ovenId: 'a', name: 'Ann' },
      { ovenId: 'c', name: 'Carl' },
    ]);
    const joined: SampleSource = {
      from: bakers,
      join: [{ table: ovens, on: eq(ovens.id, bakers.ovenId) }],
      where: eq(ovens.label, 'left'),
      subject: ovens.id,
      metrics: {},
      attributes: { label: ovens.label, name: bakers.name },
    };
    await handle.db.update(ovens).set({ label: 'right' }).where(eq(ovens.id, 'c'));
    expect(await take(hour, [joined])).toBe(1);
    expect((await rows())[0]).toMatchObject({
      subject: 'a',
      metrics: {},
      attributes: { label: 'left', name: 'Ann' },
    });
  });

  it('of several kinds of subject are of one run', async () => {
    await put({});
    await handle.db.insert(bakers).values({ ovenId: 'x', name: 'Ann' });
    const second: SampleSource = {
      from: bakers,
      subject: bakers.ovenId,
      metrics: {},
      attributes: { name: bakers.name },
    };
    expect(await take(hour, [source, second])).toBe(2);
    expect((await rows()).map(({ position, subject }) => [position, subject])).toEqual([
      [1, 'a'],
      [2, 'x'],
    ]);
    expect(await runs()).toMatchObject([{ samples: 2 }]);
  });

  it('of an hour are taken once, by however many at a time', async () => {
    await put({}, { id: 'b' });
    const taken = await Promise.all(Array.from({ length: 6 }, () => take()));
    expect(taken.toSorted()).toEqual([2, null, null, null, null, null]);
    await put({ id: 'c' });
    expect(await take()).toBeNull();
    expect(await rows()).toHaveLength(2);
    expect(await hasSampleRun(handle.db, tables, hour)).toBe(true);
    expect(await hasSampleRun(handle.db, tables, hoursLater(1))).toBe(false);
  });

  it('may be none: the hour is sampled nevertheless, and the log untouched', async () => {
    const before = await readLogHead(handle.db, samples);
    expect(await take()).toBe(0);
    expect(await runs()).toMatchObject([{ hour, samples: 0 }]);
    expect(await readLogHead(handle.db, samples)).toEqual(before);
  });

  it('are all there or none: a subject that is found twice undoes the hour', async () => {
    await put({});
    await expect(take(hour, [source, source])).rejects.toThrow();
    expect([await rows(), await runs()]).toEqual([[], []]);
    expect(await take()).toBe(1);
  });

  it('have positions without gaps, whoever else appends, and readers are told', async () => {
    await put(...Array.from({ length: 50 }, (_, index) => ({ id: `o${index}` })));
    const { measuredAt: _, ...anyTime } = source;
    const told = Promise.withResolvers<void>();
    const listening = await handle.sql.listen('testing_samples', () => told.resolve());
    const append = (subject: string) =>
      appendToLog(handle.db, samples, [{ subject, hour, sampled_at: now, metrics: {}, attributes: {} }]);
    const work = Array.from({ length: 8 }, (_, index) => [take(hoursLater(index), [anyTime]), append(`x${index}`)]);
    await Promise.all(work.flat());
    expect((await rows()).map(({ position }) => position)).toEqual(
      Array.from({ length: 408 }, (_, index) => index + 1),
    );
    expect(await readLogHead(handle.db, samples)).toMatchObject({ position: 408 });
    await told.promise;
    await listening.unlisten();
  });

  // A statement for each of them would take a minute.
  it('of 10,000 subjects take a moment, on a busy machine too', async () => {
    await handle.sql`insert into testing.ovens select 'o' || n, n, n / 7.0, 'label ' || n, n % 2 = 0, ${hour.toISOString()}::timestamptz
      from generate_series(1, 10000) as n`;
    const startedAt = performance.now();
    expect(await take()).toBe(10_000);
    expect(performance.now() - startedAt).toBeLessThan(8_000);
  });

  it('come with the units of their metrics, and those of earlier ones stay', async () => {
    await publishSampleNames(handle.db, tables, [source]);
    const { celsius: _, ...rest } = source.metrics;
    const changed = { ...rest, watts: { column: ovens.watts, unit: 'W' } };
    await publishSampleNames(handle.db, tables, [{ ...source, metrics: changed }]);
    await publishSampleNames(handle.db, tables, [{ ...source, metrics: {} }]);
    expect(await handle.db.select().from(sampleMetrics).orderBy(asc(sampleMetrics.name))).toEqual([
      { name: 'celsius', unit: '°C' },
      { name: 'watts', unit: 'W' },
    ]);
  });

  it('come with the names of what is a setting, once', async () => {
    for (const settings of [['celsius'], ['celsius', 'label']])
      await publishSampleNames(handle.db, tables, [{ ...source, settings }]);
    expect(await handle.db.select().from(tables.sampleSettings)).toEqual([{ name: 'celsius' }, { name: 'label' }]);
  });

  describe('that are archived', () => {
    const prune = async (options: { throughPosition: number; before: Date; epoch?: string; at?: Date }) => {
      const { epoch } = await readLogHead(handle.db, samples);
      const { before, at = now, ...rest } = options;
      return pruneSamples(handle.db, tables, { epoch, ...rest, before: before.toISOString() }, at);
    };
    const left = async () => (await rows()).map(({ position }) => position);

    beforeEach(async () => {
      await put({}, { id: 'b' });
      for (const hours of [0, 1, 2]) {
        await handle.db.update(ovens).set({ measuredAt: hoursLater(hours) });
        await take(hoursLater(hours));
      }
    });

    it('are removed for hours that are sealed', async () => {
      expect(await prune({ throughPosition: 6, before: hoursLater(2) })).toBe(4);
      expect(await left()).toEqual([5, 6]);
      expect(await readLogHead(handle.db, samples)).toMatchObject({ position: 6, floor: 4 });
      expect(await prune({ throughPosition: 6, before: hoursLater(2) })).toBe(0);
    });

    it('stay where they were not gathered, however old', async () => {
      expect(await prune({ throughPosition: 3, before: hoursLater(100) })).toBe(3);
      expect(await left()).toEqual([4, 5, 6]);
    });

    it('stay when it is the log of another database that was archived', async () => {
      const { epoch } = await readLogHead(handle.db, samples);
      await expect(prune({ epoch: '00000000', throughPosition: 6, before: hoursLater(100) })).rejects.toThrow(
        `The archive has samples of the log 00000000, this is ${epoch}`,
      );
      expect(await left()).toHaveLength(6);
    });

    it('leave the hours that there were samples for 40 days', async () => {
      const hours = async () => (await runs()).map((run) => (run.hour.getTime() - hour.getTime()) / HOUR_MS);
      await prune({ throughPosition: 6, before: hoursLater(2), at: hoursLater(40 * 24) });
      expect(await hours()).toEqual([0, 1, 2]);
      await prune({ throughPosition: 6, before: hoursLater(2), at: hoursLater(40 * 24 + 1) });
      expect(await hours()).toEqual([1, 2]);
      await prune({ throughPosition: 6, before: hoursLater(2), at: hoursLater(80 * 24) });
      expect(await hours()).toEqual([2]);
    });
  });
});
