import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core';

/** Where Debian and Ubuntu put it. */
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const SCREEN = { width: 1920, height: 1080 };
const TIMEOUT_MS = 120_000;

/** Starts a browser without a window. @throws Error where there is none */
export async function openBrowser(path: string | undefined): Promise<Browser> {
  const executablePath = path ?? PLACES.find((place) => existsSync(place));
  if (executablePath === undefined)
    throw new Error(`--chromium must name a browser: there is none at ${PLACES.join(', ')}`);
  // Where there is no graphics card, one that is made up draws the whole screen for each frame; without it only what changed is drawn.
  // Root, as in a container, has no sandbox; what is opened is our own.
  const args = ['--disable-gpu', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])];
  return chromium.launch({ executablePath, args });
}

export type Screen = {
  page: Page;
  /** Times between frames, in ms, ascending. */
  frames: (forMs: number) => Promise<number[]>;
  /** What the page's main thread has computed so far, in ms of CPU time. */
  cpuMs: () => Promise<number>;
  /** What the page's scripts hold after a collection of garbage, and how many nodes and listeners there are. */
  held: () => Promise<{ heapBytes: number; nodes: number; listeners: number }>;
  /** Begins to record where the main thread's time goes. @returns what ends it, and gives the profile as Chrome's tools read it */
  profile: () => Promise<() => Promise<string>>;
  /** What the tiles say, by device. */
  tiles: () => Promise<Record<string, string>>;
  close: () => Promise<void>;
};

/** A page of a browser that has never been anywhere: its cache is cold. */
export async function openScreen(browser: Browser, url: string): Promise<Screen> {
  const context = await browser.newContext({ viewport: SCREEN });
  context.setDefaultTimeout(TIMEOUT_MS);
  await context.addInitScript({ path: fileURLToPath(new URL('in-page.js', import.meta.url)) });
  const page = await context.newPage();
  const protocol = await context.newCDPSession(page);
  await protocol.send('Performance.enable', { timeDomain: 'threadTicks' });
  await page.goto(url);
  return {
    page,
    frames: async (forMs) => (await page.evaluate<number[]>(`benchFrames(${forMs})`)).toSorted((a, b) => a - b),
    cpuMs: async () => 1_000 * (await metric(protocol, 'TaskDuration')),
    held: async () => {
      await protocol.send('HeapProfiler.collectGarbage');
      const { usedSize } = await protocol.send('Runtime.getHeapUsage');
      const { nodes, jsEventListeners } = await protocol.send('Memory.getDOMCounters');
      return { heapBytes: usedSize, nodes, listeners: jsEventListeners };
    },
    profile: async () => {
      await protocol.send('Profiler.enable');
      await protocol.send('Profiler.start');
      return async () => JSON.stringify((await protocol.send('Profiler.stop')).profile);
    },
    tiles: () => page.evaluate<Record<string, string>>('benchTiles()'),
    close: () => context.close(),
  };
}

async function metric(protocol: CDPSession, wanted: string): Promise<number> {
  const { metrics } = await protocol.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN;
}

/** Signs in, and waits for so many tiles. @returns how long that took since the button was pressed, in ms */
export async function signIn(
  { page }: Screen,
  as: { email: string; password: string },
  tiles: number,
): Promise<number> {
  await page.getByLabel('E-mail').fill(as.email);
  await page.getByLabel('Password').fill(as.password);
  await page.evaluate(`benchFirstView(${tiles})`);
  await page.getByRole('button', { name: 'Sign in' }).click();
  return page.evaluate<number>('benchViewed');
}
