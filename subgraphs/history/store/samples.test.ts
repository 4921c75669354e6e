import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Step } from '../series.ts';
import { at, hoursBetween, openEstate, type TestEstate } from '../testing/estate.ts';
import { readSeries } from './samples.ts';

let estate: TestEstate;
const services = ['devices', 'fida'];
const range = (from: string, to: string): Date[] => hoursBetween(at(from), at(to));

/** `one` counts the hours of the day, `two` is there only at noon; `three` is of another service. */
async function take(hours: readonly Date[]): Promise<void> {
  await estate.run('fida', hours);
  await estate.run('devices', hours);
  for (const hour of hours) {
    const noon: Record<string, number> = hour.getUTCHours() === 12 ? { two: 2 } : {};
    await estate.append(
      'fida',
      ['a', 'b'].map((subject) => ({ subject, hour, metrics: { one: hour.getUTCHours(), ...noon } })),
    );
    await estate.append('devices', [{ subject: 'a', hour, metrics: { three: 3 } }]);
  }
}

const read = (from: string, to: string, step: Step, options: { deviceIds?: string[]; metrics?: string[] } = {}) =>
  readSeries(estate.db, services, {
    ...{ deviceIds: options.deviceIds ?? ['a'], from: at(from), to: at(to), step },
    metrics: options.metrics ?? null,
  });
const valuesOf = (points: Awaited<ReturnType<typeof read>>, name: string) =>
  points.map(({ from, metrics }) => [
    from.toISOString().slice(0, 13),
    metrics.find((metric) => metric.name === name)?.mean,
  ]);
const ofDay = (day: string) => ({ name: 'one', mean: 11.5, min: 0, max: 23, last: 23, samples: 24, day });

beforeAll(async () => {
  estate = await openEstate();
  await estate.declare('fida', ['one', 'two']);
  await estate.declare('devices', ['three']);
  await take(range('2026-10-30T00:00', '2026-11-04T03:00'));
  await estate.gather(at('2026-11-03T01:00'));
  // A day that is archived and open, one that is not archived, and a sample that came late for a sealed one.
  await estate.sql`update history.archived_days set sealed_at = null where day = '2026-11-02'`;
  await estate.append('fida', [{ subject: 'late', hour: at('2026-10-31T05:00'), metrics: { one: 5 } }]);
});
afterAll(() => estate.close());

describe('a series', () => {
  it('is of archived and fresh samples, each once', async () => {
    const points = await read('2026-11-02T22:00', '2026-11-03T02:00', 'HOUR');
    expect(points.map(({ from, metrics }) => [from, metrics])).toEqual(
      [22, 23, 0, 1].map((hour, index) => [
        new Date(at('2026-11-02T22:00').getTime() + index * 3_600_000),
        [
          { name: 'one', mean: hour, min: hour, max: hour, last: hour, samples: 1 },
          { name: 'three', mean: 3, min: 3, max: 3, last: 3, samples: 1 },
        ],
      ]),
    );
  });

  it('is by device in the order that was asked for, then by time', async () => {
    const points = await read('2026-11-02T23:00', '2026-11-03T01:00', 'HOUR', {
      deviceIds: ['b', 'nobody', 'a', '\0'],
    });
    expect(points.map(({ deviceId, from }) => [deviceId, from.getUTCHours()])).toEqual([
      ['b', 23],
      ['b', 0],
      ['a', 23],
      ['a', 0],
    ]);
  });

  it('has the metrics that were asked for, and no point without any', async () => {
    const points = await read('2026-11-01T00:00', '2026-11-05T00:00', 'HOUR', { metrics: ['two'] });
    expect(valuesOf(points, 'two')).toEqual([
      ['2026-11-01T12', 2],
      ['2026-11-02T12', 2],
      ['2026-11-03T12', 2],
    ]);
    expect(points.every(({ metrics }) => metrics.length === 1)).toBe(true);
  });

  it('by the day is of rollups, of an open day, and of days that are not archived, alike', async () => {
    const points = await read('2026-10-30T00:00', '2026-11-04T00:00', 'DAY', { metrics: ['one'] });
    expect(points.map(({ from, metrics }) => ({ ...metrics[0], day: from.toISOString().slice(0, 10) }))).toEqual(
      ['2026-10-30', '2026-10-31', '2026-11-01', '2026-11-02', '2026-11-03'].map(ofDay),
    );
  });

  it('by the day counts of the days at its ends only what lies in the range', async () => {
    const points = await read('2026-10-30T21:00', '2026-11-01T02:00', 'DAY', { metrics: ['one'] });
    expect(points.map(({ metrics }) => metrics[0])).toEqual([
      { name: 'one', mean: 22, min: 21, max: 23, last: 23, samples: 3 },
      { name: 'one', mean: 11.5, min: 0, max: 23, last: 23, samples: 24 },
      { name: 'one', mean: 0.5, min: 0, max: 1, last: 1, samples: 2 },
    ]);
  });

  it('by the week begins on Monday, and by the month on the first', async () => {
    const weeks = await read('2026-10-30T00:00', '2026-11-04T03:00', 'WEEK', { metrics: ['one'] });
    expect(weeks.map(({ from, metrics }) => [from, metrics[0]?.samples, metrics[0]?.last])).toEqual([
      [at('2026-10-26T00:00'), 72, 23],
      [at('2026-11-02T00:00'), 51, 2],
    ]);
    const months = await read('2026-10-30T00:00', '2026-11-04T03:00', 'MONTH', { metrics: ['one'] });
    expect(months.map(({ from, metrics }) => [from, metrics[0]?.samples, metrics[0]?.mean])).toEqual([
      [at('2026-10-01T00:00'), 48, 11.5],
      [at('2026-11-01T00:00'), 75, expect.closeTo((11.5 * 72 + 3) / 75, 10)],
    ]);
  });

  it('has a sample that came late for a sealed day before it is archived', async () => {
    const points = await read('2026-10-31T00:00', '2026-11-01T00:00', 'DAY', { deviceIds: ['late', 'a'] });
    expect(points.map(({ deviceId, metrics }) => [deviceId, metrics[0]?.samples])).toEqual([
      ['late', 1],
      ['a', 24],
    ]);
  });

  it('has each sample once also when a log begins anew: what the archive has, until its next round', async () => {
    await estate.sql`update fida.log_counters set epoch = '00000000'`;
    const samples = async () => {
      const points = await read('2026-11-02T22:00', '2026-11-03T02:00', 'DAY', { metrics: ['one'] });
      return points.map(({ metrics }) => metrics[0]?.samples);
    };
    expect(await samples()).toEqual([2]);
    await estate.gather(at('2026-11-03T02:00'));
    expect(await samples()).toEqual([2, 2]);
  });

  it('of an empty range, or of no device, has no point', async () => {
    expect(await read('2026-11-02T00:00', '2026-11-02T00:00', 'DAY')).toEqual([]);
    expect(await read('2026-11-02T00:00', '2026-11-03T00:00', 'DAY', { deviceIds: [] })).toEqual([]);
    expect(await read('2016-11-02T00:00', '2016-11-03T00:00', 'DAY')).toEqual([]);
  });
});
