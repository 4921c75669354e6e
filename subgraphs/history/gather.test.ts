import type { Queryable } from '@wheelhouse/kit/database.ts';
import { asc, eq, sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensurePartitions, lockArchive } from './store/partitions.ts';
import { readSeries } from './store/samples.ts';
import { findSampledServices } from './store/services.ts';
import {
  archivedDayServices,
  archivedDays,
  archivedSamples,
  dailyRollups,
  dailyStatuses,
  gatherCursors,
  layouts,
  metrics,
} from './tables.ts';
import { at, hoursBetween, openEstate, published, type Sampled, type TestEstate } from './testing/estate.ts';

let estate: TestEstate;
beforeEach(async () => {
  estate = await openEstate();
});
afterEach(() => estate.close());

const range = (from: string, to: string): Date[] => hoursBetween(at(from), at(to));
/** As JSON, since postgres.js reads a null in an array as NaN. */
const rows = () =>
  estate.db.execute<{ device: string; hour: number; values: (number | null)[]; attributes: unknown }>(sql`
    select device_id as device, extract(hour from hour at time zone 'UTC')::int as hour, to_json(values) as values, attributes
    from ${archivedSamples} order by device_id, archived_samples.hour, layout_id`);
const days = () => estate.db.select().from(archivedDays).orderBy(asc(archivedDays.day));
const servicesOf = (day: string) =>
  estate.db.select().from(archivedDayServices).where(eq(archivedDayServices.day, day));

/** Samples of two devices for each of these hours, with the run that took them. */
async function take(service: Sampled, hours: readonly Date[], devices = ['a', 'b']): Promise<void> {
  await estate.run(service, hours);
  for (const hour of hours)
    await estate.append(
      service,
      devices.map((subject) => ({
        subject,
        hour,
        metrics: { one: hour.getUTCHours(), two: 0.5 },
        attributes: { power: 'ON' },
      })),
    );
}

describe('services', () => {
  it('are found by the tables that they publish', async () => {
    const services = await findSampledServices(estate.db);
    expect(services).toEqual(expect.arrayContaining(['devices', 'fida']));
    expect(services).not.toContain('history');
    await estate.sql`create schema other`;
    await estate.sql`create table other.samples (position bigint)`;
    expect(await findSampledServices(estate.db)).toEqual(services);
  });
});

