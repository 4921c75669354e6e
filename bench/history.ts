import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readSeries } from '@wheelhouse/history/store/samples.ts';
import { findSampledServices } from '@wheelhouse/history/store/services.ts';
import { statusIntervals } from '@wheelhouse/history/store/status-intervals.ts';
import { type DatabaseHandle, migrate, openDatabase } from '@wheelhouse/kit/database.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { startPostgres } from '@wheelhouse/standalone/postgres.ts';
import { sql } from 'drizzle-orm';
import { temporaryFolder } from '../tests/temporary-postgres.ts';
import { listIds, liveThrough, METRICS, type Year } from './history/year.ts';

const USAGE = `npm run bench -- history [--devices N] [--days N] [--runs N]
  N devices (1000) with eight metrics are sampled hourly for N days (365); each question is asked N times (200)`;

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const line = (text: string): void => void process.stdout.write(`${text}\n`);
const logger = createLogger({ name: 'bench', level: 'warn' });

/** A question, and the same rows by the barest SQL. */
type Question = { name: string; aimMs: number | null; ask: () => Promise<unknown>; bare: () => Promise<unknown> };

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;

async function timesOf(run: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await run();
  return performance.now() - startedAt;
}

const WARM_UP_RUNS = 10;

/** Asks by turns, so that what else the machine does weighs on both alike. */
async function measure({ name, aimMs, ask, bare }: Question, runs: number): Promise<void> {
  for (let run = 0; run < Math.min(WARM_UP_RUNS, runs); run += 1) {
    await ask();
    await bare();
  }
  const [own, other]: [number[], number[]] = [[], []];
  for (let run = 0; run < runs; run += 1) {
    own.push(await timesOf(ask));
    other.push(await timesOf(bare));
  }
  for (const list of [own, other]) list.sort((one, another) => one - another);
  const show = (share: number, list: number[]): string => percentile(list, share).toFixed(1).padStart(7);
  const ratio = (percentile(own, 0.5) / percentile(other, 0.5)).toFixed(2);
  const aim = aimMs === null ? '' : `, aim ${aimMs}: ${percentile(own, 0.95) < aimMs ? 'met' : 'MISSED'}`;
  line(
    `  ${name.padEnd(44)} p50 ${show(0.5, own)}  p95 ${show(0.95, own)}  bare p50 ${show(0.5, other)}  p95 ${show(0.95, other)}  ${ratio} times${aim}`,
  );
}

function questionsOf(
  { db, sql: bare }: DatabaseHandle,
  services: readonly string[],
  ids: readonly string[],
  now: Date,
): Question[] {
  let turn = 0;
  const next = (): string => {
    turn += 7;
    return ids[turn % ids.length] ?? '';
  };
  const ago = (days: number): Date => new Date(now.getTime() - days * DAY_MS);
  const series = (deviceIds: string[], from: Date, step: 'HOUR' | 'DAY', metrics: string[] | null = null) =>
    readSeries(db, services, { deviceIds, from, to: now, step, metrics });
  const hundred = ids.slice(0, 100);
  const today = new Date(Math.floor(now.getTime() / DAY_MS) * DAY_MS);
  return [
    {
      name: 'one device at DAY over the year',
      aimMs: 50,
      ask: () => series([next()], ago(365), 'DAY'),
      bare: () =>
        bare`select * from history.daily_rollups where device_id = ${next()} and day >= ${ago(365).toISOString().slice(0, 10)}::text::date`,
    },
    {
      name: 'one device at HOUR over a month',
      aimMs: 50,
      ask: () => series([next()], ago(30), 'HOUR'),
      bare: () =>
        bare`select hour, values from history.archived_samples where device_id = ${next()} and hour >= ${ago(30)}`,
    },
    {
      name: '100 devices, 5 metrics, last 24 hours',
      aimMs: 100,
      ask: () => series(hundred, new Date(now.getTime() - 24 * HOUR_MS), 'HOUR', METRICS.slice(0, 5)),
      bare: () => bare`select device_id, hour, values from history.archived_samples
        where device_id = any(${hundred}) and hour >= ${new Date(today.getTime() - 24 * HOUR_MS)}`,
    },
    {
      name: 'availability of the estate by site, a month',
      aimMs: 1_000,
      ask: () =>
        db.execute(sql`select site, status, blind, sum(extract(epoch from ends_at - starts_at))::float8 as seconds,
          count(distinct device_id)::int as devices
          from (${statusIntervals({ from: ago(30), to: now, deviceIds: null })}) as status_time group by 1, 2, 3`),
      bare: () => bare`select * from devices.status_changes where at >= ${ago(30)}`,
    },
  ];
}

