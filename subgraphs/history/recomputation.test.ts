import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Step, startOfStep } from './series.ts';
import { readSeries } from './store/samples.ts';
import { openEstate, type Sample, type Sampled, type TestEstate } from './testing/estate.ts';
import { type Arrival, type RandomEstate, randomEstate } from './testing/random-estate.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 1440 * MINUTE_MS;
const dayOf = (at: Date | number): string => new Date(at).toISOString().slice(0, 10);

let estate: TestEstate;
beforeEach(async () => {
  estate = await openEstate();
  await estate.declare('fida', ['one', 'two', 'three']);
});
afterEach(() => estate.close());

type Kind<Name extends Arrival['kind']> = Extract<Arrival, { kind: Name }>;
const only = <Name extends Arrival['kind']>(arrivals: readonly Arrival[], kind: Name): Kind<Name>[] =>
  arrivals.filter((arrival): arrival is Kind<Name> => arrival.kind === kind);

/** Writes what arrives, in the order of its arrival, as few statements as that allows. */
async function write(arrivals: readonly Arrival[]): Promise<void> {
  for (const service of ['fida', 'devices'] as const) {
    const own = only(arrivals, 'sample').filter((arrival) => arrival.service === service);
    await estate.append(
      service,
      own.map(({ row }) => row),
    );
    const runs = only(arrivals, 'run').filter((arrival) => arrival.service === service);
    if (runs.length > 0)
      await estate.run(
        service,
        runs.map(({ hour }) => hour),
      );
  }
  await estate.register(only(arrivals, 'registry').map(({ row }) => row));
  await estate.change(only(arrivals, 'status').map(({ row }) => row));
}

type Summary = { name: string; mean: number; min: number; max: number; last: number; samples: number };

/** The plainest reckoning of what some samples of one device say together. */
function summariesOf(samples: readonly Sample[]): Summary[] {
  const inOrder = samples.toSorted((one, other) => one.hour.getTime() - other.hour.getTime());
  const names = [...new Set(inOrder.flatMap(({ metrics }) => Object.keys(metrics)))].sort();
  return names.map((name) => {
    const values = inOrder.flatMap(({ metrics }) => metrics[name] ?? []);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return {
      name,
      mean,
      min: Math.min(...values),
      max: Math.max(...values),
      last: values.at(-1) ?? 0,
      samples: values.length,
    };
  });
}

const closely = (summaries: readonly Summary[]) =>
  summaries.map((summary) => ({ ...summary, mean: expect.closeTo(summary.mean, 6) }));

/** The points of a series, from the samples alone. */
function pointsOf(
  { devices }: RandomEstate,
  samples: readonly Sample[],
  { from, to, step }: { from: Date; to: Date; step: Step },
) {
  const within = samples.filter(({ hour }) => hour >= from && hour < to);
  return devices.flatMap((deviceId) => {
    const own = within.filter(({ subject }) => subject === deviceId);
    const byStep = Map.groupBy(own, ({ hour }) => startOfStep(step, hour.getTime()));
    return [...byStep]
      .sort(([one], [other]) => one - other)
      .map(([startMs, group]) => ({ deviceId, from: new Date(startMs), metrics: closely(summariesOf(group)) }))
      .filter(({ metrics }) => metrics.length > 0);
  });
}

/** Seconds by device, day, site and status, counted minute by minute. */
function countMinutes({ from, to, devices, arrivals }: RandomEstate): Record<string, Record<string, number>> {
  const counted: Record<string, Record<string, number>> = {};
  for (const deviceId of devices) {
    const entries = only(arrivals, 'registry').flatMap(({ row }) => (row.deviceId === deviceId ? [row] : []));
    const changes = only(arrivals, 'status').flatMap(({ row }) => (row.deviceId === deviceId ? [row] : []));
    for (let ms = from.getTime(); ms < to.getTime(); ms += MINUTE_MS) {
      const entry = entries.findLast(({ at }) => at.getTime() <= ms);
      if (entry === undefined || entry.removed) continue;
      const change = changes.findLast(({ at }) => at.getTime() <= ms);
      const status = change === undefined ? (changes[0]?.from ?? 'UNKNOWN') : change.blind ? 'BLIND' : change.to;
      const key = `${deviceId} ${dayOf(ms)} ${entry.site}`;
      const seconds = counted[key] ?? {};
      counted[key] = { ...seconds, [status]: (seconds[status] ?? 0) + 60 };
    }
  }
  return counted;
}