describe('gathering', () => {
  beforeEach(() => estate.declare('fida', ['two', 'one', 'three']));

  it('copies the samples of days that are over, values in the order of the names', async () => {
    await take('fida', range('2026-11-20T22:00', '2026-11-21T02:00'));
    const round = await estate.gather(at('2026-11-21T01:10'));
    expect(round.gathered).toBe(4);
    const attributes = { power: 'ON' };
    expect(await rows()).toEqual(
      ['a', 'b'].flatMap((device) => [22, 23].map((hour) => ({ device, hour, values: [hour, null, 0.5], attributes }))),
    );
    expect(await estate.db.select().from(layouts)).toMatchObject([{ service: 'fida', names: ['one', 'three', 'two'] }]);
    expect(await estate.db.select().from(metrics)).toContainEqual({ service: 'fida', name: 'one', unit: '%' });
  });

  it('leaves a day alone until half an hour after it is over', async () => {
    await take('fida', range('2026-11-20T00:00', '2026-11-21T01:00'));
    expect((await estate.gather(at('2026-11-21T00:29:59'))).gathered).toBe(0);
    expect((await estate.gather(at('2026-11-21T00:30'))).gathered).toBe(48);
  });

  it('changes nothing when it is done again, and gathers what has come since', async () => {
    await take('fida', range('2026-11-20T00:00', '2026-11-21T01:00'));
    await estate.gather(at('2026-11-21T01:00'), 7);
    const before = [await rows(), await days(), await servicesOf('2026-11-20')];
    expect((await estate.gather(at('2026-11-21T02:00'), 7)).gathered).toBe(0);
    expect([await rows(), await days(), await servicesOf('2026-11-20')]).toEqual(before);
    await take('fida', range('2026-11-21T01:00', '2026-11-22T01:00'));
    expect((await estate.gather(at('2026-11-22T01:00'), 7)).gathered).toBe(48);
    expect(await rows()).toHaveLength(96);
  });

  it('has each sample once, however many gather at a time, and for whoever reads meanwhile', async () => {
    const hours = range('2026-11-20T00:00', '2026-11-21T01:00');
    await take('fida', hours);
    const question = {
      deviceIds: ['a', 'b'],
      from: at('2026-11-20T00:00'),
      to: at('2026-11-21T00:00'),
      step: 'DAY',
    } as const;
    const read = async () => {
      const points = await readSeries(estate.db, ['fida'], { ...question, metrics: ['one'] });
      return points.map(({ metrics: [summary] }) => summary?.samples);
    };
    let isOver = false;
    const gathering = Promise.all([1, 2, 3].map(() => estate.gather(at('2026-11-21T01:00'), 5))).finally(() => {
      isOver = true;
    });
    const counts: unknown[] = [];
    while (!isOver) counts.push(await read());
    const rounds = await gathering;
    expect(rounds.reduce((total, { gathered }) => total + gathered, 0)).toBe(48);
    expect(new Set(counts.map((count) => JSON.stringify(count)))).toEqual(new Set(['[24,24]']));
    expect(await servicesOf('2026-11-20')).toMatchObject([{ samples: 48 }]);
  });

  it('keeps what a service measured and never declared', async () => {
    await estate.run('fida', range('2026-11-20T00:00', '2026-11-20T01:00'));
    await estate.append('fida', [{ subject: 'a', hour: at('2026-11-20T00:00'), metrics: { one: 1, surprise: 2 } }]);
    await estate.gather(at('2026-11-21T01:00'));
    expect(await estate.db.select().from(layouts)).toMatchObject([{ names: ['one', 'surprise', 'three', 'two'] }]);
    expect((await rows())[0]?.values).toEqual([1, 2, null, null]);
  });

  it('goes on with other metrics in arrays of their own', async () => {
    await take('fida', range('2026-11-20T00:00', '2026-11-20T01:00'));
    await estate.gather(at('2026-11-21T01:00'));
    await estate.declare('fida', ['four']);
    await take('fida', range('2026-11-21T00:00', '2026-11-21T01:00'));
    await estate.gather(at('2026-11-22T01:00'));
    expect((await rows()).filter(({ device }) => device === 'a').map(({ values }) => values.length)).toEqual([3, 4]);
  });

  it('begins anew with the log of another database, and has each sample once all the same', async () => {
    const hours = range('2026-11-20T00:00', '2026-11-21T01:00');
    await take('fida', hours);
    await estate.gather(at('2026-11-21T01:00'));
    await estate.sql`truncate fida.samples, fida.audit_outbox, fida.log_counters`;
    await estate.declare('fida', ['four']);
    await take('fida', hours, ['a', 'b', 'c']);
    expect((await estate.gather(at('2026-11-21T02:00'))).gathered).toBe(24);
    expect(await rows()).toHaveLength(72);
    await estate.sql`truncate fida.samples, fida.audit_outbox, fida.log_counters`;
    await take('fida', range('2026-11-21T02:00', '2026-11-21T03:00'));
    expect((await estate.gather(at('2026-11-21T03:00'))).gathered).toBe(0);
    const [cursor] = await estate.db.select().from(gatherCursors).where(eq(gatherCursors.source, 'fida.samples'));
    const [counter] = await estate.db.select().from(published.fida.counters);
    expect(cursor).toEqual({ source: 'fida.samples', epoch: counter?.epoch, position: 0 });
  });

  it('goes on behind samples that a service has removed', async () => {
    await take('fida', range('2026-11-20T00:00', '2026-11-22T00:00'));
    await estate.gather(at('2026-11-21T01:00'));
    await estate.sql`with gone as (delete from fida.samples where position <= 40 returning position)
      update fida.log_counters set floor = (select max(position) from gone)`;
    expect((await estate.gather(at('2026-11-22T01:00'), 10)).gathered).toBe(48);
  });

  it('crosses the border of months, and makes the partitions of this month and the next', async () => {
    await take('fida', range('2026-10-31T23:00', '2026-11-01T01:00'));
    await estate.gather(at('2026-12-02T01:00'));
    expect(await rows()).toHaveLength(4);
    const partitions =
      await estate.sql`select tablename from pg_tables where schemaname = 'history' and tablename like '%\\_20%' order by 1`;
    expect(partitions.map(({ tablename }) => tablename)).toEqual(
      ['archived_samples', 'daily_rollups', 'daily_statuses'].flatMap((name) =>
        ['2026_10', '2026_11', '2026_12', '2027_01'].map((month) => `${name}_${month}`),
      ),
    );
  });

  it('puts the rollups of a month in the order of the devices when the month is over and sealed', async () => {
    await take('fida', range('2026-10-30T00:00', '2026-11-02T00:00'));
    const order = async () => {
      const rows =
        await estate.sql`select device_id || ' ' || day as row from only history.daily_rollups_2026_10 order by ctid`;
      return rows.map(({ row }) => row);
    };
    await estate.gather(at('2026-10-31T01:00'));
    await estate.gather(at('2026-11-01T00:29'));
    const [a, b] = ['a', 'b'].map((device) => ['30', '31'].map((day) => `${device} 2026-10-${day}`)) as [
      string[],
      string[],
    ];
    expect(await order()).toEqual([a[0], b[0]]);
    await estate.gather(at('2026-11-01T01:00'));
    expect(await order()).toEqual([...a, ...b]);
  });

  it('of one service goes on when another has something wrong, which keeps its days open', async () => {
    const hours = range('2026-11-20T00:00', '2026-11-21T01:00');
    await take('fida', hours);
    await estate.run('devices', hours);
    await estate.append('devices', [
      { subject: 'a', hour: at('2026-11-20T00:00'), metrics: { one: 'much' as unknown as number } },
    ]);
    expect((await estate.gather(at('2026-11-21T01:00'))).gathered).toBe(48);
    expect(await days()).toMatchObject([
      { sealedAt: null, notSealedBecause: ['samples of devices are not gathered yet'] },
    ]);
  });
});

