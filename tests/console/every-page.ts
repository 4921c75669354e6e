import { expect, it } from 'vitest';
import { NARROW, seriousFaults, told, unreachable, type Visitor } from './browser.ts';
import { DESK } from './chromium.ts';
import { addressOf, type ConsolePage, linksTo } from './pages.ts';

/** What holds for the console may not be weakened for one of its pages. */
const POLICY = ["default-src 'self'", "script-src 'self'", "style-src 'self'", "object-src 'none'", "base-uri 'none'"];
/** Scripts and styles that stand in the page itself. */
const INLINE = /<script(?![^>]*\ssrc=)[^>]*>\s*\S|<style[^>]*>\s*[^<\s]|\sstyle="|\son\w+="/;

/** Looks at a page, and at all of its own parts to which it links. @returns the links on it */
export async function examineWhole(visitor: Visitor, page: ConsolePage, links: ReadonlySet<string>): Promise<string[]> {
  const address = addressOf(page, links);
  const seen = await examine(visitor, address);
  const parts = page.paths.includes(address) ? linksTo(page, new Set(seen)) : [];
  for (const part of parts) await examine(visitor, part);
  return seen;
}

/** Looks at one page in every way, and says all that is wrong with it. @returns the links on it */
export async function examine({ page, goTo, faults }: Visitor, path: string): Promise<string[]> {
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(DESK);
  const { policy, html } = await goTo(path);
  const at = (what: string): string => `${path}: ${what}`;
  expect.soft(policy.split('; ')).toEqual(expect.arrayContaining(POLICY));
  expect.soft(policy).not.toMatch(/unsafe|https?:/);
  expect.soft(html).not.toMatch(INLINE);
  expect.soft(await page.locator('h1').count(), at('headings of the first level')).toBe(1);
  const links = await page
    .locator('a[href^="/"]')
    .evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''));
  expect.soft(await seriousFaults(page), at('axe-core, light')).toEqual([]);
  await page.emulateMedia({ colorScheme: 'dark' });
  expect.soft(await seriousFaults(page), at('axe-core, dark')).toEqual([]);
  expect.soft(await told(page, 'mouseOnly()'), at('what only a mouse can press')).toEqual([]);
  expect.soft(await unreachable(page), at('what the Tab key does not reach')).toEqual([]);
  await page.setViewportSize(NARROW);
  expect.soft(await told(page, 'sideways()'), at('at 320 px')).toEqual([]);
  expect.soft(await told(page, 'injected()'), at('elements that are not of the console')).toEqual([]);
  expect.soft(await told(page, 'violations'), at('breaches of the content security policy')).toEqual([]);
  expect.soft(faults.splice(0), at('errors on the page')).toEqual([]);
  return links;
}

/** The fault that `examine` must find, each put into a page by hand: a check that finds nothing would say nothing. */
export function itFindsFaults(open: () => Promise<Visitor>): void {
  it('is looked at by checks that find what is wrong', async () => {
    const { page, goTo, faults } = await open();
    await page.setViewportSize(NARROW);
    await goTo('/devices');
    const add = (html: string) =>
      page.evaluate(`document.querySelector('main').insertAdjacentHTML('beforeend', ${JSON.stringify(html)})`);
    await add('<p class="pressed">Press</p><a href="/x" tabindex="-1">not by Tab</a><p class="wide">wide</p>');
    await add('<img src="x" alt="" onerror="alert(1)"><button></button>');
    await page.evaluate(`document.querySelector('.pressed').style.cursor = 'pointer'`);
    await page.evaluate(`document.querySelector('.wide').style.width = '900px'`);
    expect(await told(page, 'mouseOnly()')).toEqual([expect.stringContaining('Press')]);
    expect(await unreachable(page)).toEqual([expect.stringContaining('not by Tab')]);
    expect(await told(page, 'sideways()')).toEqual(expect.arrayContaining([expect.stringContaining('px too wide')]));
    expect(await told(page, 'injected()')).toEqual([expect.stringContaining('onerror')]);
    expect(await seriousFaults(page)).toEqual([expect.stringContaining('button-name')]);
    await expect.poll(() => told(page, 'violations')).toEqual([expect.stringContaining('script-src')]);
    await expect.poll(() => faults.splice(0).join()).toMatch(/content security policy/i);
  });
}