async function archivedMinutes(): Promise<Record<string, Record<string, number>>> {
  const rows = await estate.db.execute<{ key: string; seconds: Record<string, number> }>(sql`
    select device_id || ' ' || day::text || ' ' || site as key, json_build_object('ONLINE', online_seconds, 'DEGRADED', degraded_seconds,
      'OFFLINE', offline_seconds, 'UNKNOWN', unknown_seconds, 'BLIND', blind_seconds) as seconds
    from history.daily_statuses`);
  const some = (seconds: Record<string, number>) =>
    Object.fromEntries(Object.entries(seconds).filter(([, value]) => value > 0));
  return Object.fromEntries(rows.map(({ key, seconds }) => [key, some(seconds)]));
}

const within = <Row extends Record<string, unknown>>(rows: Row, { from, to }: RandomEstate): Row =>
  Object.fromEntries(
    Object.entries(rows).filter(([key]) => {
      const [day = ''] = /\d{4}-\d\d-\d\d/.exec(key) ?? [];
      return day >= dayOf(from) && day < dayOf(to);
    }),
  ) as Row;

type Archived = {
  service: Sampled;
  subject: string;
  hour: string;
  metrics: Record<string, number>;
  attributes: unknown;
};

const readArchived = (): Promise<Archived[]> =>
  estate.db.execute<Archived>(sql`
    select layout.service, device_id as subject, to_json(hour at time zone 'UTC') #>> '{}' as hour, attributes,
      (select coalesce(json_object_agg(name, value) filter (where value is not null), '{}')
        from unnest(layout.names, values) as metric (name, value)) as metrics
    from history.archived_samples join history.layouts as layout on layout.id = layout_id
    order by service, device_id, hour`);

describe.each([1, 2, 3, 4, 5, 6, 7, 8])('the archive of the random estate %i', (seed) => {
  it('equals what is reckoned from its samples and its logs', async () => {
    const random = randomEstate(seed);
    const arrived: Arrival[] = [];
    for (const now of random.rounds) {
      const fresh = random.arrivals.filter(({ at }) => at <= now).slice(arrived.length);
      await write(fresh);
      arrived.push(...fresh);
      await estate.gather(now, 70);
      const samples = only(arrived, 'sample').map(({ row }) => row);
      for (const step of ['HOUR', 'DAY', 'WEEK', 'MONTH'] as const) {
        const question = { from: random.from, to: new Date(random.to.getTime() - 5 * 3_600_000), step };
        const found = await readSeries(estate.db, ['devices', 'fida'], {
          ...question,
          deviceIds: random.devices,
          metrics: null,
        });
        expect(found).toEqual(pointsOf(random, samples, question));
      }
    }
    expect(arrived).toHaveLength(random.arrivals.length);

    const samples = only(arrived, 'sample');
    expect(await readArchived()).toEqual(
      samples
        .map(({ service, row }) => ({ service, ...row, hour: row.hour.toISOString().slice(0, 19) }))
        .toSorted((one, other) => {
          const key = ({ service, subject, hour }: typeof one) => `${service} ${subject} ${hour}`;
          return key(one) < key(other) ? -1 : 1;
        }),
    );

    expect(within(await archivedMinutes(), random)).toEqual(countMinutes(random));

    const days = await estate.sql<{ day: string; missing: number[]; service: Sampled; samples: number }[]>`
      select day::text as day, service, missing_hours as missing, samples::int from history.archived_days
      join history.archived_day_services using (day) where sealed_at is not null`;
    const expected = new Set(samples.map(({ service }) => service));
    for (let ms = random.from.getTime(); ms < random.to.getTime(); ms += DAY_MS) {
      for (const service of expected) {
        const found = days.find((row) => row.day === dayOf(ms) && row.service === service);
        const runs = only(arrived, 'run').filter((run) => run.service === service && dayOf(run.hour) === dayOf(ms));
        const sampled = new Set(runs.map(({ hour }) => hour.getUTCHours()));
        const own = samples.filter((one) => one.service === service && dayOf(one.row.hour) === dayOf(ms));
        expect(found).toEqual({
          ...{ day: dayOf(ms), service, samples: own.length },
          missing: Array.from({ length: 24 }, (_, hour) => hour).filter((hour) => !sampled.has(hour)),
        });
      }
    }
  });
});
