import { AppspaceProblem } from './problem.ts';
import { type Page, readPage } from './shapes.ts';

export const PAGE_SIZE = 100;
/** So at most 50,000 items: what is kept of each is bounded, and so are all. */
export const MOST_PAGES = 500;

export type Items<Item> = {
  items: Map<string, Item>;
  /** Why items may be missing; null when all are there. */
  problem: AppspaceProblem | null;
};

/**
 * Whether there is more behind a page. Appspace says how many there are in all as `totalCount` or as `size`, and the latter may as well be
 * the number of this page's: it counts where it is more than we have had.
 */
function isMoreBehind({ items, totalCount, size }: Page, endsAt: number): boolean {
  if (totalCount !== null) return endsAt < totalCount;
  if (size !== null && size > endsAt) return true;
  // Nobody says: there is more, unless this page was empty. A server may give less than it was asked for.
  return items.length > 0;
}

/**
 * All items of a paged list by their ids. What was read before something went wrong is kept, and `problem` says what that was.
 *
 * @param ask one page as it was answered; what it throws that is no AppspaceProblem goes through
 */
export async function readPages<Item extends { id: string }>(
  ask: (query: { start: string; limit: string }) => Promise<unknown>,
  read: (item: unknown) => Item | null,
): Promise<Items<Item>> {
  const items = new Map<string, Item>();
  const brokenOff = (code: 'NONSENSE' | 'TOO_LARGE', why: string): Items<Item> => ({
    items,
    problem: new AppspaceProblem(code, `Appspace's list ${why}`),
  });
  let start = 0;
  for (let count = 0; count < MOST_PAGES; count += 1) {
    let page: Page | null;
    try {
      page = readPage(await ask({ start: String(start), limit: String(PAGE_SIZE) }));
    } catch (err) {
      if (err instanceof AppspaceProblem) return { items, problem: err };
      throw err;
    }
    if (page === null) return brokenOff('NONSENSE', 'is missing in its answer');
    const known = items.size;
    for (const raw of page.items) {
      const item = read(raw);
      if (item !== null) items.set(item.id, item);
    }
    start += page.items.length;
    if (!isMoreBehind(page, start)) return { items, problem: null };
    if (page.items.length === 0) return brokenOff('NONSENSE', `ends at ${start}, and is said to have more`);
    // Also where none of its items has an id: asking on would find no end.
    if (items.size === known) return brokenOff('NONSENSE', `repeats itself after ${items.size} items`);
  }
  return brokenOff('TOO_LARGE', `has more than ${MOST_PAGES} pages`);
}
