import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { statusChanges } from '@wheelhouse/history/store/published.ts';
import { migrate, openDatabase } from '@wheelhouse/kit/database.ts';
import { appendToLog } from '@wheelhouse/kit/log-table.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { sampleMetricsTable, samplesTable } from '@wheelhouse/kit/samples.ts';
import { startPostgres } from '@wheelhouse/standalone/postgres.ts';
import { pgSchema } from 'drizzle-orm/pg-core';
import { temporaryFolder } from '../tests/temporary-postgres.ts';
import { cpuMs } from './support/cpu.ts';
import { type Program, startProgram } from './support/programs.ts';

const USAGE = `npm run bench -- overview [--devices N] [--runs N]
  the list that a console opens with: N devices (100) with status, settings and their last 24 hours, asked through the router N times (200)`;

const HOUR_MS = 3_600_000;
const METRICS = ['ambientLightLux', 'backlightHours', 'brightnessPercent', 'roundTripMs', 'temperatureCelsius'];
const TOKEN = 'a-service-token-for-benchmarks';
const WARM_UP_RUNS = 30;
const line = (text: string): void => void process.stdout.write(`${text}\n`);
const logger = createLogger({ name: 'bench', level: 'warn' });

const queryOf = (argument: string, fields: string): string => `query ($from: DateTime!, $to: DateTime!, $first: Int) {
  devices(first: $first) {
    nodes {
      id name site status statusSince stale
      ... on FidaDisplay { power brightnessPercent inputSource }
      settingsChanges(first: 1) { nodes { id state } }
      history(from: $from, to: $to, step: HOUR${argument}) { from to onlineRatio metrics { ${fields} } }
    }
  }
}`;

const QUESTIONS = {
  'one metric, its last value': queryOf(', metrics: ["temperatureCelsius"]', 'name last'),
  'one metric, all its fields': queryOf(', metrics: ["temperatureCelsius"]', 'name unit mean min max last'),
  'five metrics, their last values': queryOf('', 'name last'),
  'five metrics, all their fields': queryOf('', 'name unit mean min max last'),
};

const fida = pgSchema('fida');

/** An estate, two days of its samples, and a status change of each device every six hours. */
async function fill(databaseUrl: string, devicesUrl: string, count: number, thisHourMs: number): Promise<void> {
  const devices = Array.from({ length: count }, (_, index) => ({
    ...{ externalId: `d${index}`, name: `display ${index}`, system: 'FIDA', site: `museum/hall-${index % 7}` },
    snmp: { host: '127.0.0.1', version: 'V2C', community: 'public' },
  }));
  const answer = await fetch(new URL('/service/estate', devicesUrl), {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ devices }),
  });
  if (!answer.ok) throw new Error(`the estate was refused: ${await answer.text()}`);
  const { db, sql, close } = openDatabase(databaseUrl, { maxConnections: 1 });
  const ids = (await sql<{ id: string }[]>`select id from devices.devices`).map(({ id }) => id);
  await db.insert(sampleMetricsTable(fida)).values(METRICS.map((name) => ({ name, unit: null })));
  const samples = ids.flatMap((id, index) =>
    Array.from({ length: 48 }, (_, hour) => {
      const at = new Date(thisHourMs - hour * HOUR_MS);
      const metrics = Object.fromEntries(METRICS.map((name, place) => [name, 20 + ((index + hour) % 50) + place / 3]));
      return { subject: id, hour: at, sampled_at: at, metrics, attributes: { power: 'ON', inputSource: 'HDMI 1' } };
    }),
  );
  await appendToLog(db, samplesTable(fida), samples);
  const changes = ids.flatMap((id) =>
    Array.from({ length: 8 }, (_, turn) => {
      const [from, to] = turn % 2 === 0 ? ['OFFLINE', 'ONLINE'] : ['ONLINE', 'OFFLINE'];
      const at = new Date(thisHourMs - (48 - turn * 6) * HOUR_MS + 60_000);
      return { device_id: id, at, from, to, reason: null, blind: false };
    }),
  );
  await appendToLog(db, statusChanges, changes);
  await sql`vacuum analyze`;
  await close();
}

type Said = { url: string; devicesUrl: string };
type Server = Program & { said: Said };

async function measure(
  { pid, said: { url } }: Server,
  { devices, runs, thisHourMs }: { devices: number; runs: number; thisHourMs: number },
): Promise<void> {
  const day = { from: new Date(thisHourMs - 23 * HOUR_MS), to: new Date(thisHourMs + HOUR_MS), first: devices };
  for (const [name, query] of Object.entries(QUESTIONS)) {
    const timesMs: number[] = [];
    let bytes = 0;
    let cpuBeforeMs = 0;
    for (let run = 0; run < runs + WARM_UP_RUNS; run += 1) {
      if (run === WARM_UP_RUNS) cpuBeforeMs = cpuMs(pid);
      const startedAt = performance.now();
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables: day }),
      });
      const text = await response.text();
      if (run >= WARM_UP_RUNS) timesMs.push(performance.now() - startedAt);
      else if (text.includes('"errors":')) throw new Error(`the question was not answered: ${text.slice(-500)}`);
      bytes = text.length;
    }
    timesMs.sort((one, other) => one - other);
    const at = (share: number): string => (timesMs[Math.ceil(runs * share) - 1] ?? Number.NaN).toFixed(1).padStart(7);
    line(
      `  ${name.padEnd(34)} p50 ${at(0.5)}  p95 ${at(0.95)}  CPU ${((cpuMs(pid) - cpuBeforeMs) / runs).toFixed(0).padStart(4)}  ${(bytes / 1e6).toFixed(2)} MB`,
    );
  }
}

async function run(databaseUrl: string, devices: number, runs: number): Promise<void> {
  const settings = {
    ...{ DATABASE_URL: databaseUrl, WHEELHOUSE_SERVICE_TOKEN: TOKEN },
    ...{ WHEELHOUSE_SECRET_KEY: '5a'.repeat(32), WHEELHOUSE_ANONYMOUS_ROLE: 'ADMIN' },
  };
  const program = new URL('support/whole-server.ts', import.meta.url);
  const server = await startProgram<Said>(program, [JSON.stringify(settings)]);
  try {
    const { devicesUrl } = server.said;
    const thisHourMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
    await fill(databaseUrl, devicesUrl, devices, thisHourMs);
    line(
      `${devices} devices with status, settings and their last 24 hours, milliseconds, and CPU of the server for one answer, ${runs} times each`,
    );
    await measure(server, { devices, runs, thisHourMs });
  } finally {
    await server.stop('SIGTERM');
  }
}

/** What the list costs that a console opens with. docs/benchmarks.md says what is measured and how. */
export async function bench(args: string[]): Promise<void> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args, options: { devices: text, runs: text } });
  const [devices, runs] = [Number(values.devices ?? 100), Number(values.runs ?? 200)];
  if (!(devices >= 1 && devices <= 1_000 && runs >= 1 && runs <= 10_000)) throw new Error(USAGE);
  const folder = await temporaryFolder();
  const database = await startPostgres({ dataFolder: join(folder, 'postgres'), logger });
  try {
    await migrate(database.url, logger);
    await run(database.url, devices, runs);
  } finally {
    await database.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
