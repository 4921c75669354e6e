import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DatabaseHandle } from './database.ts';
import { type AlsoOnChange, forgetFeed, isPresent, listPresent, readFeedCursor, takeFeedItems } from './feed-copy.ts';
import { copy, cursors, openFeedCopy, type RecipeItem, recipes } from './testing/feed-copy.ts';

const anItem = (id: string, overrides: Partial<RecipeItem> = {}): RecipeItem => ({
  ...{ id, version: 1, removed: false, bakesFor: '40 min', parts: { flour: 500 }, secret: 'sealed' },
  ...overrides,
});

describe('a copy of a feed', () => {
  let handle: DatabaseHandle;
  beforeAll(async () => {
    handle = await openFeedCopy();
  });
  afterAll(() => handle.close());
  beforeEach(async () => {
    await handle.db.delete(cursors);
    await handle.db.delete(recipes);
  });

  const take = async (items: RecipeItem[], from: string | null, to: string, also?: AlsoOnChange) =>
    (await takeFeedItems(handle.db, copy, items, { from, to }, also)).sort();
  const find = (...ids: string[]) => handle.db.select().from(recipes).where(isPresent(copy, ids));

  it('has what the items say, and the cursor behind them', async () => {
    expect(await readFeedCursor(handle.db, copy)).toBeNull();
    expect(
      await take([anItem('b'), anItem('a', { secret: null, parts: { 'a "b"': ['ü', null] } })], null, 'c1'),
    ).toEqual(['a', 'b']);
    expect(await readFeedCursor(handle.db, copy)).toBe('c1');
    expect(await listPresent(handle.db, copy)).toEqual(['a', 'b']);
    expect(await find('a', 'nothing')).toEqual([
      {
        ...{ recipeId: 'a', version: 1, removed: false, bakesFor: '40 min' },
        ...{ parts: { 'a "b"': ['ü', null] }, secret: null },
      },
    ]);
    expect(await take([], 'c1', 'c2')).toEqual([]);
    expect(await readFeedCursor(handle.db, copy)).toBe('c2');
  });

  it('has the newest version, in whatever order and however often they come', async () => {
    const [one, two, three] = [1, 2, 3].map((version) => anItem('a', { version, bakesFor: `${version} min` }));
    if (!one || !two || !three) throw new Error('three were made');
    expect(await take([one, three, two], null, 'c1')).toEqual(['a']);
    expect(await find('a')).toMatchObject([{ version: 3, bakesFor: '3 min' }]);
    expect(await take([one, two, three], 'c1', 'c2')).toEqual([]);
    expect(await find('a')).toMatchObject([{ version: 3, bakesFor: '3 min' }]);
    expect(await take([anItem('a', { version: 4, secret: null })], 'c2', 'c3')).toEqual(['a']);
    expect(await find('a')).toMatchObject([{ version: 4, secret: null }]);
  });

  it('has what is told anew of the same version, which is no change of the entry', async () => {
    await take([anItem('a')], null, 'c1');
    expect(await take([anItem('a', { bakesFor: '50 min' })], 'c1', 'c2')).toEqual([]);
    expect(await find('a')).toMatchObject([{ version: 1, bakesFor: '50 min' }]);
  });

  it('keeps what was removed as a tombstone, which nothing older brings back', async () => {
    await take([anItem('a')], null, 'c1');
    const gone = [anItem('a', { version: 2, removed: true, secret: null }), anItem('b', { removed: true })];
    expect(await take(gone, 'c1', 'c2')).toEqual([]);
    expect(await take([anItem('a')], 'c2', 'c3')).toEqual([]);
    expect(await listPresent(handle.db, copy)).toEqual([]);
    expect(await find('a', 'b')).toEqual([]);
    expect(await handle.db.select({ secret: recipes.secret }).from(recipes)).toContainEqual({ secret: null });
  });

  it('takes a page once when several processes read it, and never moves the cursor back', async () => {
    const outcomes = await Promise.all([1, 2, 3].map(() => take([anItem('a')], null, 'c1')));
    expect(outcomes.flat()).toEqual(['a']);
    await take([anItem('b')], 'c1', 'c2');
    expect(await take([anItem('c')], 'c1', 'c1b')).toEqual([]);
    expect(await take([anItem('c')], null, 'c0')).toEqual([]);
    expect(await readFeedCursor(handle.db, copy)).toBe('c2');
    expect(await listPresent(handle.db, copy)).toEqual(['a', 'b']);
  });

  it('does what else is to be done in the same transaction, for all that became another', async () => {
    await take([anItem('a'), anItem('b'), anItem('c'), anItem('d')], null, 'c1');
    const told: string[] = [];
    const also: AlsoOnChange = async (tx, ids) => {
      told.push(...ids);
      expect(await readFeedCursor(tx, copy)).toBe('c2');
    };
    const items = [
      anItem('a', { version: 2 }),
      anItem('b', { version: 2, removed: true }),
      anItem('c', { bakesFor: '1 min' }),
      anItem('d'),
    ];
    expect(await take(items, 'c1', 'c2', also)).toEqual(['a']);
    expect(told.sort()).toEqual(['a', 'b', 'c']);

    const failing = take([anItem('e')], 'c2', 'c3', () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(await readFeedCursor(handle.db, copy)).toBe('c2');
    expect(await find('e')).toEqual([]);
  });

  it('of another feed takes the place of the one so far, also with lower versions', async () => {
    await take([anItem('a', { version: 9 }), anItem('ghost')], null, 'old');
    await forgetFeed(handle.db, copy, 'old');
    expect(await readFeedCursor(handle.db, copy)).toBeNull();
    expect(await take([anItem('a', { version: 2, bakesFor: 'new' })], null, 'new')).toEqual(['a']);
    expect(await listPresent(handle.db, copy)).toEqual(['a']);
    expect(await find('a')).toMatchObject([{ version: 2, bakesFor: 'new' }]);
  });

  it('is forgotten only while nobody else has begun anew', async () => {
    await take([anItem('a')], null, 'c1');
    await forgetFeed(handle.db, copy, 'old');
    expect(await readFeedCursor(handle.db, copy)).toBe('c1');
    expect(await listPresent(handle.db, copy)).toEqual(['a']);
  });
});
