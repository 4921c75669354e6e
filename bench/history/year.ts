import { sampleTables as fidaTables } from '@wheelhouse/fida/samples.ts';
import { gatherRound } from '@wheelhouse/history/gather.ts';
import { registryLog, statusChanges } from '@wheelhouse/history/store/published.ts';
import type { Database } from '@wheelhouse/kit/database.ts';
import { appendSelectToLog } from '@wheelhouse/kit/log-table.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import { pruneSamples } from '@wheelhouse/kit/sample-store.ts';
import { type SQL, sql } from 'drizzle-orm';

export const METRICS = [
  'ambientLightLux',
  'backlightHours',
  'brightnessPercent',
  'fanPercent',
  'humidityPercent',
  'powerWatts',
  'roundTripMs',
  'temperatureCelsius',
];
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** One device in a hundred loses its network every half hour. */
const FLAPS_A_DAY = 48;

export type Year = { devices: number; days: number; to: Date };

const instant = (at: Date): SQL => sql`${at.toISOString()}::timestamptz`;
/** Ids as the registry makes them, the same in every run. */
const idOf = (number: SQL): SQL => sql`md5('bench ' || ${number})::uuid::text`;

export const listIds = async (db: Database, devices: number): Promise<string[]> =>
  (
    await db.execute<{ id: string }>(
      sql`select ${idOf(sql`n`)} as id from generate_series(1, ${devices}::int) as n order by n`,
    )
  ).map(({ id }) => id);

/** The registry before the first day: devices at 50 sites. */
async function register(db: Database, { devices, days, to }: Year): Promise<void> {
  const at = new Date(to.getTime() - (days + 1) * DAY_MS);
  const { deviceId, version, name, system, site, removed, actor } = registryLog;
  await db.transaction((tx) =>
    appendSelectToLog(tx, registryLog, {
      columns: [deviceId, version, registryLog.at, name, system, site, removed, actor],
      rows: sql`select ${idOf(sql`n`)}, 1, ${instant(at)}, 'Display ' || n, 'FIDA', 'venue/' || (n % 50), false, 'anonymous'
        from generate_series(1, ${devices}::int) as n`,
    }),
  );
}

/** What happens on a day: one device in 500 moves, one in five is away for a while, one in a hundred flaps. */
async function live(db: Database, devices: number, day: Date): Promise<void> {
  const number = Math.floor(day.getTime() / DAY_MS);
  const move = sql`select ${idOf(sql`n`)}, 2 + ${number}::int, ${instant(day)} + interval '9 hours', 'Display ' || n, 'FIDA',
      'venue/' || ((n + ${number}::int) % 50), false, 'anonymous'
    from generate_series(1, ${devices}::int) as n where (n * 7 + ${number}::int) % 500 = 0`;
  const { deviceId, version, name, system, site, removed, actor } = registryLog;
  const columns = [deviceId, version, registryLog.at, name, system, site, removed, actor];
  await db.transaction((tx) => appendSelectToLog(tx, registryLog, { columns, rows: move }));
  const changes = sql`
    with away as (
      select n, ${instant(day)} + make_interval(mins => ((n * 37 + ${number}::int * 11) % 1300)) as at, 60 as minutes
      from generate_series(1, ${devices}::int) as n where (n * 13 + ${number}::int * 3) % 5 = 0 and n % 100 <> 0
      union all
      select n, ${instant(day)} + make_interval(mins => (flap - 1) * ${1440 / FLAPS_A_DAY}::int + n % 5) as at, 12
      from generate_series(100, ${devices}::int, 100) as n, generate_series(1, ${FLAPS_A_DAY}::int) as flap
    )
    select ${idOf(sql`n`)}, at, 'ONLINE', 'OFFLINE', 'no answer within 2000 ms, 3 looks in a row', false from away
    union all
    select ${idOf(sql`n`)}, at + make_interval(mins => minutes), 'OFFLINE', 'ONLINE', null, false from away
    order by 2`;
  const { deviceId: id, at, from, to, reason, blind } = statusChanges;
  await db.transaction((tx) =>
    appendSelectToLog(tx, statusChanges, { columns: [id, at, from, to, reason, blind], rows: changes }),
  );
}

