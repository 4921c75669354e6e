import { expect, it } from 'vitest';
import { DESK, NARROW, seriousFaults, told, unreachable, type Visitor } from './browser.ts';
import type { ConsolePage } from './pages.ts';

/** What holds for the console may not be weakened for one of its pages. */
const POLICY = ["default-src 'self'", "script-src 'self'", "style-src 'self'", "object-src 'none'", "base-uri 'none'"];
/** Scripts and styles that stand in the page itself. */
const INLINE = /<script(?![^>]*\ssrc=)[^>]*>\s*\S|<style[^>]*>\s*[^<\s]|\sstyle="|\son\w+="/;

/** A page as it is addressed, with an object in its address where it is about one. */
export type Place = { name: string; path: string };

/** The pages that have an address without an object in it come first: the others are found by what they link to. */
export const inOrder = (pages: readonly ConsolePage[]): ConsolePage[] => {
  const isPlain = ({ paths }: ConsolePage): boolean => paths.some((path) => !path.includes(':'));
  return [...pages.filter(isPlain), ...pages.filter((page) => !isPlain(page))];
};

/** An address of a page: its own, or a link to it that was seen on another page. @throws Error when nothing leads there */
export function addressOf({ name, paths }: ConsolePage, links: ReadonlySet<string>): string {
  const plain = paths.find((path) => !path.includes(':'));
  if (plain !== undefined) return plain.replace(/\/\*$/, '') || '/';
  const patterns = paths.map((path) => new RegExp(`^${path.replace(/:\w+/g, '[^/]+').replace(/\*$/, '.*')}$`));
  const found = [...links].find((link) => patterns.some((pattern) => pattern.test(link)));
  if (found === undefined) throw new Error(`no page links to console/pages/${name}, whose address is ${paths[0]}`);
  return found;
}

/** Looks at one page in every way, and says all that is wrong with it. @returns the links on it */
export async function examine({ page, goTo, faults }: Visitor, path: string): Promise<string[]> {
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(DESK);
  const { policy, html } = await goTo(path);
  expect.soft(policy.split('; ')).toEqual(expect.arrayContaining(POLICY));
  expect.soft(policy).not.toMatch(/unsafe|https?:/);
  expect.soft(html).not.toMatch(INLINE);
  expect.soft(await page.locator('h1').count(), 'headings of the first level').toBe(1);
  const links = await page.locator('a[href^="/"]').evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''));
  expect.soft(await seriousFaults(page), 'axe-core, light').toEqual([]);
  await page.emulateMedia({ colorScheme: 'dark' });
  expect.soft(await seriousFaults(page), 'axe-core, dark').toEqual([]);
  expect.soft(await told(page, 'mouseOnly()'), 'what only a mouse can press').toEqual([]);
  expect.soft(await unreachable(page), 'what the Tab key does not reach').toEqual([]);
  await page.setViewportSize(NARROW);
  expect.soft(await told(page, 'sideways()'), 'at 320 px').toEqual([]);
  expect.soft(await told(page, 'injected()'), 'elements that are not of the console').toEqual([]);
  expect.soft(await told(page, 'violations'), 'breaches of the content security policy').toEqual([]);
  expect.soft(faults.splice(0), 'errors on the page').toEqual([]);
  return links;
}

/** The fault that `examine` must find, each put into a page by hand: a check that finds nothing would say nothing. */
export function itFindsFaults(visitor: () => Visitor): void {
  it('is looked at by checks that find what is wrong', async () => {
    const { page, goTo, faults } = visitor();
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
