import { readFile } from 'node:fs/promises';
import { openDatabase } from '@wheelhouse/kit/database.ts';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { CHIEF, PASSWORD } from '../access/house.ts';
import { has } from '../programs.ts';
import { itKeepsBounds } from './bounds.ts';
import { openVisitor, signIn, tabTo, told, type Visitor } from './browser.ts';
import { openBrowser } from './chromium.ts';
import { examine, examineWhole, itFindsFaults } from './every-page.ts';
import { HOSTILE_FILE, HOSTILE_NAME, HOSTILE_PERSON, HOSTILE_REASON, HOSTILE_TAG } from './hostile.ts';
import { itTakesInvitationsBack } from './invitations.ts';
import { findPages, inOrder } from './pages.ts';
import { type StatusChange, type System, startSystem } from './system.ts';

const ANALYST = 'analyst@example.org';
/** Displays that nothing else happens to. */
const DYING = 'Hall 1 wall head';
const SET = 'Foyer tickets 1';
const TYPED = 'Hall 2 exit';
const MISSED = ['Hall 2 papyrus', 'Children puzzle'];
/** From when the graph has a change in its status log to the page that shows it. */
const SHOWN_WITHIN_MS = 3_000;
const SAMPLES = 3;
const pages = await findPages();

describe.skipIf(!has('chromium'))('the console', () => {
  let system: System;
  let browser: Browser;
  let admin: Visitor;
  const open = async (): Promise<Visitor> => {
    const visitor = await openVisitor(browser, system.router.origin);
    onTestFinished(visitor.close);
    return visitor;
  };
  beforeAll(async () => {
    [system, browser] = await Promise.all([startSystem(), openBrowser()]);
    await system.house.invite(ANALYST, 'ANALYST', null, HOSTILE_PERSON);
    admin = await openVisitor(browser, system.router.origin);
  });
  afterAll(async () => {
    await browser?.close();
    await system?.close();
  });
  const rowOf = (page: Page, name: string) =>
    page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
  /** The way to the page of a device, as someone who looks for it goes. */
  const deviceIs = (name: string): string => `/devices/${system.idOf(name)}`;
  const setting = (page: Page, name: string) => page.locator('.setting').filter({ hasText: name });
  const changedTo = async (name: string, to: string, after: string): Promise<StatusChange> => {
    const { promise, resolve } = Promise.withResolvers<StatusChange>();
    await expect
      .poll(async () => {
        const found = (await system.changesAfter(after)).find((each) => each.device.name === name && each.to === to);
        if (found !== undefined) resolve(found);
        return found !== undefined;
      })
      .toBe(true);
    return promise;
  };

  it('asks who comes to sign in, and then shows what they came for', async () => {
    await admin.goTo('/devices');
    await admin.page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await signIn(admin);
    await rowOf(admin.page, DYING).waitFor();
    expect(new URL(admin.page.url()).pathname).toBe('/devices');
  });

  it('shows a display that died within 3 s of the status log, without being loaded again', async () => {
    const { page } = admin;
    await rowOf(page, DYING).getByText('Online').waitFor();
    await page.evaluate('window.isSame = true');
    const before = await system.cursor();
    await system.order(DYING, { fault: { kind: 'silent' } });
    const [shownAt, knownAt] = await Promise.all([
      rowOf(page, DYING).getByText('Offline').waitFor().then(Date.now),
      changedTo(DYING, 'OFFLINE', before).then(Date.now),
    ]);
    expect(shownAt - knownAt).toBeLessThan(SHOWN_WITHIN_MS);
    expect(await page.evaluate('window.isSame')).toBe(true);
  });

  it('sets brightness by the form, says what became of it, and a second browser sees both outcomes', async () => {
    const second = await open();
    await second.goTo(deviceIs(SET));
    await signIn(second);
    await admin.goTo(deviceIs(SET));
    const { page } = admin;
    const set = async (percent: number): Promise<void> => {
      await setting(page, 'Brightness').getByRole('spinbutton').fill(String(percent));
      await page.getByLabel('Reason').fill(HOSTILE_REASON);
      await page.getByRole('button', { name: 'Check' }).click();
      await page.getByRole('button', { name: 'Apply' }).click();
    };
    const outcome = ({ page: seen }: Visitor, text: string | RegExp) =>
      setting(seen, 'Brightness').getByRole('status').getByText(text).waitFor();
    await set(42);
    for (const visitor of [admin, second]) await outcome(visitor, 'Applied');
    expect(await system.brightnessOf(SET)).toBe(42);
    await system.order(SET, { fault: { kind: 'ignoresSets' } });
    await set(17);
    for (const visitor of [admin, second]) await outcome(visitor, 'Mismatch: wanted 17 %, device says 42 %');
    await system.order(SET, { fault: null });
    expect(await system.brightnessOf(SET)).toBe(42);
    for (const { page: seen } of [admin, second]) await seen.getByText(HOSTILE_REASON).first().waitFor();
    expect([...admin.faults, ...second.faults]).toEqual([]);
  });

  it('shows no form of settings to an analyst, but what the settings are, and answers them in the Explorer', async () => {
    const analyst = await open();
    await analyst.goTo(deviceIs(SET));
    await signIn(analyst, ANALYST);
    await analyst.page.getByRole('heading', { name: SET, level: 1 }).waitFor();
    const settings = analyst.page.getByRole('region', { name: 'Settings', exact: true });
    await settings.getByText('Brightness').first().waitFor();
    for (const role of ['spinbutton', 'radio', 'textbox'] as const)
      expect(await settings.getByRole(role).count()).toBe(0);
    for (const name of ['Check', 'Apply', /^Undo/, /^Send again/])
      expect(await settings.getByRole('button', { name }).count()).toBe(0);
    expect(await admin.page.getByRole('spinbutton').count()).toBeGreaterThan(0);
    // The Explorer asks as whoever is signed in.
    await analyst.goTo(`/explorer?${new URLSearchParams({ query: 'query Who { me { email } }' })}`);
    const explorer = analyst.page.frameLocator('iframe');
    await explorer.getByRole('button', { name: 'Execute query' }).click();
    await explorer.getByLabel('Answer').getByText(ANALYST).first().waitFor();
    expect(analyst.faults).toEqual([]);
  });

  it('moves a fader by keys and sets a text, says that both were applied, and a second page sees both', async () => {
    const address = `${deviceIs('Sound Core')}?component=Foyer+Gain&component=Foyer+Source`;
    const second = await admin.context.newPage();
    onTestFinished(() => second.close());
    await second.goto(new URL(address, system.router.origin).href);
    await admin.goTo(address);
    const { page } = admin;
    const control = (seen: Page, name: string) =>
      seen.getByRole('listitem').filter({ has: seen.getByText(name, { exact: true }) });
    for (const seen of [page, second]) await control(seen, 'gain').getByText('-12 dB', { exact: true }).waitFor();
    await control(page, 'gain').getByRole('slider').focus();
    await page.keyboard.press('ArrowUp');
    await control(page, 'selector').getByRole('textbox').fill('Film');
    await page.keyboard.press('Enter');
    for (const seen of [page, second]) {
      await control(seen, 'gain').getByRole('status').getByText('Applied -11.5 dB').waitFor();
      // What the Core itself tells, and not only what was wanted of it.
      await control(seen, 'gain').getByText('-11.5 dB', { exact: true }).waitFor();
      await control(seen, 'selector').getByRole('status').getByText('Applied “Film”').waitFor();
      expect(await control(seen, 'selector').getByRole('textbox').inputValue()).toBe('Film');
    }
    expect(admin.faults).toEqual([]);
  });

  it('hands out the history of a device as a file with every sample', async () => {
    const id = system.idOf(SET);
    const { sql, close } = openDatabase(system.house.databaseUrl, { maxConnections: 1 });
    onTestFinished(close);
    const hour = Math.floor(Date.now() / 3_600_000) * 3_600_000;
    for (let back = 1; back <= SAMPLES; back += 1) {
      const at = new Date(hour - back * 3_600_000).toISOString();
      await sql`insert into fida.samples values (${1_000_000 + back}, ${id}, ${at}, ${at}, '{"brightness_percent": 42}', '{}')`;
    }
    await admin.goTo(`${deviceIs(SET)}?range=day`);
    const { page } = admin;
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Export this range as CSV' }).click(),
    ]);
    const [head, ...rows] = (await readFile(await download.path(), 'utf8')).trim().split('\r\n');
    expect(head).toContain('device_id,name');
    expect(rows).toHaveLength(SAMPLES);
    for (const row of rows) expect(row).toMatch(new RegExp(`^${id},${SET},.*,42$`));
  });

  it('says that it is not live when the router is killed, and misses nothing once it is back', async () => {
    await admin.goTo('/devices');
    const { page } = admin;
    for (const name of MISSED) await rowOf(page, name).getByText('Online').waitFor();
    const live = page.getByRole('banner').getByText('Live', { exact: true });
    await live.waitFor();
    await page.evaluate('window.isSame = true');
    const before = await system.cursor();
    await system.router.kill();
    await page.getByText(/^Reconnecting since \d\d:\d\d:\d\d$/).waitFor();
    await page.getByText(/^Not live\. What you see is as of \d\d:\d\d:\d\d; reconnecting\./).waitFor();
    for (const name of MISSED) await system.order(name, { fault: { kind: 'silent' } });
    for (const name of MISSED) await changedTo(name, 'OFFLINE', before);
    for (const name of MISSED) expect(await rowOf(page, name).getByText('Online').count()).toBe(1);
    await system.router.start();
    await live.waitFor();
    // What the log says is what the page shows, device by device.
    const last = new Map((await system.changesAfter(before)).map(({ device, to }) => [device.name, to]));
    for (const [name, to] of last) await rowOf(page, name).getByText(wordOf(to)).waitFor();
    expect([...last.keys()]).toEqual(expect.arrayContaining(MISSED));
    expect(await page.getByText(/^Not live\./).count()).toBe(0);
    expect(await page.evaluate('window.isSame')).toBe(true);
  });

  itKeepsBounds({ admin: () => admin, open });

  it('can be used by keyboard alone: to sign in, to find a device, and to set it', async () => {
    const { page, goTo } = await open();
    await goTo('/devices');
    const { keyboard } = page;
    await tabTo(page, page.getByLabel('E-mail'));
    await keyboard.type(CHIEF);
    await keyboard.press('Tab');
    await keyboard.type(PASSWORD);
    await keyboard.press('Enter');
    await tabTo(page, page.getByRole('searchbox'));
    await keyboard.type(TYPED);
    await rowOf(page, DYING).waitFor({ state: 'detached' });
    await tabTo(page, page.getByRole('link', { name: TYPED, exact: true }));
    await keyboard.press('Enter');
    await page.getByRole('heading', { name: TYPED, level: 1 }).waitFor();
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe(TYPED);
    await tabTo(page, page.getByRole('spinbutton', { name: 'Brightness' }));
    await keyboard.press('ControlOrMeta+a');
    await keyboard.type('33');
    await tabTo(page, page.getByRole('button', { name: 'Check' }));
    await keyboard.press('Enter');
    await tabTo(page, page.getByRole('button', { name: 'Apply' }));
    await keyboard.press('Enter');
    await setting(page, 'Brightness').getByRole('status').getByText('Applied').waitFor();
    expect(await system.brightnessOf(TYPED)).toBe(33);
  });

  itTakesInvitationsBack({ admin: () => admin, house: () => system.house });

  it('shows texts as texts, whatever is in them', async () => {
    const { page } = admin;
    await admin.goTo('/devices');
    await page.getByRole('link', { name: HOSTILE_NAME, exact: true }).click();
    await page.getByRole('heading', { name: HOSTILE_NAME, level: 1 }).waitFor();
    expect(await page.title()).toContain(HOSTILE_NAME);
    await page.keyboard.press('ControlOrMeta+k');
    await page.getByRole('dialog').locator('input').fill('onerror');
    await page.getByRole('dialog').getByText(HOSTILE_NAME).waitFor();
    await page.keyboard.press('Escape');
    expect(await told(page, 'injected()')).toEqual([]);
    await admin.goTo('/admin/import');
    const buffer = Buffer.from(
      JSON.stringify({ devices: [{ externalId: 'hostile', tags: [HOSTILE_TAG, HOSTILE_REASON] }] }),
    );
    await page.locator('input[type=file]').setInputFiles({ name: HOSTILE_FILE, mimeType: 'application/yaml', buffer });
    await page.getByText(HOSTILE_FILE).first().waitFor();
    expect(await told(page, 'injected()')).toEqual([]);
    expect(admin.faults).toEqual([]);
  });

  itFindsFaults(open);

  // Some hundred presses of Tab, and a look with axe-core at each of its parts: on a busy machine that takes a while.
  describe('every page is for everybody, and lets nothing in', { timeout: 400_000 }, () => {
    const links = new Set<string>();
    it.for(inOrder(pages))('$name', async (page) => {
      for (const link of await examineWhole(admin, page, links)) links.add(link);
    });
    it.for([
      {
        name: 'a display as of an hour ago',
        path: () => `${deviceIs(SET)}?at=${new Date(Date.now() - 3_600_000).toISOString()}`,
      },
      { name: 'a display that may not be what it seems', path: () => deviceIs(HOSTILE_NAME) },
      { name: 'an audio core', path: () => deviceIs('Sound Core') },
      { name: 'a signage player', path: () => deviceIs('Hall 1 player') },
      { name: 'an exhibit', path: () => deviceIs('Children marble run') },
      { name: 'no page', path: () => '/nowhere' },
    ])('$name', async ({ path }) => {
      await examine(admin, path());
    });
    it('the sign-in', async () => {
      await examine(await open(), '/devices');
    });
  });
});

/** What the page calls a status of the log. */
const wordOf = (status: string): string => `${status.charAt(0)}${status.slice(1).toLowerCase()}`;
