// The Wall in a real browser: a thousand devices, and what fifty changes of status a second cost it.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { FIRST_ADMIN_EMAIL } from '@wheelhouse/accounts/first-admin.ts';
import { migrate } from '@wheelhouse/kit/database.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { startPostgres } from '@wheelhouse/standalone/postgres.ts';
import type { Browser } from 'playwright-core';
import { temporaryFolder } from '../tests/temporary-postgres.ts';
import { type Estate, openEstate } from './console/estate.ts';
import { openBrowser, openScreen, type Screen, signIn } from './console/screen.ts';
import { median } from './support/cpu.ts';
import { startProgram } from './support/programs.ts';

const USAGE = `npm run bench -- console [--devices N] [--rate R] [--minutes M] [--views V] 
    [--screenshot FILE] [--profile FILE] [--chromium PATH]
  the Wall with N devices (1000, at most 5000) and R changes of status a second (50, at most 500), watched for M minutes
  (0.5, at most 60); V times (3) from the sign-in to the first view; FILE gets a picture of the Wall under changes, or the
  CPU profile of its page (.cpuprofile)`;

const AIMS = { frameMs: 50, firstViewMs: 2_000, growth: 0.1 };
const TOKEN = 'a-service-token-for-benchmarks';
const PASSWORD = 'a-password-for-benchmarks';
/** An empty page, and a Wall on which nothing happens: what frames can be at best here and now. */
const BESIDE_MS = 8_000;
/** What is bounded is full by then: the changes that are kept, the caches of the graph. */
const WARM_UP_MS = 25_000;
const logger = createLogger({ name: 'bench', level: 'warn' });
const line = (text = ''): void => void process.stdout.write(`${text}\n`);
const part = (sorted: readonly number[], share: number): number =>
  sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
const verdict = (isMet: boolean): string => (isMet ? 'met' : 'MISSED');

type Options = {
  devices: number;
  perSecond: number;
  watchedMs: number;
  views: number;
  screenshot: string | undefined;
  profile: string | undefined;
};

/** Frames of a screen for a while, and what its main thread computes meanwhile, told as a line. @returns the 95th percentile in ms */
async function watch(name: string, screen: Screen, forMs: number): Promise<number> {
  const before = await screen.cpuMs();
  const frames = await screen.frames(forMs);
  const cpuPercent = ((await screen.cpuMs()) - before) / (forMs / 100);
  const figures = [0.5, 0.95, 0.99, 1].map((share) => part(frames, share).toFixed(1).padStart(9)).join('');
  line(`${name.padEnd(40)}${figures}${cpuPercent.toFixed(0).padStart(11)} %`);
  return part(frames, 0.95);
}

async function firstViews(browser: Browser, url: string, { devices, views }: Options): Promise<number[]> {
  const times: number[] = [];
  for (let turn = 0; turn < views; turn += 1) {
    const screen = await openScreen(browser, url);
    times.push(await signIn(screen, { email: FIRST_ADMIN_EMAIL, password: PASSWORD }, devices));
    await screen.close();
  }
  return times;
}

/** Waits until every tile says what the database does. @throws Error when that does not come, which would be a change that was lost */
async function untilShown(screen: Screen, estate: Estate): Promise<void> {
  const wanted = await estate.statuses();
  const wrong = async (): Promise<number> => {
    const shown = await screen.tiles();
    return Object.entries(wanted).filter(([id, status]) => shown[id] !== status).length;
  };
  const end = performance.now() + 30_000;
  while ((await wrong()) > 0) {
    if (performance.now() > end) throw new Error(`${await wrong()} tiles do not say what the database does`);
    await sleep(200);
  }
}

