import { describe, expect, it } from 'vitest';
import { detailOf, GAP, layOut, type SiteCount, type WallLayout } from './layout-rules.ts';

/** What is left of 1920 x 1080 below the strip. */
const SCREEN = { width: 1888, height: 910 };
const halls = (sites: number, each: number): SiteCount[] =>
  Array.from({ length: sites }, (_, index) => ({ path: `museum/hall-${index}`, count: each }));
const on = (sites: readonly SiteCount[], { width, height } = SCREEN) => layOut(sites, width, height);

const bottomOf = (layout: WallLayout, { from, to, top }: WallLayout['blocks'][number]): number =>
  top + layout.heading + Math.ceil((to - from) / layout.columns) * (layout.tileHeight + GAP) - GAP;

describe('the tiles of the wall', () => {
  it.each([
    ['a thousand at 40 sites', halls(40, 25)],
    ['a thousand at one site', halls(1, 1_000)],
    ['a thousand at sites of all sizes', [...halls(30, 3), { path: 'tower', count: 610 }, ...halls(10, 30)]],
    ['a thousand at 200 sites', halls(200, 5)],
  ])('%s are all on a screen of 1920 by 1080, large enough to be met', (_name, sites) => {
    const layout = on(sites);
    expect(layout.height).toBeLessThanOrEqual(SCREEN.height);
    expect(Math.min(layout.tileWidth, layout.tileHeight)).toBeGreaterThanOrEqual(24);
    for (const block of layout.blocks) expect(block.left + layout.blockWidth).toBeLessThanOrEqual(SCREEN.width);
  });

  it('are there once each, in order, and none lies over another', () => {
    const sites = halls(17, 41);
    const layout = on(sites);
    for (const { path, count } of sites) {
      const parts = layout.blocks.filter((block) => block.path === path);
      expect(parts.flatMap(({ from, to }) => [from, to])).toEqual([
        0,
        ...parts.slice(1).flatMap(({ from }) => [from, from]),
        count,
      ]);
    }
    for (const [index, block] of layout.blocks.entries()) {
      const next = layout.blocks[index + 1];
      if (next?.left === block.left) expect(next.top).toBeGreaterThan(bottomOf(layout, block));
      else if (next !== undefined) expect([next.left >= block.left + layout.blockWidth, next.top]).toEqual([true, 0]);
    }
  });

  it('are large when there are twelve, and say all that is known', () => {
    const layout = on([
      { path: 'museum/hall-1', count: 7 },
      { path: 'museum/hall-2', count: 5 },
    ]);
    expect(layout.tileWidth).toBeGreaterThan(300);
    expect(layout.tileHeight).toBeGreaterThan(120);
    expect(detailOf(layout)).toBe('all');
  });

  it('get smaller with their number, and never larger', () => {
    const areas = [12, 50, 100, 200, 500, 1_000].map((count) => {
      const { tileWidth, tileHeight } = on(halls(10, Math.ceil(count / 10)));
      return tileWidth * tileHeight;
    });
    expect(areas).toEqual(areas.toSorted((a, b) => b - a));
  });

  it('of a phone have room for their names and go on below its screen', () => {
    const layout = layOut(halls(10, 10), 304, 400);
    expect(layout.columns).toBe(2);
    expect(layout.blockWidth).toBeLessThanOrEqual(304);
    expect(layout.height).toBeGreaterThan(400);
    expect(detailOf(layout)).toBe('name');
  });

  it('too many for the smallest tile go on below the screen, and none is left out', () => {
    const layout = layOut(halls(10, 1_000), 800, 600);
    expect(layout.height).toBeGreaterThan(600);
    expect(layout.blocks.reduce((sum, { from, to }) => sum + to - from, 0)).toBe(10_000);
  });

  it('are none where there are no sites', () => {
    expect(on([]).blocks).toEqual([]);
  });
});