async function reportSize({ sql: bare }: DatabaseHandle, samples: number): Promise<void> {
  const rows = await bare<{ name: string; bytes: number }[]>`
    select parent.relname as name, sum(pg_total_relation_size(inhrelid))::float8 as bytes
    from pg_inherits join pg_class as parent on parent.oid = inhparent
    join pg_namespace as namespace on namespace.oid = parent.relnamespace and nspname = 'history'
    where parent.relkind = 'p' group by 1 order by 2 desc`;
  line('\nbytes, indexes included');
  for (const { name, bytes } of rows) {
    const perSample = bytes / samples;
    line(
      `  ${name.padEnd(20)} ${(bytes / 2 ** 20).toFixed(0).padStart(6)} MiB  ${perSample.toFixed(1).padStart(6)} a sample of ${METRICS.length} values, ${(perSample / METRICS.length).toFixed(1)} a value`,
    );
  }
}

function readOptions(args: string[]): { devices: number; days: number; runs: number } {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args, options: { devices: text, days: text, runs: text } });
  const number = (name: 'devices' | 'days' | 'runs', fallback: number, least: number, most: number): number => {
    const value = Number(values[name] ?? fallback);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new Error(`--${name} must be a whole number from ${least} to ${most}\n${USAGE}`);
  };
  return {
    devices: number('devices', 1_000, 100, 10_000),
    days: number('days', 365, 2, 3_650),
    runs: number('runs', 200, 2, 10_000),
  };
}

async function run(handle: DatabaseHandle, { devices, days, runs }: ReturnType<typeof readOptions>): Promise<void> {
  const now = new Date();
  const to = new Date(Math.floor(now.getTime() / DAY_MS) * DAY_MS);
  const year: Year = { devices, days, to };
  const startedAt = performance.now();
  const onMonth = (day: string): void =>
    line(`  ... ${day} is archived, after ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`);
  line(`${devices} devices with ${METRICS.length} metrics, hourly for ${days} days`);
  const written = await liveThrough(handle.db, year, now, { logger, onMonth });
  const seconds = (ms: number): string => (ms / 1_000).toFixed(1);
  const rate = Math.round(written.samples / (written.archivingMs / 1_000));
  line(
    `\n${written.samples} samples archived and ${days} days sealed in ${seconds(written.archivingMs)} s: ${rate} samples/s, ${rate * METRICS.length} values/s`,
  );
  line(
    `besides: ${seconds(written.writingMs)} s for the services to take them, ${seconds(written.pruningMs)} s to remove them`,
  );
  await reportSize(handle, written.samples);
  const services = await findSampledServices(handle.db);
  const ids = await listIds(handle.db, devices);
  line(`\nmilliseconds, ${runs} times each, another device each time`);
  for (const question of questionsOf(handle, services, ids, now)) await measure(question, runs);
}

/** What it costs to archive a year, and to ask for it. docs/benchmarks.md says what is measured and how. */
export async function bench(args: string[]): Promise<void> {
  const options = readOptions(args);
  const folder = await temporaryFolder();
  const database = await startPostgres({ dataFolder: join(folder, 'postgres'), logger });
  const close = async (): Promise<void> => {
    await database.stop();
    await rm(folder, { recursive: true, force: true });
  };
  // PostgreSQL is in a process group of its own, and would outlive us.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void close().finally(() => process.exit(1)));
  try {
    await migrate(database.url, logger);
    const handle = openDatabase(database.url, { maxConnections: 2 });
    await run(handle, options).finally(handle.close);
  } finally {
    await close();
  }
}