describe('a day', () => {
  beforeEach(() => estate.declare('fida', ['one', 'two']));
  const sealed = async () =>
    (await days()).map(({ day, sealedAt, notSealedBecause }) => ({
      day,
      isSealed: sealedAt !== null,
      notSealedBecause,
    }));

  it('is sealed when each service has gone beyond it', async () => {
    await take('fida', range('2026-11-20T00:00', '2026-11-21T00:00'));
    await estate.gather(at('2026-11-21T01:00'));
    expect(await sealed()).toEqual([
      { day: '2026-11-20', isSealed: false, notSealedBecause: ['fida has taken no sample since 23:00 UTC'] },
    ]);
    await take('fida', range('2026-11-21T00:00', '2026-11-21T02:00'));
    expect((await estate.gather(at('2026-11-21T01:05'))).sealed).toEqual(['2026-11-20']);
    expect(await days()).toMatchObject([{ sealedAt: at('2026-11-21T01:05'), notSealedBecause: [] }]);
    expect(await servicesOf('2026-11-20')).toEqual([
      { day: '2026-11-20', service: 'fida', samples: 48, missingHours: [] },
    ]);
  });

  it('of which hours are missing is sealed, and says which', async () => {
    await take('fida', range('2026-11-20T03:00', '2026-11-20T05:00'));
    await take('fida', range('2026-11-20T06:00', '2026-11-21T01:00'));
    await estate.gather(at('2026-11-21T01:00'));
    expect(await sealed()).toMatchObject([{ isSealed: true }]);
    expect(await servicesOf('2026-11-20')).toMatchObject([{ missingHours: [0, 1, 2, 5] }]);
  });

  it('without a sample of a service that was there before stays open and says why', async () => {
    await take('fida', range('2026-11-19T12:00', '2026-11-20T00:00'));
    await take('fida', range('2026-11-21T05:00', '2026-11-22T01:00'));
    await take('devices', range('2026-11-20T00:00', '2026-11-22T01:00'));
    await estate.gather(at('2026-11-22T01:00'));
    expect(await sealed()).toEqual([
      { day: '2026-11-19', isSealed: true, notSealedBecause: [] },
      { day: '2026-11-20', isSealed: false, notSealedBecause: ['fida took no samples on 2026-11-20'] },
      { day: '2026-11-21', isSealed: true, notSealedBecause: [] },
    ]);
    expect(await servicesOf('2026-11-19')).toMatchObject([{ service: 'fida' }]);
  });

  it('is kept open by a service that is gone until its tables are dropped, and what is archived of it stays', async () => {
    await take('fida', range('2026-11-19T00:00', '2026-11-20T00:00'));
    await take('devices', range('2026-11-19T00:00', '2026-11-22T01:00'));
    const all = ['2026-11-19', '2026-11-20', '2026-11-21'];
    expect((await estate.gather(at('2026-11-22T01:00'))).open).toEqual(all);
    await estate.sql`drop table fida.samples, fida.sample_runs, fida.sample_metrics`;
    expect((await estate.gather(at('2026-11-22T02:00'))).sealed).toEqual(all);
    expect((await servicesOf('2026-11-19')).map(({ service, samples }) => [service, samples])).toContainEqual([
      'fida',
      48,
    ]);
  });

  it('is opened by a late sample, and sealed again with it', async () => {
    await take('fida', range('2026-11-20T00:00', '2026-11-21T01:00'), ['a']);
    await estate.gather(at('2026-11-21T01:00'));
    await take('fida', range('2026-11-21T01:00', '2026-11-21T02:00'), ['a']);
    await estate.append('fida', [{ subject: 'late', hour: at('2026-11-20T10:00'), metrics: { one: 10 } }]);
    const round = await estate.gather(at('2026-11-21T02:00'));
    expect(round).toMatchObject({ gathered: 3, sealed: ['2026-11-20'] });
    expect(await servicesOf('2026-11-20')).toMatchObject([{ samples: 25 }]);
    const rollups = await estate.sql`
      select to_json(rollup) as rollup from history.daily_rollups as rollup where device_id = 'late'`;
    const [ten, none] = [10, null];
    expect(rollups[0]?.rollup).toMatchObject({
      ...{ counts: [1, 0], means: [ten, none], mins: [ten, none], maxs: [ten, none] },
      lasts: [ten, none],
    });
  });

  it('has what its samples say together', async () => {
    await take('fida', range('2026-11-20T00:00', '2026-11-21T01:00'), ['a']);
    await estate.gather(at('2026-11-21T01:00'));
    expect(await estate.db.select().from(dailyRollups)).toMatchObject([
      {
        deviceId: 'a',
        day: '2026-11-20',
        counts: [24, 24],
        means: [11.5, 0.5],
        mins: [0, 0.5],
        maxs: [23, 0.5],
        lasts: [23, 0.5],
      },
    ]);
  });

  it('has that also where the metrics changed in the middle of it', async () => {
    await take('fida', range('2026-11-20T00:00', '2026-11-20T12:00'), ['a']);
    await estate.gather(at('2026-11-21T00:30'));
    await estate.run('fida', range('2026-11-20T12:00', '2026-11-21T01:00'));
    for (const hour of range('2026-11-20T12:00', '2026-11-21T01:00'))
      await estate.append('fida', [
        { subject: 'a', hour, metrics: { half: hour.getUTCHours() / 2, one: hour.getUTCHours() } },
      ]);
    await estate.gather(at('2026-11-21T01:00'));
    const rollups = await estate.sql`
      select layout.names, to_json(rollup) as rollup from history.daily_rollups as rollup join history.layouts as layout on layout.id = layout_id`;
    expect(rollups).toMatchObject([
      {
        names: ['half', 'one', 'two'],
        rollup: {
          counts: [12, 24, 12],
          mins: [6, 0, 0.5],
          maxs: [11.5, 23, 0.5],
          lasts: [11.5, 23, 0.5],
          means: [8.75, 11.5, 0.5],
        },
      },
    ]);
  });

  it('tells services what they may remove: what lies two days before the first that is not sealed or not over', async () => {
    await take('fida', range('2026-11-17T00:00', '2026-11-21T01:00'));
    const { removable } = await estate.gather(at('2026-11-21T01:00'));
    const [counter] = await estate.db.select().from(published.fida.counters);
    expect(removable).toEqual([
      { service: 'fida', before: at('2026-11-19T00:00'), place: { epoch: counter?.epoch, position: 192 } },
    ]);
  });
});

