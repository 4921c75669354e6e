/** A place and how many tiles it has, in the order in which they stand. */
export type SiteCount = { path: string; count: number };

/** Tiles of one site, or a part of them where a column ended in between. Pixels from the upper left corner. */
export type Block = {
  path: string;
  /** Its first tile and the one behind its last, counted within the site. */
  from: number;
  to: number;
  left: number;
  top: number;
};

export type WallLayout = {
  blocks: readonly Block[];
  /** Tiles beside each other in a block. */
  columns: number;
  tileWidth: number;
  tileHeight: number;
  /** Of a block. */
  blockWidth: number;
  /** The height of the line with a site's name. */
  heading: number;
  /** Of all; more than there is room for only where tiles could be no smaller. */
  height: number;
};

export const GAP = 4;
const COLUMN_GAP = 12;
const BLOCK_GAP = 8;
/** The line with a site's name: to be read from three metres where there is room for it, and from a chair otherwise. */
const HEADINGS = [40, 20] as const;
/** The least that a finger or an unsteady hand meets (WCAG 2.2, 2.5.8). */
const MIN_TILE = 24;
const MAX_TILE = { width: 440, height: 260 };
/** A name wants a tile that is wider than high. */
const WANTED_RATIO = 1.7;
/** Below this width it is a phone (wall.css: 800 px with its margins): two tiles beside each other with room for names, and the page scrolls downwards. */
const PHONE_WIDTH = 785;
const PHONE_TILE = { width: 130, height: 56 };
/** Of sites beside each other: with more, their names have no room. */
const MAX_COLUMNS = 16;

type Shape = { pageColumns: number; columns: number; tileWidth: number; blockWidth: number; heading: number };

/** Places blocks one below the other, column after column; null where they need more columns than there are. */
function place(sites: readonly SiteCount[], shape: Shape, tileHeight: number, height: number): Block[] | null {
  const rowHeight = tileHeight + GAP;
  const blocks: Block[] = [];
  let column = 0;
  let top = 0;
  const turn = (): boolean => {
    column += 1;
    top = 0;
    return column < shape.pageColumns;
  };
  const fits = (rows: number): boolean => top + shape.heading + rows * rowHeight - GAP <= height;
  for (const { path, count } of sites) {
    let from = 0;
    while (from < count) {
      const rows = Math.ceil((count - from) / shape.columns);
      // A site that fits into a column of its own is not torn apart.
      const isWhole = shape.heading + rows * rowHeight - GAP <= height;
      if (!fits(isWhole ? rows : 1) && !turn()) return null;
      const room = Math.floor((height - top - shape.heading + GAP) / rowHeight);
      if (room < 1) return null;
      const taken = Math.min(rows, room);
      const to = Math.min(count, from + taken * shape.columns);
      blocks.push({ path, from, to, left: column * (shape.blockWidth + COLUMN_GAP), top });
      top += shape.heading + taken * rowHeight - GAP + BLOCK_GAP;
      from = to;
    }
  }
  return blocks;
}

const worth = (tileWidth: number, tileHeight: number): number => Math.min(tileWidth, tileHeight * WANTED_RATIO);

/** The highest tiles of a width with which all fits; null where not even the smallest do. */
function highest(
  sites: readonly SiteCount[],
  shape: Shape,
  height: number,
): { tileHeight: number; blocks: Block[] } | null {
  let low = MIN_TILE;
  let best = place(sites, shape, low, height);
  if (best === null) return null;
  let high = Math.min(MAX_TILE.height, shape.tileWidth);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const blocks = place(sites, shape, middle, height);
    if (blocks === null) high = middle - 1;
    else {
      low = middle;
      best = blocks;
    }
  }
  return { tileHeight: low, blocks: best };
}

function shapeOf(width: number, pageColumns: number, columns: number, heading: number): Shape {
  const room = (width - (pageColumns - 1) * COLUMN_GAP) / pageColumns;
  const tileWidth = Math.min(MAX_TILE.width, Math.floor((room - (columns - 1) * GAP) / columns));
  return { pageColumns, columns, tileWidth, blockWidth: columns * (tileWidth + GAP) - GAP, heading };
}

function heightOf(blocks: readonly Block[], { columns, heading }: Shape, tileHeight: number): number {
  const ends = blocks.map(({ from, to, top }) => {
    const rows = Math.ceil((to - from) / columns);
    return top + heading + rows * (tileHeight + GAP) - GAP;
  });
  return Math.max(0, ...ends);
}

const layoutOf = (shape: Shape, tileHeight: number, blocks: readonly Block[]): WallLayout => {
  const { columns, tileWidth, blockWidth, heading } = shape;
  return { blocks, columns, tileWidth, tileHeight, blockWidth, heading, height: heightOf(blocks, shape, tileHeight) };
};

/** The largest tiles with which all fit, below names of sites of this height; null where not even the smallest do. */
function largest(
  sites: readonly SiteCount[],
  room: { width: number; height: number },
  heading: number,
): WallLayout | null {
  const total = sites.reduce((sum, { count }) => sum + count, 0);
  const most = Math.min(total, Math.floor((room.width + GAP) / (MIN_TILE + GAP)));
  let best: WallLayout | null = null;
  let bestWorth = 0;
  // Of what is as good, the last one is taken: with the fewest columns of sites, and the most tiles beside each other.
  for (let pageColumns = MAX_COLUMNS; pageColumns >= 1; pageColumns -= 1) {
    for (let columns = 1; columns * pageColumns <= most; columns += 1) {
      const shape = shapeOf(room.width, pageColumns, columns, heading);
      if (shape.tileWidth < MIN_TILE || shape.tileWidth < bestWorth) continue;
      const found = highest(sites, shape, room.height);
      if (found === null || worth(shape.tileWidth, found.tileHeight) < bestWorth) continue;
      bestWorth = worth(shape.tileWidth, found.tileHeight);
      best = layoutOf(shape, found.tileHeight, found.blocks);
    }
  }
  return best;
}

/**
 * Packs all tiles into `width` by `height` pixels, as large as they can be, all alike. It depends on the sites, their counts and the room
 * alone: a tile keeps its place whatever its status becomes. On a phone, and where there are too many for the smallest tile,
 * it gets higher than there is room for.
 */
export function layOut(sites: readonly SiteCount[], width: number, height: number): WallLayout {
  const isPhone = width < PHONE_WIDTH;
  const [large, small] = HEADINGS;
  if (!isPhone) {
    const roomy = largest(sites, { width, height }, large);
    if (roomy !== null && detailOf(roomy) === 'all') return roomy;
    const dense = largest(sites, { width, height }, small);
    if (dense !== null) return dense;
  }
  const columns = Math.max(1, Math.floor((width + GAP) / ((isPhone ? PHONE_TILE.width : MIN_TILE) + GAP)));
  const shape = shapeOf(width, 1, columns, small);
  const tileHeight = isPhone ? PHONE_TILE.height : MIN_TILE;
  return layoutOf(shape, tileHeight, place(sites, shape, tileHeight, Number.POSITIVE_INFINITY) ?? []);
}

/** How much a tile has room for: `shape` alone, the `name` beside it, or `all` that is known. */
export function detailOf({
  tileWidth,
  tileHeight,
}: Pick<WallLayout, 'tileWidth' | 'tileHeight'>): 'shape' | 'name' | 'all' {
  if (tileWidth >= 150 && tileHeight >= 84) return 'all';
  return tileWidth >= 84 && tileHeight >= 40 ? 'name' : 'shape';
}