async function measure(browser: Browser, url: string, estate: Estate, options: Options): Promise<void> {
  const { devices, perSecond, watchedMs, screenshot, profile } = options;
  const views = await firstViews(browser, url, options);
  const empty = await openScreen(browser, 'about:blank');
  const screen = await openScreen(browser, url);
  await signIn(screen, { email: FIRST_ADMIN_EMAIL, password: PASSWORD }, devices);
  line(`${devices} devices, ${perSecond} changes a second for ${watchedMs / 1_000} s; ms between frames:\n`);
  line(`${''.padEnd(40)}${['p50', 'p95', 'p99', 'longest'].map((name) => name.padStart(9)).join('')}  main thread`);
  const emptyP95 = await watch('an empty page', empty, BESIDE_MS);
  await empty.close();
  const idleP95 = await watch('the Wall, nothing happens', screen, BESIDE_MS);
  await estate.change({ perSecond, forMs: WARM_UP_MS });
  const before = await screen.held();
  const endProfile = profile === undefined ? null : await screen.profile();
  const [busyP95, changed] = await Promise.all([
    watch('the Wall, changes', screen, watchedMs),
    estate.change({ perSecond, forMs: watchedMs }),
  ]);
  if (profile !== undefined && endProfile !== null) await writeFile(profile, await endProfile());
  if (screenshot !== undefined) await screen.page.screenshot({ path: screenshot });
  await untilShown(screen, estate);
  const after = await screen.held();
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  const growth = after.heapBytes / before.heapBytes - 1;
  line(`\n${changed} changes, and every tile says what the database does.`);
  line(
    `after a collection of garbage the page held ${megabytes(before.heapBytes)} before and ${megabytes(after.heapBytes)} after; nodes ${before.nodes} and ${after.nodes}, listeners ${before.listeners} and ${after.listeners}`,
  );
  const viewMs = median(views);
  line(`from the sign-in to ${devices} tiles, with a cold cache: ${views.map((ms) => Math.round(ms)).join(', ')} ms\n`);
  line(
    `frames' p95 ${busyP95.toFixed(1)} ms, aim ${AIMS.frameMs}: ${verdict(busyP95 <= AIMS.frameMs)}; ${(busyP95 / idleP95).toFixed(2)} times the idle Wall's, ${(busyP95 / emptyP95).toFixed(2)} times an empty page's`,
  );
  line(
    `memory ${(growth * 100).toFixed(1)} % more, aim ${AIMS.growth * 100} at most: ${verdict(growth <= AIMS.growth)}`,
  );
  line(`first view ${Math.round(viewMs)} ms, aim ${AIMS.firstViewMs}: ${verdict(viewMs <= AIMS.firstViewMs)}`);
  await screen.close();
}

/** What the Wall costs a browser. docs/benchmarks.md says what is measured and how. */
export async function bench(args: string[]): Promise<void> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args,
    options: { devices: text, rate: text, minutes: text, views: text, screenshot: text, profile: text, chromium: text },
  });
  const { devices, rate, minutes, views } = values;
  const asked = { devices: Number(devices ?? 1_000), perSecond: Number(rate ?? 50), views: Number(views ?? 3) };
  const options: Options = {
    ...asked,
    watchedMs: 60_000 * Number(minutes ?? 0.5),
    screenshot: values.screenshot,
    profile: values.profile,
  };
  const isWithin = (value: number, least: number, most: number): boolean => value >= least && value <= most;
  if (!(isWithin(options.devices, 1, 5_000) && isWithin(options.perSecond, 1, 500) && isWithin(options.views, 1, 20)))
    throw new Error(USAGE);
  if (!isWithin(options.watchedMs, 1_000, 3_600_000)) throw new Error(USAGE);
  const stops: (() => Promise<unknown>)[] = [];
  try {
    const browser = await openBrowser(values.chromium);
    stops.push(() => browser.close());
    const folder = await temporaryFolder();
    stops.push(() => rm(folder, { recursive: true, force: true }));
    const database = await startPostgres({ dataFolder: join(folder, 'postgres'), logger });
    stops.push(database.stop);
    await migrate(database.url, logger);
    const settings = {
      ...{ DATABASE_URL: database.url, WHEELHOUSE_SERVICE_TOKEN: TOKEN, WHEELHOUSE_SECRET_KEY: '5a'.repeat(32) },
      // Nobody looks at these devices: none is to become stale by that.
      ...{ WHEELHOUSE_ADMIN_PASSWORD: PASSWORD, WHEELHOUSE_SWEEP_SECONDS: '3600' },
    };
    const program = new URL('support/whole-server.ts', import.meta.url);
    const server = await startProgram<{ url: string; devicesUrl: string }>(program, [JSON.stringify(settings)]);
    stops.push(() => server.stop('SIGTERM'));
    const { devicesUrl, url } = server.said;
    const estate = await openEstate({
      databaseUrl: database.url,
      devicesUrl,
      serviceToken: TOKEN,
      devices: options.devices,
    });
    stops.push(estate.close);
    await measure(browser, new URL('/', url).href, estate, options);
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}
