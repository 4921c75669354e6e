// `npm run screenshots`: every page of the console into docs/screenshots, from a simulated museum in which a few things are the matter.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { holdsWithin } from '@wheelhouse/standalone/processes.ts';
import { runStandalone } from '@wheelhouse/standalone/testing/run-standalone.ts';
import type { Page } from 'playwright-core';
import { startTemporaryPostgres, temporaryFolder } from '../temporary-postgres.ts';
import { DESK, openBrowser } from './chromium.ts';
import { addressOf, type ConsolePage, findPages, inOrder, linksTo } from './pages.ts';
import { reducePalette } from './palette-png.ts';
import { addPast } from './past.ts';

const FOLDER = fileURLToPath(new URL('../../docs/screenshots/', import.meta.url));
const WALL = { width: 1920, height: 1080 };
const PHONE = { width: 390, height: 844 };
const ON_THE_PHONE = ['wall', 'device'];
/** The display whose page is shown. */
const SHOWN = 'Hall 2 pharaoh';
/** The Core whose page is shown. */
const SOUND = 'Sound Core';
const TROUBLE: Readonly<Record<string, object>> = {
  'Hall 1 wall left': { kind: 'silent' },
  'Children puzzle': { kind: 'silent' },
  'Foyer tickets 2': { kind: 'wrongValues', style: 'garbageText' },
};
const SETTINGS = { WHEELHOUSE_SWEEP_SECONDS: '5', WHEELHOUSE_MISSES_TO_OFFLINE: '1', WHEELHOUSE_ANONYMOUS_ROLE: '' };
const PATIENCE_MS = 120_000;

type Told = {
  login: { accessToken: string };
  devices: { nodes: { id: string; name: string }[] };
};
type Ask = (query: string, variables?: object) => Promise<Told>;

async function settle(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor({ state: 'attached' });
  const isWhole = () => page.locator('.skeleton').count();
  await holdsWithin(PATIENCE_MS, async () => (await isWhole()) === 0);
  for (const frame of await page.locator('iframe').all())
    await frame.contentFrame().getByText('query', { exact: true }).first().waitFor();
  // Plots draw in the next frame, and changes of the last seconds have had their moment.
  await page.evaluate(
    'document.fonts.ready.then(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 500))))',
  );
}

async function main(): Promise<void> {
  const data = await temporaryFolder();
  const { server, close } = await startTemporaryPostgres();
  const started = runStandalone(['--data', join(data, 'data')], { ...SETTINGS, DATABASE_URL: server.url });
  const browser = await openBrowser();
  try {
    const [, graph = ''] = await started.printed(/Graph +(\S+)/);
    const [, email = '', password = ''] = await started.printed(/Sign in +(\S+)\n +Password +(\S+)/);
    const [, simulators = ''] = await started.printed(/(http:\/\/127\.0\.0\.1:\d+)\/displays/);
    let token = '';
    const ask: Ask = async (query, variables = {}) => {
      const headers = { 'content-type': 'application/json', ...(token !== '' && { authorization: `Bearer ${token}` }) };
      const response = await fetch(graph, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
      const { data: told, errors } = (await response.json()) as { data: Told; errors?: unknown };
      if (errors !== undefined) throw new Error(`${query}: ${JSON.stringify(errors)}`);
      return told;
    };
    const login = `mutation ($email: String!, $password: String!) { login(email: $email, password: $password) { accessToken } }`;
    token = (await ask(login, { email, password })).login.accessToken;
    await addPast(server.url);
    const found = (await ask('{ devices(first: 1000) { nodes { id name } } }')).devices;
    const pageOf = (wanted: string): string => `/devices/${found.nodes.find(({ name }) => name === wanted)?.id}`;
    const shown = pageOf(SHOWN);
    const set = (brightnessPercent: number, reason: string) =>
      ask(
        'mutation ($input: SetDisplaySettingsInput!) { setDisplaySettings(input: $input) { userErrors { message } } }',
        {
          input: { id: shown.slice('/devices/'.length), brightnessPercent, reason },
        },
      );
    const order = (name: string, fault: object | null) =>
      fetch(`${simulators}/displays/${encodeURIComponent(name)}`, { method: 'POST', body: JSON.stringify({ fault }) });
    await ask(
      `mutation { inviteUser(input: { email: "new.colleague@example.org", grants: [{ role: OPERATOR, site: "museum/hall-2" }] }) { expiresAt } }`,
    );
    await set(65, 'too bright for the evening');
    await order(SHOWN, { kind: 'ignoresSets' });
    await set(50, 'night tour');
    for (const [name, fault] of Object.entries(TROUBLE)) await order(name, fault);

    await rm(FOLDER, { recursive: true, force: true });
    await mkdir(FOLDER, { recursive: true });
    const page = await (await browser.newContext({ viewport: DESK, reducedMotion: 'reduce' })).newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const take = async (name: string): Promise<void> => {
      await settle(page);
      await writeFile(join(FOLDER, `${name}.png`), reducePalette(await page.screenshot()));
      process.stdout.write(`${name}\n`);
    };
    const takeAll = async (name: string, path: string): Promise<string[]> => {
      const [place = ''] = name.split('-');
      await page.setViewportSize(place === 'wall' ? WALL : DESK);
      await page.goto(new URL(path, graph).href);
      if (name === 'explorer') {
        const explorer = page.frameLocator('iframe');
        await explorer.getByRole('button', { name: 'Execute query' }).click();
        await explorer.getByRole('menuitem', { name: 'Estate' }).click();
        await explorer.getByLabel('Answer').getByText('estateSummary').first().waitFor();
      }
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await take(`${name}-${colorScheme}`);
      }
      if (name === 'device') {
        await page.emulateMedia({ colorScheme: 'light' });
        await page.getByRole('heading', { name: 'History', exact: true }).scrollIntoViewIfNeeded();
        await page.mouse.wheel(0, DESK.height / 2);
        await take('device-history-light');
      }
      if (ON_THE_PHONE.includes(name)) {
        await page.setViewportSize(PHONE);
        // As it opens, however far down the picture before was.
        await page.goto(new URL(path, graph).href);
        await page.emulateMedia({ colorScheme: 'light' });
        await take(`${name}-phone`);
      }
      return page.locator('a[href^="/"]').evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''));
    };
    await takeAll('sign-in', '/');
    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('[data-live=live]').waitFor();
    await page.goto(new URL('/devices', graph).href);
    for (const name of Object.keys(TROUBLE))
      await page
        .getByRole('row')
        .filter({ hasText: name })
        .getByText(/Offline|Degraded/)
        .waitFor();

    const addresses = (one: ConsolePage): string => (one.name === 'device' ? shown : addressOf(one, new Set()));
    for (const one of inOrder(await findPages())) {
      const address = addresses(one);
      const links = await takeAll(one.name, address);
      const parts = one.paths.includes(address) ? new Set(linksTo(one, links)) : [];
      for (const part of parts) await takeAll(`${one.name}-${part.split('/').at(-1)}`, part);
      if (one.name === 'device') await takeAll('device-sound', pageOf(SOUND));
    }
  } finally {
    await browser.close();
    await started.end('SIGTERM');
    await close();
    await rm(data, { recursive: true, force: true });
  }
}

await main();