it('makes partitions once, however many ask for them at a time', async () => {
  await Promise.all(Array.from({ length: 4 }, () => estate.gather(at('2028-02-10T01:00'))));
  const [count] = await estate.db.execute<{ count: number }>(
    sql`select count(*)::int as count from pg_inherits where inhparent = 'history.archived_samples'::regclass`,
  );
  expect(count?.count).toBe(2);
});

it('makes partitions while the archive is read, and is read while they are made', async () => {
  await take('fida', range('2028-02-09T00:00', '2028-02-10T01:00'));
  await estate.gather(at('2028-02-10T01:00'));
  const count = (db: Queryable) =>
    db.execute(sql`select count(*)::int as count from ${archivedSamples} left join ${dailyRollups} using (device_id)
      left join ${dailyStatuses} using (device_id)`);
  await estate.db.transaction(async (reader) => {
    const before = await count(reader);
    await estate.db.transaction(async (maker) => {
      await maker.execute(sql`set local lock_timeout = '2s'`);
      await lockArchive(maker);
      await ensurePartitions(maker, ['2031_05']);
      await estate.db.transaction(async (other) => {
        await other.execute(sql`set local lock_timeout = '2s'`);
        expect(await count(other)).toEqual(before);
      });
    });
    expect(await count(reader)).toEqual(before);
  });
});
