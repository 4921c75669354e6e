import { describe, expect, it } from 'vitest';
import { faviconName, faviconNames, faviconSvg } from '../design/favicon.ts';
import { pages } from '../pages.ts';
import { parsePreferences } from '../preferences.ts';
import { texts } from '../texts.ts';
import { finds } from './find-rules.ts';
import { isGone } from './gone-rules.ts';
import { allPlaces, visiblePlaces } from './site-rules.ts';

describe('the tree of sites', () => {
  const paths = ['museum/hall-1/left', 'museum', 'museum/hall-1', 'museum/hall-2', 'depot/a', 'museum-2'];

  it('has every place above a site, each right before what is in it', () => {
    expect(allPlaces(paths)).toEqual([
      ...['depot', 'depot/a', 'museum', 'museum/hall-1', 'museum/hall-1/left', 'museum/hall-2', 'museum-2'],
    ]);
  });

  it('shows what is in the chosen place and in those above it', () => {
    const shown = (chosen: string | null) => visiblePlaces(paths, chosen).map(({ path }) => path);
    expect(shown(null)).toEqual(['depot', 'museum', 'museum-2']);
    expect(shown('museum')).toEqual(['depot', 'museum', 'museum/hall-1', 'museum/hall-2', 'museum-2']);
    expect(shown('museum/hall-1/left')).toContain('museum/hall-1/left');
  });

  it('is open where there is but one at the top', () => {
    expect(visiblePlaces(['museum/a', 'museum/b'], null).map(({ name, depth }) => [name, depth])).toEqual([
      ['museum', 0],
      ['a', 1],
      ['b', 1],
    ]);
  });
});

it('finds what has all the words, in any order, case and accents', () => {
  expect(finds('HALL wall', 'Wall left, hall 2')).toBe(true);
  expect(finds('cafe', 'Café')).toBe(true);
  expect(finds('hall 3', 'Hall 2')).toBe(false);
});

it('knows a page whose files a new version has taken away, by what browsers say of it', () => {
  const said = [
    'Failed to fetch dynamically imported module: http://localhost/assets/page-x.js',
    'error loading dynamically imported module: http://localhost/assets/page-x.js',
    'Importing a module script failed.',
    'Unable to preload CSS for /assets/page-x.css',
  ];
  expect(said.map((message) => isGone(new TypeError(message)))).toEqual(said.map(() => true));
  expect([new Error('x is not a function'), 'gone', null].map(isGone)).toEqual([false, false, false]);
});

it('has an icon for every number of offline devices', () => {
  expect([0, 1, 9, 10, 400].map(faviconName)).toEqual(['calm', '1', '9', 'many', 'many']);
  const colours = { light: '#b42318', dark: '#ff6b5e' };
  expect(new Set(faviconNames.map((name) => faviconSvg(name, colours))).size).toBe(11);
});

describe('preferences', () => {
  it('are as by default where what is stored is none', () => {
    const none = { theme: 'system', density: 'comfortable' };
    expect([null, '', '{', 'null', '{"theme":"pink"}'].map(parsePreferences)).toEqual(Array(5).fill(none));
    expect(parsePreferences('{"theme":"dark","density":"compact"}')).toEqual({ theme: 'dark', density: 'compact' });
  });
});

describe('pages', () => {
  it('have addresses that no other has, and no more than six places in the rail', () => {
    const paths = pages.flatMap((page) => page.paths);
    expect(new Set(paths).size).toBe(paths.length);
    expect(pages.filter(({ place }) => place === 'rail').length).toBeLessThanOrEqual(6);
  });
});

describe('texts', () => {
  /** Every text with its path; functions of values are asked with some. */
  function* textsIn(value: unknown, path: string): Generator<[string, string]> {
    if (typeof value === 'string') yield [path, value];
    else if (typeof value === 'function') yield [path, String(value('2', '3', '4', '5'))];
    else for (const [name, inner] of Object.entries(value ?? {})) yield* textsIn(inner, `${path}.${name}`);
  }
  const all = Object.entries(texts).flatMap(([folder, inner]) => [...textsIn(inner, folder)]);

  it('are all there, and none is empty or misses a value', () => {
    expect(all.length).toBeGreaterThan(50);
    expect(all.filter(([, text]) => text.trim() === '' || /undefined|NaN|\[object/.test(text))).toEqual([]);
  });
});
