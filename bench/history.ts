import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type DatabaseHandle, migrate, openDatabase } from '@wheelhouse/kit/database.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { startPostgres } from '@wheelhouse/standalone/postgres.ts';
import postgres from 'postgres';
import { temporaryFolder } from '../tests/temporary-postgres.ts';
import { type Question, questionsOf } from './history/questions.ts';
import { type HistoryServer, startHistoryServer } from './history/server.ts';
import { listIds, liveThrough, METRICS } from './history/year.ts';

const USAGE = `npm run bench -- history [--devices N] [--days N] [--runs N]
  N devices (1000) with eight metrics are sampled hourly for N days (365); each question is asked N times (200)`;

const DAY_MS = 86_400_000;
const line = (text: string): void => void process.stdout.write(`${text}\n`);
const logger = createLogger({ name: 'bench', level: 'warn' });

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
  const aim = `, aim ${aimMs}: ${percentile(own, 0.95) < aimMs ? 'met' : 'MISSED'}`;
  line(
    `  ${name.padEnd(44)} p50 ${show(0.5, own)}  p95 ${show(0.95, own)}  bare p50 ${show(0.5, other)}  p95 ${show(0.95, other)}  ${ratio} times${aim}`,
  );
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

/** Reads a month of one metric of all devices to its end, and looks at the server's memory meanwhile. */
async function measureExport(server: HistoryServer, now: Date, days: number): Promise<void> {
  const url = new URL('/export/history', server.url);
  const from = new Date(now.getTime() - Math.min(days, 30) * DAY_MS);
  url.search = `${new URLSearchParams({ from: from.toISOString(), to: now.toISOString(), metric: METRICS[0] ?? '' })}`;
  const before = server.residentBytes();
  const startedAt = performance.now();
  const response = await fetch(url, { headers: { 'accept-encoding': 'identity', ...(await server.headers()) } });
  if (!response.ok) throw new Error(`the export failed: ${await response.text()}`);
  let [bytes, lines, most] = [0, 0, before];
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    for (const byte of chunk) if (byte === 10) lines += 1;
    most = Math.max(most, server.residentBytes());
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  const mebibytes = (count: number): string => `${Math.round(count / 2 ** 20)} MiB`;
  line(
    `\nexport of one metric over ${Math.min(days, 30)} days: ${lines} lines, ${mebibytes(bytes)} in ${seconds.toFixed(1)} s`,
  );
  line(`  the server took ${mebibytes(before)} before it, and ${mebibytes(most)} at most`);
}

async function run(url: string, { devices, days, runs }: ReturnType<typeof readOptions>): Promise<void> {
  const handle = openDatabase(url, { maxConnections: 2 });
  const now = new Date();
  const to = new Date(Math.floor(now.getTime() / DAY_MS) * DAY_MS);
  const startedAt = performance.now();
  const seconds = (ms: number): string => (ms / 1_000).toFixed(1);
  const onMonth = (day: string): void =>
    line(`  ... ${day} is archived, after ${seconds(performance.now() - startedAt)} s`);
  line(`${devices} devices with ${METRICS.length} metrics, hourly for ${days} days`);
  const written = await liveThrough(handle.db, { devices, days, to }, now, { logger, onMonth });
  const rate = Math.round(written.samples / (written.archivingMs / 1_000));
  line(
    `\n${written.samples} samples archived and ${days} days sealed in ${seconds(written.archivingMs)} s: ${rate} samples/s, ${rate * METRICS.length} values/s`,
  );
  line(
    `besides: ${seconds(written.writingMs)} s for the services to take them, ${seconds(written.pruningMs)} s to remove them`,
  );
  await reportSize(handle, written.samples);
  const ids = await listIds(handle.db, devices);
  // Drizzle changes how the connections that it is given write dates: what is bare has one of its own.
  const bare = postgres(url, { max: 1, onnotice: () => {} });
  const server = await startHistoryServer(url);
  line(`\nmilliseconds, ${runs} times each, another device each time; bare: the same rows by postgres.js alone`);
  for (const question of questionsOf({ server, bare, ids, now, days })) await measure(question, runs);
  await measureExport(server, now, days);
  await server.close();
  await bare.end();
  await handle.close();
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
    await run(database.url, options);
  } finally {
    await close();
  }
}
