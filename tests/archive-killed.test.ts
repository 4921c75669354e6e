import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { gatherRound } from '@wheelhouse/history/gather.ts';
import { at, hoursBetween, openEstate, silent, type TestEstate } from '@wheelhouse/history/testing/estate.ts';
import { seededRandom } from '@wheelhouse/kit/seeded-random.ts';
import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const POINTS = 10;
const SEED = 20261120;
const NOW = '2026-11-04T01:00:00Z';
const DEVICES = Array.from({ length: 10 }, (_, index) => `device ${index}`);
const HOURS = hoursBetween(at('2026-10-30T00:00'), at('2026-11-04T01:00'));
const SAMPLES = DEVICES.length * 24 * 5;

let estate: TestEstate;
beforeEach(async () => {
  estate = await openEstate();
  await estate.declare('fida', ['one', 'two']);
  await estate.run('fida', HOURS);
  for (const hour of HOURS)
    await estate.append(
      'fida',
      DEVICES.map((subject) => ({ subject, hour, metrics: { one: hour.getUTCHours() } })),
    );
  await estate.register(DEVICES.map((deviceId) => ({ deviceId, version: 1, at: at('2026-10-29T00:00'), site: 'a' })));
  await estate.change(
    DEVICES.map((deviceId) => ({ deviceId, at: at('2026-10-31T12:00'), from: 'UNKNOWN', to: 'ONLINE' })),
  );
});
afterEach(() => estate.close());

/** What the archive holds, in a form that two archives can be compared by. */
async function readArchive() {
  const { sql } = estate;
  return {
    samples: await sql`select device_id, hour, values from history.archived_samples order by device_id, hour`,
    rollups: await sql`select device_id, day, counts, lasts from history.daily_rollups order by device_id, day`,
    statuses:
      await sql`select device_id, day, online_seconds, unknown_seconds from history.daily_statuses order by device_id, day`,
    services:
      await sql`select day, service, samples, missing_hours from history.archived_day_services order by day, service`,
    days: await sql`select day, sealed_at is not null as sealed from history.archived_days order by day`,
  };
}

async function emptyArchive(): Promise<void> {
  await estate.sql`truncate history.archived_samples, history.daily_rollups, history.daily_statuses, history.gather_cursors,
    history.archived_days, history.archived_day_services, history.known_statuses`;
}

/** Finishes what was cut off, and compares it with an archive that nobody disturbed. */
async function finishAndCompare(): Promise<void> {
  await estate.gather(new Date(NOW), 20);
  const found = await readArchive();
  expect(found.samples).toHaveLength(SAMPLES);
  expect(found.days).toHaveLength(5);
  expect(found.services.map(({ samples }) => Number(samples))).toEqual(
    Array.from({ length: 5 }, () => DEVICES.length * 24),
  );
  await emptyArchive();
  await estate.gather(new Date(NOW), 20);
  expect(found).toEqual(await readArchive());
}

describe(`an archive that is cut off at random (seed ${SEED})`, () => {
  const program = fileURLToPath(new URL('archive/gather-until-killed.ts', import.meta.url));

  it(`has every sample once after its process was killed ${POINTS} times`, { timeout: 300_000 }, async () => {
    const random = seededRandom(SEED);
    let kills = 0;
    while (kills < POINTS) {
      const statements = 5 + Math.floor(random() * 55);
      const child = spawn(process.execPath, [program, estate.url, NOW, `${statements}`], { stdio: 'inherit' });
      const [code, signal] = await once(child, 'exit');
      if (signal === 'SIGKILL') kills += 1;
      else {
        // All was gathered before its last statement was due.
        expect(code).toBe(0);
        await emptyArchive();
      }
    }
    await finishAndCompare();
  });

  it(`has every sample once after its connection was cut ${POINTS} times`, { timeout: 300_000 }, async () => {
    const random = seededRandom(SEED + 1);
    let cuts = 0;
    while (cuts < POINTS) {
      let statements = 5 + Math.floor(random() * 55);
      const name = `cut_${cuts}`;
      const cut = async (): Promise<void> => {
        const ended =
          await estate.sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = ${name}`;
        cuts += ended.length;
      };
      const cutting: Promise<void>[] = [];
      const sql = postgres(estate.url, {
        max: 1,
        onnotice: () => {},
        connection: { application_name: name },
        debug: () => {
          statements -= 1;
          if (statements === 0) cutting.push(cut());
        },
      });
      const before = cuts;
      await gatherRound({ db: drizzle(sql), now: new Date(NOW), logger: silent, batchRows: 20 }).catch(() => {});
      await Promise.all(cutting);
      await sql.end({ timeout: 0 });
      // On a slow machine much is done before each cut is felt: once all is gathered there is nothing left to cut.
      if (cutting.length === 0) await emptyArchive();
      else expect(cuts).toBe(before + 1);
    }
    await finishAndCompare();
  });
});
