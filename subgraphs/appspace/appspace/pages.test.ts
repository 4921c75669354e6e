import { describe, expect, it } from 'vitest';
import { MOST_PAGES, readPages } from './pages.ts';
import { AppspaceProblem } from './problem.ts';

const read = (item: unknown): { id: string } | null => (typeof item === 'string' ? { id: item } : null);
const ids = (count: number, from = 0): string[] => Array.from({ length: count }, (_, i) => `p${from + i}`);

/** A server of these items that gives no more than `most` at a time, and says how many there are as `count` has it. */
function aServer(items: readonly unknown[], { most = 1_000, count = (_page: number) => ({}) as object } = {}) {
  const asked: number[] = [];
  const ask = ({ start, limit }: { start: string; limit: string }): Promise<unknown> => {
    asked.push(Number(start));
    const page = items.slice(Number(start), Number(start) + Math.min(most, Number(limit)));
    return Promise.resolve({ items: page, ...count(page.length) });
  };
  return { ask, asked };
}

describe('a paged list', () => {
  it.each([
    ['totalCount', () => ({ totalCount: 250 }), 3],
    ['size of the whole', () => ({ size: 250 }), 4],
    ['size of the page', (size: number) => ({ size }), 4],
    ['nothing', () => ({}), 4],
  ])('is read to its end where its count is told as %s', async (_how, count, requests) => {
    const { ask, asked } = aServer(ids(250), { count });
    const { items, problem } = await readPages(ask, read);
    expect([items.size, problem]).toEqual([250, null]);
    expect(asked).toHaveLength(requests);
  });

  it.each([1, 7, 99])('is read to its end when the server gives %i at a time, whatever was asked for', async (most) => {
    const { ask } = aServer(ids(200), { most });
    expect((await readPages(ask, read)).items.size).toBe(200);
  });

  it('that is empty is whole', async () => {
    for (const count of [() => ({ totalCount: 0 }), () => ({ size: 0 }), () => ({})])
      expect(await readPages(aServer([], { count }).ask, read)).toMatchObject({ problem: null });
  });

  it('that shifts while it is read has everybody once', async () => {
    const { ask } = aServer([...ids(100), 'p99', ...ids(50, 100)], { count: () => ({ totalCount: 151 }) });
    const { items, problem } = await readPages(ask, read);
    expect([items.size, problem]).toEqual([150, null]);
  });

  it('that repeats a page for ever is left at the second, and what it had stays', async () => {
    let requests = 0;
    const ask = () => {
      requests += 1;
      return Promise.resolve({ items: ids(20), totalCount: 1_000_000 });
    };
    const { items, problem } = await readPages(ask, read);
    expect([items.size, requests]).toEqual([20, 2]);
    expect(problem?.message).toBe("Appspace's list repeats itself after 20 items");
  });

  it('that has no items that can be read is left at once', async () => {
    const { ask, asked } = aServer(Array.from({ length: 5_000 }, () => null));
    expect((await readPages(ask, read)).problem?.message).toBe("Appspace's list repeats itself after 0 items");
    expect(asked).toEqual([0]);
  });

  it('that ends before its count says is told to be incomplete', async () => {
    const { items, problem } = await readPages(aServer(ids(100), { count: () => ({ totalCount: 180 }) }).ask, read);
    expect(items.size).toBe(100);
    expect(problem?.message).toBe("Appspace's list ends at 100, and is said to have more");
  });

  it('without an end is left after the most pages', async () => {
    let requests = 0;
    const ask = () => Promise.resolve({ items: ids(2, 2 * requests++), totalCount: 1e9 });
    const { items, problem } = await readPages(ask, read);
    expect([requests, items.size]).toEqual([MOST_PAGES, 2 * MOST_PAGES]);
    expect(problem?.message).toBe(`Appspace's list has more than ${MOST_PAGES} pages`);
  });

  it('keeps what it had when a later page goes wrong, and says why', async () => {
    const sound = aServer(ids(300), { count: () => ({ totalCount: 300 }) });
    const refused = new AppspaceProblem('FAILED', 'Appspace answered with status 500');
    const ask = (query: { start: string; limit: string }) =>
      query.start === '100' ? Promise.reject(refused) : sound.ask(query);
    expect(await readPages(ask, read)).toMatchObject({ items: { size: 100 }, problem: refused });
    expect((await readPages(() => Promise.resolve({ message: 'hello' }), read)).problem?.message).toBe(
      "Appspace's list is missing in its answer",
    );
  });

  it('lets our own stop through', async () => {
    await expect(readPages(() => Promise.reject(new Error('the worker is stopping')), read)).rejects.toThrow(
      'stopping',
    );
  });
});