/**
 * What the sampler of fida writes on these hours, made up: numbers of a digit behind the point, as sensors have them. One transaction for all
 * of them, since it is not what is measured.
 */
async function sample(db: Database, devices: number, hours: readonly Date[]): Promise<void> {
  const { samples, sampleRuns } = fidaTables;
  const pairs = METRICS.map(
    (name, index) =>
      sql`${name}::text, ((n * 31 + extract(epoch from hour)::bigint / 3600 * ${7 + index}::int) % 1000)::float8 / 10`,
  );
  const list = hours.map((hour) => hour.toISOString());
  await db.transaction(async (tx) => {
    await tx.insert(sampleRuns).values(hours.map((hour) => ({ hour, sampledAt: hour, samples: devices })));
    await appendSelectToLog(tx, samples, {
      columns: [samples.subject, samples.hour, samples.sampledAt, samples.metrics, samples.attributes],
      rows: sql`select ${idOf(sql`n`)}, hour, hour, jsonb_build_object(${sql.join(pairs, sql`, `)}),
          jsonb_build_object('power', 'ON', 'inputSource', 'HDMI1', 'signalPresent', true, 'firmware', '1.4.2', 'profile', 'wheelhouse-fida')
        from unnest(${sql.param(list)}::text[]::timestamptz[]) as hour, generate_series(1, ${devices}::int) as n order by 2`,
    });
  });
}

export type Written = { samples: number; writingMs: number; archivingMs: number; pruningMs: number };

/**
 * Lives through the days one by one up to `to` and the hours since: samples on the hour, a round of the archive after midnight, and what the
 * service then removes. So every sample goes the way that samples go.
 */
export async function liveThrough(
  db: Database,
  year: Year,
  now: Date,
  options: { logger: Logger; onMonth: (day: string) => void },
): Promise<Written> {
  const { devices, days, to } = year;
  const written: Written = { samples: 0, writingMs: 0, archivingMs: 0, pruningMs: 0 };
  const timed = async <Result>(
    part: 'writingMs' | 'archivingMs' | 'pruningMs',
    run: () => Promise<Result>,
  ): Promise<Result> => {
    const startedAt = performance.now();
    const result = await run();
    written[part] += performance.now() - startedAt;
    return result;
  };
  await db.insert(fidaTables.sampleMetrics).values(METRICS.map((name) => ({ name, unit: null })));
  await register(db, year);
  await sample(db, devices, [new Date(to.getTime() - days * DAY_MS)]);
  for (let day = days; day >= 0; day -= 1) {
    const begin = new Date(to.getTime() - day * DAY_MS);
    const next = new Date(begin.getTime() + DAY_MS);
    await timed('writingMs', async () => {
      await live(db, devices, begin);
      const last = Math.min(next.getTime(), now.getTime());
      const count = Math.floor((last - begin.getTime()) / HOUR_MS);
      const hours = Array.from({ length: count }, (_, index) => new Date(begin.getTime() + (index + 1) * HOUR_MS));
      if (count > 0) await sample(db, devices, hours);
    });
    if (next > now) break;
    const round = await timed('archivingMs', () =>
      gatherRound({ db, now: new Date(next.getTime() + HOUR_MS), logger: options.logger }),
    );
    if (round.open.length > 0) throw new Error(`a day is not sealed: ${round.open.join(', ')}`);
    written.samples += round.gathered;
    const [own] = round.removable;
    if (own === undefined) throw new Error('nothing was archived');
    const sealed = { epoch: own.place.epoch, throughPosition: own.place.position, before: own.before.toISOString() };
    await timed('pruningMs', () => pruneSamples(db, fidaTables, sealed, next));
    if (begin.getUTCDate() === 1) options.onMonth(begin.toISOString().slice(0, 10));
  }
  return written;
}
