import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { AxeResults } from 'axe-core';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { CHIEF, PASSWORD } from '../access/house.ts';
import { eventually } from '../harness.ts';
import { DESK } from './chromium.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const IN_PAGE = fileURLToPath(new URL('in-page.js', import.meta.url));
export const NARROW = { width: 320, height: 640 };
/** What is waited for comes about in its own time on a busy machine. */
const PATIENCE_MS = 60_000;

/** More than any page has; rows of long tables come as the focus goes down. */
const MOST_STOPS = 1_000;

/** Somebody's browser, and all that went wrong in it. */
export type Visitor = {
  context: BrowserContext;
  page: Page;
  /** Errors of scripts, breaches of the content security policy, and dialogs that nobody asked for. */
  faults: string[];
  /** @returns the answer that the browser made the page of */
  goTo: (path: string) => Promise<{ policy: string; html: string }>;
  close: () => Promise<void>;
};

export async function openVisitor(browser: Browser, origin: string): Promise<Visitor> {
  const context = await browser.newContext({ viewport: DESK, colorScheme: 'light', reducedMotion: 'reduce' });
  context.setDefaultTimeout(PATIENCE_MS);
  await context.addInitScript({ path: IN_PAGE });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('dialog', (dialog) => {
    faults.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) faults.push(message.text());
  });
  return {
    ...{ context, page, faults },
    goTo: async (path) => {
      const response = await page.goto(new URL(path, origin).href);
      await settle(page);
      if (response === null) throw new Error(`${path} was answered by nobody`);
      return { policy: response.headers()['content-security-policy'] ?? '', html: await response.text() };
    },
    close: () => context.close(),
  };
}

/** Waits until a page shows what it is about, and no shape of it any more. */
export async function settle(page: Page): Promise<void> {
  await page.locator('main h1').first().waitFor();
  await eventually('all that the page asked for came', async () => (await page.locator('.skeleton').count()) === 0);
  // The words of GraphiQL's editor are told apart by colour last of all.
  for (const frame of await page.locator('iframe').all())
    await frame.contentFrame().getByText('query', { exact: true }).first().waitFor();
}

export async function signIn({ page }: Visitor, email: string = CHIEF): Promise<void> {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('[data-live=live]').waitFor();
}

/** What axe-core finds on the page that is serious or critical, each with where. */
export async function seriousFaults(page: Page): Promise<string[]> {
  // It looks into a frame where it is there too.
  for (const frame of page.frames()) await frame.evaluate(AXE);
  const { violations } = await page.evaluate<AxeResults>('axe.run(document, { resultTypes: ["violations"] })');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary}`),
    );
}

/** Goes through the page with the Tab key until it leaves it, through groups of one stop with the arrows, and with Enter into editors. @returns what could not be reached so */
export async function unreachable(page: Page): Promise<string[]> {
  for (const frame of page.frames().toReversed()) await frame.evaluate('wheelhouseChecks.beginTabbing()');
  for (let presses = 0; presses < MOST_STOPS; presses += 1) {
    await page.keyboard.press('Tab');
    if (presses % 4 === 3 && (await page.evaluate<boolean>('wheelhouseChecks.hasLeft()'))) break;
  }
  const held: string[] = [];
  for (const frame of page.frames()) {
    while (await frame.evaluate<boolean>('wheelhouseChecks.beginEntry()')) {
      await page.keyboard.press('Enter');
      await page.keyboard.press('Tab');
      held.push(...(await frame.evaluate<string[]>('wheelhouseChecks.held()')));
    }
    for (;;) {
      const size: number = await frame.evaluate('wheelhouseChecks.beginGroup()');
      if (size === 0) break;
      for (let presses = 1; presses < size; presses += 1) await page.keyboard.press('ArrowRight');
    }
  }
  return [...held, ...(await toldByAll(page, 'unreached()'))];
}

/** Presses Tab until `target` has the focus. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor();
  const focused = target.and(page.locator(':focus'));
  for (let presses = 0; presses < MOST_STOPS; presses += 1) {
    if ((await focused.count()) > 0) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`the Tab key does not lead to ${target}`);
}

/** What only a page can tell of itself, and each frame in it: `tests/console/in-page.js`. */
export const told = (
  page: Page,
  check: 'violations' | 'mouseOnly()' | 'injected()' | 'sideways()' | 'stored()',
): Promise<string[]> => toldByAll(page, check);

async function toldByAll(page: Page, check: string): Promise<string[]> {
  const all = await Promise.all(page.frames().map((frame) => frame.evaluate<string[]>(`wheelhouseChecks.${check}`)));
  return all.flat();
}
